# Podman's HTTP API: every field of a container is in the alert of its first process; the service may end, and
# come back.
source "$(dirname "$0")/lib.sh"
need_live
need_podman
start_podman_service
no_other_engine "" "$podman_socket"
start_configured
mkdir -p "$scratch/mounted"
id=$(podman_ run --detach --net=none --name api-test --privileged --volume "$scratch/mounted:/in:ro" \
  --label short=value --label "long=$(printf 'x%.0s' {1..200})" --label ansi=$'\e[31mred' --label 'json={"a":"%container.id"}' \
  localhost/falcoc-test:one /bin/sleep 2 "$marker" 2>>"$scratch/podman.log")
podman_ wait api-test >/dev/null 2>&1

# The engine is gone, and comes back while the alert waits.
stop_podman_service
podman_ run --net=none --name gone-test localhost/falcoc-test:one /bin/echo "$marker-gone" >/dev/null 2>&1
start_podman_service
podman_ run --net=none --pid=host --name back-test localhost/falcoc-test:one /bin/echo "$marker-back" >/dev/null 2>&1

# It stays away: the alert comes without.
stop_podman_service
podman_ run --net=none --name dead-test localhost/falcoc-test:one /bin/echo "$marker-dead" >/dev/null 2>&1
stop_watching
image_id=$(podman_ image inspect --format '{{.Id}}' localhost/falcoc-test:one)
digest=$(podman_ image inspect --format '{{.Digest}}' localhost/falcoc-test:one)

check "$marker" "$id" "$image_id" "$digest" "$scratch" <<'PYTHON'
import json, sys
alerts, marker, container, image, digest, scratch = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
def alert(rule, cmdline):
    return next(a for a in found if a["rule"] == rule and a["output_fields"]["proc.cmdline"] == cmdline)
known = alert("Container known to the condition", f"sleep 2 {marker}")
fields = known["output_fields"]
expected = {
    "container.id": container[:12], "container.full_id": container, "container.name": "api-test",
    "container.type": "podman", "container.image": "localhost/falcoc-test:one", "container.image.id": image,
    "container.image.repository": "localhost/falcoc-test", "container.image.tag": "one",
    "container.image.digest": digest, "container.privileged": True,
    "container.mounts": f"{scratch}/mounted:/in::false:rprivate",
    "container.mount.source[/in]": f"{scratch}/mounted", "container.mount.mode[0]": "",
    "container.mount.rdwr[0]": "false", "container.mount.propagation[0]": "rprivate",
    "container.host_pid": False, "container.host_network": False, "container.host_ipc": False,
    "container.label[test]": "label", "container.ip": "", "container.cni.json": "", "proc.vpid": 1,
    "container.labels": 'ansi:\x1b[31mred, json:{"a":"%container.id"}, short:value, test:label',
}
for name, value in expected.items():
    assert fields[name] == value, f"{name}: {fields[name]!r} instead of {value!r}"
assert fields["container.start_ts"] > 10**18 and fields["container.duration"] > 0
assert alert("Container known to the output", f"sleep 2 {marker}")["output_fields"]["container.name"] == "api-test"
assert alert("Container known to the output", f"echo {marker}-gone")["output_fields"]["container.name"] == "gone-test"
assert alert("Container known to the output", f"echo {marker}-dead")["output_fields"]["container.name"] is None
assert alert("Container not asked for", f"echo {marker}-dead")
back = alert("Container known to the condition", f"echo {marker}-back")
assert back["output_fields"]["container.name"] == "back-test" and back["output_fields"]["container.host_pid"] is True
PYTHON
done_testing
