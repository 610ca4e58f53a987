# `falcod -- COMMAND` reports on the command and all its descendants, and on nobody else.
source "$(dirname "$0")/lib.sh"
need_live

# Outside: opens a marked file all the time while the command runs.
(while :; do : <"/tmp/$marker-outside"; done) 2>/dev/null &
outsider=$!
# Inside: the command itself, a child, an orphaned grandchild that outlives its parent.
falcod -q -o json_output=true -- bash -c "
  : 2>/dev/null </tmp/$marker-self
  bash -c ': </tmp/$marker-child' 2>/dev/null
  bash -c '(sleep 0.2; exec 2>/dev/null; : </tmp/$marker-orphan) & '
  sleep 0.5
  exit 0"
kill "$outsider"
wait "$outsider" 2>/dev/null
expect_status 0
expect_alert "Marked file opened" "/tmp/$marker-self" '"evt.rawres":-2'
expect_alert "Marked file opened" "/tmp/$marker-child"
expect_alert "Marked file opened" "/tmp/$marker-orphan"
expect_no_text stdout "$marker-outside"

# What the command does last is not cut off by its end.
for i in {1..20}; do
  falcod -q -o json_output=true -- bash -c ": </tmp/$marker-last-$i" 2>/dev/null
  expect_alert "Marked file opened" "/tmp/$marker-last-$i"
done
done_testing
