# Standard output that is closed or stands still: said and counted, and never a reason to hang.
source "$(dirname "$0")/lib.sh"
need_live

# Closed: nothing is left to do, so falcod ends and says why.
mkfifo "$scratch/pipe"
"$FALCOD" -r "$RULES" >"$scratch/pipe" 2>"$scratch/stderr" &
daemon=$!
exec 3<"$scratch/pipe"
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
exec 3<&-
for i in {1..50}; do
  kill -0 "$daemon" 2>/dev/null || break
  : 2>/dev/null <"/tmp/$marker-closed"
  sleep 0.1
done
wait "$daemon"
last_status=$?
expect_status 4
expect_text stderr E0808 "Alerts lost at stdout: " "Broken pipe: "

# Closed from the start: refused, and no other file takes its number.
"$FALCOD" -r "$RULES" -- true >&- 2>"$scratch/stderr"
last_status=$?
expect_status 4
expect_text stderr E0808 "standard output is closed"

# Closed under a command: the command goes on and its status counts.
"$FALCOD" -r "$RULES" -- bash -c "
  for i in {1..20}; do : 2>/dev/null </tmp/$marker-closed; sleep 0.01; done; exit 5" \
  2>"$scratch/stderr" | true
last_status=${PIPESTATUS[0]}
expect_status 5
expect_text stderr "Alerts lost at stdout: "

# Standing still with more alerts than pipe and queue hold: the command is not slowed down, the
# rest is counted.
"$FALCOD" -r "$RULES" -o outputs_queue.capacity=100 -- bash -c "
  for i in {1..2000}; do : 2>/dev/null </tmp/$marker-still; done; exit 6" \
  >"$scratch/pipe" 2>"$scratch/stderr" &
daemon=$!
exec 3<"$scratch/pipe"
wait "$daemon"
last_status=$?
exec 3<&-
expect_status 6
expect_text stderr "Alerts lost at stdout: " "queue full: "
done_testing
