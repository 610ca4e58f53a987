# SIGHUP: a service loads its rules again, at a terminal it ends as by
# SIGTERM, under nohup nothing happens, and a command gets it as any other signal.
source "$(dirname "$0")/lib.sh"
need_live
command -v setsid >/dev/null || skip "setsid is not installed"
command -v script >/dev/null || skip "script is not installed"

# Without a terminal.
in_background setsid "$FALCOD" -r "$RULES"
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
kill -HUP "$daemon"
wait_for 60 grep -q 'rules loaded again' "$scratch/stderr" || fail "SIGHUP is not answered"
: 2>/dev/null <"/tmp/$marker-after-hangup"
wait_for 5 grep -qF "opened /tmp/$marker-after-hangup" "$scratch/stdout" || fail "no alert after SIGHUP"
stop_falcod TERM
expect_status 0
expect_text stderr "Events lost: 0"

# At a terminal, which script makes.
cat >"$scratch/at_terminal" <<SCRIPT
"$FALCOD" -r "$RULES" >"$scratch/stdout" 2>"$scratch/stderr" &
echo \$! >"$scratch/pid"
wait \$!
echo \$? >"$scratch/status"
SCRIPT
rm "$scratch/stderr"
script -qec "bash $scratch/at_terminal" /dev/null >/dev/null </dev/null &
terminal=$!
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start at a terminal"
kill -HUP "$(cat "$scratch/pid")"
wait "$terminal"
last_status=$(cat "$scratch/status")
expect_status 0
expect_text stderr "Events detected: "
expect_no_text stderr "loaded again"

# A command answers itself.
in_background "$FALCOD" -r "$RULES" -- bash -c 'trap "exit 9" HUP; while :; do sleep 0.05; done'
wait_for 60 grep -q 'started sleep' "$scratch/stdout" || fail "the command does not run"
stop_falcod HUP
expect_status 9
done_testing
