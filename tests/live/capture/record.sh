# What falcod records raises the same alerts when it is replayed, plain and compressed.
source "$(dirname "$0")/../daemon/lib.sh"
need_live

act='cat /etc/hostname >/dev/null; cd /tmp; : >'$marker'; (exec -a renamed sh -c ": <'$marker'"); rm '$marker
for capture in "$scratch/a.scap" "$scratch/b.scap.gz"; do
  falcod -o json_output=true -w "$capture" -- sh -c "$act"
  expect_status 0
  expect_text stderr "Events recorded: " "Events lost: 0"
  expect_no_text stderr "missing in the recording"
  expect_alert "Program started" "cat /etc/hostname"
  expect_alert "Marked file opened" "/tmp/$marker"
  cp "$alerts" "$scratch/live"

  falcod -o json_output=true -e "$capture"
  expect_status 0
  expect_text stderr "Events replayed: "
  diff "$scratch/live" "$alerts" >&2 || fail "replayed alerts differ from those live"
done
gzip -t "$scratch/b.scap.gz" || fail "not a complete gzip file"

# A recording that is cut off is used up to there.
head -c -10 "$scratch/a.scap" >"$scratch/cut.scap"
falcod -o json_output=true -e "$scratch/cut.scap"
expect_status 4
expect_text stderr "E0723"
expect_alert "Marked file opened" "/tmp/$marker"

# A disk that takes nothing costs the recording, not the alerts.
falcod -o json_output=true -w /dev/full -- cat /etc/hostname
expect_status 0
expect_text stderr "E0726" "Events missing in the recording: "
expect_alert "Program started" "cat /etc/hostname"
done_testing
