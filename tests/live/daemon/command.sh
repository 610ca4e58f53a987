# `falcod -- COMMAND` ends as the command ends, and passes signals on.
source "$(dirname "$0")/lib.sh"
need_live

falcod -q -- sh -c 'exit 7'
expect_status 7
falcod -q -- sh -c 'kill -TERM $$'
expect_status 143
falcod -q -- no-such-command-here
expect_status 127
expect_text stderr E0806
falcod -q -- /etc/passwd
expect_status 126

# Its standard input and output are falcod's.
echo through | "$FALCOD" -q -r "$RULES" -- cat >"$scratch/stdout" 2>"$scratch/stderr"
expect_text stdout through

# SIGTERM reaches the command, whose answer counts.
in_background "$FALCOD" -r "$RULES" -- bash -c 'trap "exit 9" TERM; while :; do sleep 0.05; done'
wait_for 60 grep -q 'started sleep' "$scratch/stdout" || fail "the command does not run"
stop_falcod TERM
expect_status 9

# A second one does not wait for it.
in_background "$FALCOD" -r "$RULES" -- bash -c 'trap "" TERM; for i in {1..100}; do sleep 0.1; done'
wait_for 60 grep -q 'started sleep' "$scratch/stdout" || fail "the command does not run"
kill -TERM "$daemon"
sleep 0.3
kill -0 "$daemon" || fail "the first signal ended falcod before its command"
stop_falcod TERM
expect_status 143
done_testing
