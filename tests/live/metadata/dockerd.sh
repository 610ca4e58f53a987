# Docker itself: every field of a container is in the alert of its first process, young ones included; its healthchecks are told
# from what others execute there; the daemon ends while containers run, and comes back.
source "$(dirname "$0")/lib.sh"
need_live
need_docker
no_other_engine "" "" 20s
sed -i "s|docker: {enabled: false}|docker: {sockets: [$docker_socket]}|" "$scratch/falco.yaml"
start_configured
mkdir -p "$scratch/mounted"
id=$(docker_ run --detach --network none --name docker-test --volume "$scratch/mounted:/in:ro" \
  --label test=label --label 'json={"a":"%container.id"}' --health-cmd '/bin/echo well' --health-interval 1s --user 0 \
  localhost/falcoc-test:one /bin/sh -c "sleep 1000" "$marker") || fail "docker: $(tail -n 1 "$scratch/docker.log")"
docker_ run --rm --network none --pid host --ipc host --name brief localhost/falcoc-test:one /bin/echo "$marker-brief" >/dev/null
healthy() { [[ $(docker_ inspect --format '{{.State.Health.Status}}' "$id") == healthy ]]; }
wait_for 30 healthy || fail "Docker never checked the container's health"
docker_ exec "$id" /bin/echo "$marker-exec" >/dev/null

# The daemon is away while its containers run on, then back while an alert waits for it.
stop_docker
start_docker
docker_ run --rm --network none --name back localhost/falcoc-test:one /bin/echo "$marker-back" >/dev/null
docker_ rm --force "$id" >/dev/null
stop_watching
image=$(docker_ image inspect --format '{{.Id}}' localhost/falcoc-test:one)

check "$marker" "$id" "${image#sha256:}" "$scratch" <<'PYTHON'
import json, sys
alerts, marker, container, image, scratch = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
def alert(rule, cmdline):
    hits = [a["output_fields"] for a in found if a["rule"] == rule and a["output_fields"]["proc.cmdline"] == cmdline]
    assert hits, f"no alert of {rule} on {cmdline!r}"
    return hits[0]
fields = alert("Container known to the condition", f"sh -c sleep 1000 {marker}")
expected = {
    "container.id": container[:12], "container.full_id": container, "container.name": "docker-test",
    "container.type": "docker", "container.image": "localhost/falcoc-test:one", "container.image.id": image,
    "container.image.repository": "localhost/falcoc-test", "container.image.tag": "one", "container.privileged": False,
    "container.mounts": f"{scratch}/mounted:/in:ro:false:rprivate", "container.mount.source[/in]": f"{scratch}/mounted",
    "container.mount.mode[0]": "ro", "container.mount.rdwr[0]": "false", "container.mount.propagation[0]": "rprivate",
    "container.host_pid": False, "container.host_network": False, "container.host_ipc": False,
    "container.label[test]": "label", "container.labels": 'json:{"a":"%container.id"}, test:label',
    "container.ip": "", "container.cni.json": "", "proc.vpid": 1,
}
for name, value in expected.items():
    assert fields[name] == value, f"{name}: {fields[name]!r} instead of {value!r}"
assert fields["container.start_ts"] > 10**18 and fields["container.duration"] > 0
brief = alert("Container known to the condition", f"echo {marker}-brief")
assert brief["container.name"] == "brief" and brief["container.host_pid"] is True and brief["container.host_ipc"] is True
executed = alert("Container known to the output", f"echo {marker}-exec")
assert executed["container.name"] == "docker-test" and executed["proc.vpid"] > 1, executed
checks = [a["output_fields"] for a in found if a["rule"] == "Healthcheck" and a["output_fields"]["container.full_id"] == container]
assert checks and {c["proc.cmdline"] for c in checks} <= {"sh -c /bin/echo well", "echo well"}, checks
assert alert("Container known to the condition", f"echo {marker}-back")["container.name"] == "back"
PYTHON
done_testing
