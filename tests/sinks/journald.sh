# journald: alerts of syslog_output and falcod's own log are entries of its journal, with level and program. In namespaces of
# its own, where /dev and /run are the test's.
if [[ ${1-} != inside ]]; then
  source "$(dirname "$0")/lib.sh"
  [[ -x /lib/systemd/systemd-journald ]] || skip "systemd-journald is not installed"
  need journalctl systemd
  ((EUID == 0)) || skip "needs root, to mount"
  unshare --mount --pid --fork --kill-child true 2>/dev/null || skip "no namespaces can be made"
  mkdir "$scratch/dev" # what is mounted there goes with the namespace
  unshare --mount --pid --fork --kill-child bash "$0" inside "$scratch/dev"
  exit $?
fi
dev=$2
source "$(dirname "$0")/lib.sh"
mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /run || skip "no mounts can be made"
mount -t tmpfs tmpfs "$dev"
for node in null zero full random urandom kmsg; do
  [[ -e /dev/$node ]] || continue
  : >"$dev/$node"
  mount --bind "/dev/$node" "$dev/$node"
done
ln -s /proc/self/fd "$dev/fd"
mkdir -p /run/systemd/journal /run/log/journal
ln -s /run/systemd/journal/dev-log "$dev/log" # as systemd has it
mount --bind "$dev" /dev
serve /lib/systemd/systemd-journald
wait_for 30 test -S /run/systemd/journal/dev-log || skip "journald does not start: $(tail -n 1 "$scratch/server.log")"

cat >"$scratch/falco.yaml" <<YAML
rules_files: [$RULES]
stdout_output: {enabled: true}
syslog_output: {enabled: true}
log_stderr: false
log_syslog: true
YAML
"$FALCOD" -c "$scratch/falco.yaml" -e "$CAPTURE" >"$scratch/stdout" 2>"$scratch/stderr" || fail "falcod failed"
sent=$(wc -l <"$scratch/stdout")
((sent > 3)) || fail "only $sent alerts"
journal() { journalctl --directory /run/log/journal -o json --no-pager 2>/dev/null >"$scratch/journal"; }
complete() { journal && grep -q 'Events replayed' "$scratch/journal"; }
wait_for 30 complete || fail "falcod's own log is not in the journal"
python3 - "$scratch/journal" "$scratch/stdout" <<'PY' || fail "the journal is not as it should be"
import json, sys
entries = [json.loads(line) for line in open(sys.argv[1])]
entries = [e for e in entries if e.get("SYSLOG_IDENTIFIER") == "falcod"]
messages = {e["MESSAGE"]: e for e in entries}
levels = {"Emergency": 0, "Alert": 1, "Critical": 2, "Error": 3, "Warning": 4, "Notice": 5, "Informational": 6, "Debug": 7}
for line in open(sys.argv[2]):
    line = line.rstrip("\n")
    assert line in messages, line
    level = levels[line.split(": ", 1)[1].split(" ", 1)[0]]
    assert int(messages[line]["PRIORITY"]) == level, messages[line]
PY
done_testing
