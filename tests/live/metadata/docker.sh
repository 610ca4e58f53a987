# Docker's API, and metadata that means harm: labels of a mebibyte, bytes that are no UTF-8, control characters, JSON and formats
# in names. It comes out as text, in both kinds of lines. Healthchecks are told from the container's own work.
source "$(dirname "$0")/lib.sh"
need_live
command -v python3 >/dev/null || skip "python3 is not installed"
make_container
ln -sf busybox "$scratch/image/bin/echo"
python3 "$(dirname "$0")/helpers/docker_api.py" "$scratch/docker.sock" "$container_id" &
engine=$!
trap 'kill "$engine" 2>/dev/null; finish' EXIT
wait_for 20 test -S "$scratch/docker.sock" || fail "the engine does not start"

# run_container WORD…: a container of runc in the cgroup that Docker would put it into.
run_container() {
  local words
  words=$(printf ',"%s"' "$@")
  cat >"$scratch/config.json" <<JSON
{"ociVersion": "1.0.2", "root": {"path": "$scratch/rootfs"}, "hostname": "test",
 "process": {"terminal": false, "cwd": "/", "user": {"uid": 0, "gid": 0}, "rlimits": [], "env": ["PATH=/bin"],
   "args": [${words#,}], "capabilities": {}},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
 "linux": {"cgroupsPath": "/docker/$container_id", "namespaces": [
   {"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}]}}
JSON
  runc run --detach --bundle "$scratch" "$container_id" </dev/null >>"$scratch/runc.log" 2>&1 ||
    fail "runc: $(tail -n 1 "$scratch/runc.log")"
}
configure() { # JSON-OUTPUT
  no_other_engine "" "" 10s
  sed -i "s|docker: {enabled: false}|docker: {sockets: [$scratch/docker.sock]}|; s|^json_output: .*|json_output: $1|" "$scratch/falco.yaml"
}

configure true
start_configured
run_container /bin/sh -c "sleep 3" "$marker"
runc exec "$container_id" /bin/echo healthy >/dev/null 2>&1
runc exec "$container_id" /bin/echo "$marker-else" >/dev/null 2>&1
stop_watching
runc delete --force "$container_id" >/dev/null 2>&1

check "$marker" "$container_id" <<'PYTHON'
import json, sys
alerts, marker, container = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
def alert(rule, cmdline):
    hits = [a for a in found if a["rule"] == rule and a["output_fields"]["proc.cmdline"] == cmdline and
            a["output_fields"].get("container.full_id") == container]
    assert hits, f"no alert of {rule} on {cmdline}"
    return hits[0]
first = alert("Hostile container", f"sh -c sleep 3 {marker}")
fields = first["output_fields"]
name = "evil\x1b[31m\"},{\"rule\":\"forged\"}\n%container.id"
expected = {
    "container.name": name, "container.type": "docker", "container.image": "registry.example:5000/shop/web:v2",
    "container.image.repository": "registry.example:5000/shop/web", "container.image.tag": "v2",
    "container.image.digest": "sha256:" + "7" * 64, "container.image.id": "9" * 64, "container.ip": "172.17.0.9",
    "container.label[huge]": None, "container.label[ansi]": "\x1b[2J\x07",
    "container.label[json]": "\",\"priority\":\"Emergency\"", "container.label[template]": "{{ .Name }} ${HOME} %proc.name",
    "container.label[bytes]": "\ufffd\ufffd\ufffd(", "container.mount.source[0]": "/var/run/docker.sock",
    "container.healthcheck": "/bin/echo healthy", "proc.is_container_healthcheck": False,
}
for key, value in expected.items():
    assert fields[key] == value, f"{key}: {fields[key]!r} instead of {value!r}"
assert first["priority"] == "Notice" and name in first["output"]
assert alert("Healthcheck", "echo healthy")
assert not [a for a in found if a["rule"] == "Healthcheck" and "else" in a["output_fields"]["proc.cmdline"]]
PYTHON

# As text, an alert is one line of printable characters.
configure false
start_configured
run_container /bin/echo "$marker-text"
stop_falcod TERM
grep "echo $marker-text" "$scratch/stdout" | grep -F 'Notice hostile' >"$alerts" || fail "no alert as text"
grep -qF 'evil\u001b[31m\"},{\"rule\":\"forged\"}\n%container.id' "$alerts" || fail "the name is not escaped"
! LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f]' "$alerts" || fail "control characters"
iconv -f UTF-8 -t UTF-8 "$alerts" >/dev/null || fail "no UTF-8"
done_testing
