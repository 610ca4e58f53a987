# What systemd would see: READY when falcod watches, WATCHDOG while it lives, STOPPING at the end. And the
# rights that falcod has while it watches.
source "$(dirname "$0")/lib.sh"
need_live
command -v python3 >/dev/null || skip "python3 is not installed"
cat >"$scratch/listen.py" <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1] + "/notify")
open(sys.argv[1] + "/listening", "w").close()
while True:
    text = s.recv(4096).decode()
    with open(sys.argv[1] + "/heard", "a") as f: f.write(text + "\n")
PY
python3 "$scratch/listen.py" "$scratch" &
listener=$!
trap 'kill "$listener" 2>/dev/null; wait "$listener" 2>/dev/null; finish' EXIT
wait_for 30 test -e "$scratch/listening" || fail "the listener does not start"

filters() { awk '/^Seccomp_filters/ {print $2}' "$1/status"; }
is_filtered() { (($(filters "$1") > $(filters /proc/self))); }

NOTIFY_SOCKET=$scratch/notify WATCHDOG_USEC=200000 start_falcod
wait_for 30 grep -qx READY=1 "$scratch/heard" || fail "not ready"
wait_for 30 grep -qx "MAINPID=$daemon" "$scratch/heard" || fail "no process id"
wait_for 30 grep -qx WATCHDOG=1 "$scratch/heard" || fail "no sign of life"
grep -q '^NoNewPrivs:.1$' "/proc/$daemon/status" || fail "new privileges could be had"
for thread in /proc/"$daemon"/task/*; do
  # Bits of CAP_SETUID (7), CAP_NET_RAW (13), CAP_SYS_MODULE (16)
  effective=$((16#$(awk '/^CapEff/ {print $2}' "$thread/status")))
  ((effective & (1 << 7 | 1 << 13 | 1 << 16))) && fail "thread $thread has rights that nobody needs"
  # One filter of system calls more than this shell has.
  wait_for 30 is_filtered "$thread" || fail "thread $thread may make any call"
done
: 2>/dev/null <"/tmp/$marker-service"
wait_for 30 grep -qF "$marker-service" "$scratch/stdout" || fail "no alert without the rights"
stop_falcod TERM
expect_status 0
wait_for 30 grep -qx STOPPING=1 "$scratch/heard" || fail "the end was not told of"
done_testing
