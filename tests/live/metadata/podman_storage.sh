# Podman without its service: the first process of a container is reported with its image and name.
source "$(dirname "$0")/lib.sh"
need_live
need_podman
no_other_engine "$scratch/storage"
start_configured
mkdir -p "$scratch/mounted"
id=$(podman_ run --detach --net=none --name storage-test --privileged --volume "$scratch/mounted:/in:ro" \
  localhost/falcoc-test:one /bin/sleep 2 "$marker" 2>>"$scratch/podman.log")
podman_ wait storage-test >/dev/null 2>&1
podman_ run --net=none --name second-test --pid=host localhost/falcoc-test:one /bin/echo "$marker-second" >/dev/null 2>&1
stop_watching
image_id=$(podman_ image inspect --format '{{.Id}}' localhost/falcoc-test:one)
digest=$(podman_ image inspect --format '{{.Digest}}' localhost/falcoc-test:one)

check "$marker" "$id" "$image_id" "$digest" "$scratch" <<'PYTHON'
import json, sys
alerts, marker, container, image, digest, scratch = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
mine = [a for a in found if a["output_fields"].get("proc.cmdline") == f"sleep 2 {marker}"]
first = next(a for a in mine if a["rule"] == "Container known to the condition")
fields = first["output_fields"]
expected = {
    "container.id": container[:12], "container.full_id": container, "container.name": "storage-test",
    "container.type": "podman", "container.image": "localhost/falcoc-test:one",
    "container.image.id": image, "container.image.repository": "localhost/falcoc-test",
    "container.image.tag": "one", "container.image.digest": digest, "container.privileged": True,
    "container.mounts": f"{scratch}/mounted:/in::false:rprivate",
    "container.mount.source[/in]": f"{scratch}/mounted", "container.mount.dest[/*/in]": None,
    "container.mount.rdwr[0]": "false", "container.mount.propagation[0]": "rprivate",
    "container.host_pid": False, "container.host_ipc": False, "proc.vpid": 1,
}
for name, value in expected.items():
    assert fields[name] == value, f"{name}: {fields[name]!r} instead of {value!r}"
assert fields["container.duration"] > 0
shown = next(a for a in mine if a["rule"] == "Container known to the output")
assert shown["output_fields"]["container.name"] == "storage-test", shown
assert any(a["rule"] == "Container not asked for" for a in mine)
second = next(a for a in found if a["rule"] == "Container known to the condition"
              and a["output_fields"]["proc.cmdline"] == f"echo {marker}-second")
assert second["output_fields"]["container.host_pid"] is True, second
assert second["output_fields"]["container.name"] == "second-test", second
PYTHON
done_testing
