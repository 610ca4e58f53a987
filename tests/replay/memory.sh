# What a replay takes of memory does not depend on how long the capture is.
set -eu
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
short=20 long=400
for times in $short $long; do
  python3 "$SUPPORT/repeat_capture.py" "$CAPTURE" $times "$scratch/$times.scap" >"$scratch/$times.count"
done
python3 - "$FALCOD" "$RULES" "$scratch" $short $long <<'PY'
import os, re, subprocess, sys
falcod, rules, scratch, *lengths = sys.argv[1:]
peaks, alerts = [], []
for length in lengths:
    # Nobody to wait for: alerts in a queue are no memory of the replay.
    child = subprocess.Popen([falcod, "-r", rules, "-e", f"{scratch}/{length}.scap"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    alerts.append(int(re.search(r"^Events detected: ([0-9]+)$", child.stderr.read(), re.M)[1]))
    _, status, usage = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status
    peaks.append(usage.ru_maxrss)
counts = [int(open(f"{scratch}/{length}.count").read().split()[1]) for length in lengths]
print(f"{counts[0]} events: {alerts[0]} alerts, {peaks[0]} KiB; {counts[1]} events: {alerts[1]} alerts, {peaks[1]} KiB")
assert counts[1] == 20 * counts[0] and alerts[1] >= 19 * alerts[0] > 0, (counts, alerts)
# Twenty times as long; allocators and queues may round by some.
assert peaks[1] < peaks[0] + 6 * 1024, peaks
PY
