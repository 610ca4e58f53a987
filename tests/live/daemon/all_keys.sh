# A falco.yaml with every key starts falcod without an error; --config-check says what each came to.
source "$(dirname "$0")/lib.sh"
yaml=$ALL_KEYS

"$FALCOD" --config-check -c "$yaml" -r "$RULES" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 0
expect_text stdout "falco.yaml: Ok (0 errors, 0 warnings, "
expect_text stderr N0837 "engine.kmod.buf_size_preset has no effect"

echo 'stdout_output: {enabled: maybe}' >"$scratch/wrong.yaml"
"$FALCOD" --config-check -c "$scratch/wrong.yaml" -r "$RULES" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 2
expect_text stdout "wrong.yaml: Invalid (1 errors"
expect_text stderr "wrong.yaml:1:26: error[E0830]"

"$FALCOD" --config-schema >"$scratch/stdout"
expect_text stdout '"json_output"' '"rules_files"'

need_live
in_background "$FALCOD" -c "$yaml" -r "$RULES" -o "webserver.listen_port=$((20000 + $$ % 20000))"
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
expect_no_text stderr "error["
expect_no_text stderr "warning[W083" # of keys; a host without syslog is told of otherwise
stop_falcod TERM
expect_status 0
done_testing
