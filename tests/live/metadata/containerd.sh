# containerd by the Container Runtime Interface, with pods as a kubelet makes them: every field of container and pod is
# in the alert of a container's first process; containers with the host's namespaces; the engine ends and is back.
source "$(dirname "$0")/lib.sh"
need_live
need_containerd
python3 "$(dirname "$0")/helpers/image_archive.py" "$scratch/rootfs.tar" localhost/falcoc-own:one "$scratch/own.tar" /bin/true
no_other_engine "" "" "" "$containerd_socket"
start_configured

pod=$(cri run-pod web-1 shop uid-1 /falcoc-test-pods app=web "long=$(printf 'x%.0s' {1..200})" role=front) || skip "no pods here"
pods+=("$pod")
container=$(cri create "$pod" server localhost/falcoc-test:one privileged /tmp:/mnt:ro tier=front 'json={"a":"%container.id"}' -- \
  /bin/sh -c "sleep 1" "$marker")
cri start "$container"
cri exec "$container" /bin/echo "$marker-exec" >/dev/null
host_pod=$(cri run-pod host-1 shop uid-2 /falcoc-test-pods app=web host-network host-pid host-ipc)
pods+=("$host_pod")
host_container=$(cri create "$host_pod" agent localhost/falcoc-test:one -- /bin/echo "$marker-host")
cri start "$host_container"

# What no kubelet made: a container of `ctr`, in a namespace of containerd's own.
ctr -a "$containerd_socket" -n falcoc-test-own images import --snapshotter native "$scratch/own.tar" >"$scratch/ctr.log" 2>&1
ctr -a "$containerd_socket" -n falcoc-test-own run --rm --snapshotter native --privileged --label tier=own localhost/falcoc-own:one \
  "own-$$" /bin/echo "$marker-own" >"$scratch/ctr.log" 2>&1 || fail "ctr: $(tail -n 1 "$scratch/ctr.log")"

# The engine is gone while its containers run on: what was known stays known. Then it is back.
stop_containerd
start_containerd
again=$(cri create "$pod" again localhost/falcoc-test:one -- /bin/echo "$marker-again")
cri start "$again"
address=$(cri address "$pod")
stop_watching

check "$marker" "$container" "$pod" "$address" "$host_pod" <<'PYTHON'
import json, sys
alerts, marker, container, pod, address, host_pod = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
def alert(cmdline, rule="Pod known to the condition"):
    hits = [a for a in found if a["rule"] == rule and a["output_fields"]["proc.cmdline"] == cmdline]
    assert hits, f"no alert of {cmdline!r}"
    return hits[0]["output_fields"]
fields = alert(f"sh -c sleep 1 {marker}")
expected = {
    "container.id": container[:12], "container.full_id": container, "container.name": "server",
    "container.type": "containerd", "container.image": "localhost/falcoc-test:one",
    "container.image.repository": "localhost/falcoc-test", "container.image.tag": "one",
    "container.privileged": True, "container.mounts": "/tmp:/mnt::false:private",
    "container.mount.dest[/tmp]": "/mnt", "container.mount.propagation[0]": "private", "container.ip": address,
    "container.host_pid": False, "container.host_network": False, "container.host_ipc": False,
    "container.label[tier]": "front", "container.labels": 'json:{"a":"%container.id"}, tier:front',
    "k8s.pod.name": "web-1", "k8s.ns.name": "shop", "k8s.pod.id": "uid-1", "k8s.pod.uid": "uid-1",
    "k8s.pod.sandbox_id": pod[:12], "k8s.pod.full_sandbox_id": pod, "k8s.pod.label[app]": "web",
    "k8s.pod.labels": "app:web, role:front", "k8s.pod.ip": address, "proc.vpid": 1,
}
for name, value in expected.items():
    assert fields[name] == value, f"{name}: {fields[name]!r} instead of {value!r}"
assert len(fields["container.image.id"]) == 64, fields["container.image.id"]
interfaces = json.loads(fields["container.cni.json"])
assert "eth0" in interfaces and fields["k8s.pod.cni.json"] == fields["container.cni.json"], interfaces
assert fields["container.start_ts"] > 10**18 and fields["container.duration"] > 0
executed = alert(f"echo {marker}-exec")
assert executed["container.name"] == "server" and executed["proc.vpid"] > 1, executed
host = alert(f"echo {marker}-host")
expected = {"container.name": "agent", "container.host_pid": True, "container.host_network": True,
            "container.host_ipc": True, "container.privileged": False, "k8s.pod.full_sandbox_id": host_pod}
for name, value in expected.items():
    assert host[name] == value, f"{name}: {host[name]!r} instead of {value!r}"
assert alert(f"echo {marker}-again")["container.name"] == "again"
own = [a["output_fields"] for a in found if a["rule"] == "Container known to the output"
       and a["output_fields"]["proc.cmdline"] == f"echo {marker}-own"]
assert own and own[0]["container.image"] == "localhost/falcoc-own:one", own
PYTHON
done_testing
