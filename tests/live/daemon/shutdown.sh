# Watching the whole machine: alerts at once, SIGINT and SIGTERM end cleanly with a summary, -M too.
source "$(dirname "$0")/lib.sh"
need_live

for signal in TERM INT; do
  start_falcod
  before=$(date +%s%N)
  : 2>/dev/null <"/tmp/$marker-$signal"
  wait_for 5 grep -qF "opened /tmp/$marker-$signal" "$scratch/stdout" || fail "no alert"
  late=$((($(date +%s%N) - before) / 1000000))
  # 100 ms promised; a loaded machine may give the waiting shell itself the processor late.
  ((late < 500)) || fail "the alert came after $late ms"
  stop_falcod "$signal"
  expect_status 0
  expect_text stderr "Events detected: " "   WARNING: " "   Marked file opened: " \
    "System call events read: "
done

# Without -M it would not end before the test's own limit.
falcod -q -M 1
expect_status 0
expect_no_text stderr "Events detected"
done_testing
