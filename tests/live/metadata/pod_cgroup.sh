# Pods known by their cgroups, in the layouts of both drivers, without a container engine: their metadata is in the alert of their
# first process, comes while it waits, and stays when the API server is away.
source "$(dirname "$0")/lib.sh"
RULES=$(dirname "$0")/pod_cgroup.yaml
need_live
for hierarchy in /sys/fs/cgroup/memory /sys/fs/cgroup; do
  [[ -w $hierarchy/cgroup.procs ]] && break
done
[[ -w $hierarchy/cgroup.procs ]] || skip "no cgroup hierarchy that can be written"
top=$hierarchy/kubepods-falcoc-$$
remove_cgroups() { # a cgroup is busy until its last process has been waited for
  find "$top" -depth -type d -exec rmdir {} + 2>/dev/null || [[ ! -e $top ]]
}
trap 'stop_api_server; wait_for 10 remove_cgroups; finish' EXIT
mkdir "$top" || skip "cgroups cannot be made here"
start_api_server

put() { # KIND NAME UID LABELS [OWNER-KIND OWNER-API OWNER-NAME OWNER-UID]: pods are of this node
  local owner=""
  [[ $# -gt 4 ]] && owner=', "ownerReferences": [{"controller": true, "kind": "'"$5"'", "apiVersion": "'"$6"'", "name": "'"$7"'", "uid": "'"$8"'"}]'
  api '{"op": "put", "kind": "'"$1"'", "object": {"metadata": {"namespace": "shop", "name": "'"$2"'", "uid": "'"$3"'",
    "labels": '"$4$owner"'}, "spec": {"nodeName": "this-node", "selector": {"app": "web"}}, "status": {"podIP": "10.9.9.9"}}}'
}
api '{"op": "put", "kind": "namespaces", "object": {"metadata": {"name": "shop", "uid": "ns-1", "labels": {"team": "red"}}}}'
put deployments web dep-1 '{}'
put replicasets web-7 rs-1 '{}' Deployment apps/v1 web dep-1
put cronjobs nightly cron-1 '{}'
put jobs nightly-1 job-1 '{}' CronJob batch/v1 nightly cron-1
put services front svc-1 '{}'
first=11111111-2222-3333-4444-555555555555
second=66666666-7777-8888-9999-aaaaaaaaaaaa
third=bbbbbbbb-cccc-dddd-eeee-ffffffffffff
put pods web-7-a $first '{"app": "web"}' ReplicaSet apps/v1 web-7 rs-1

no_other_engine
sed -i "s|^metadata: {|metadata: {kubernetes: {kubeconfig: $scratch/kubeconfig, node: this-node}, |" "$scratch/falco.yaml"
start_configured
asked() { # of pods, at least so many watches
  (($(grep -c "/api/v1/pods?.*watch=1" "$api_folder/requests") >= $1))
}
wait_for 20 asked 1 || fail "nobody watches the pods"

run_in() { # CGROUP MARKER: the process moves there before it runs its program
  mkdir -p "$top/$1"
  (echo "$BASHPID" >"$top/$1/cgroup.procs" && exec /bin/echo "$marker-$2") >/dev/null
}
id=$(printf '%064x' $$)
run_in "burstable/pod$first/$id" cgroupfs
run_in "kubepods-besteffort-pod${first//-/_}.slice/cri-containerd-${id//0/1}.scope" systemd

# The server tells of this pod only while the alert waits.
run_in "burstable/pod$second/${id//0/2}" waiting
put pods nightly-1-x $second '{"app": "night"}' Job batch/v1 nightly-1 job-1
wait_for 20 grep -q nightly-1-x "$scratch/stdout" || fail "the pod does not come: $(cat "$scratch/stderr")"

# Nobody knows this one; and what is known stays when the server is away.
stop_api_server
wait_for 20 grep -q "the Kubernetes API server does not tell of pods" "$scratch/stderr" || fail "its absence is not told of: $(cat "$scratch/stderr")"
run_in "burstable/pod$third/${id//0/3}" nobody
run_in "burstable/pod$first/${id//0/4}" away
stop_watching

check "$marker" "$id" $first $second <<'PYTHON'
import json, sys
alerts, marker, container, first, second = sys.argv[1:]
found = [json.loads(line) for line in open(alerts)]
def alert(rule, name):
    hits = [a for a in found if a["rule"] == rule and a["output_fields"]["proc.cmdline"] == f"echo {marker}-{name}"]
    assert len(hits) == 1, f"{len(hits)} alerts {rule} on {name}: {found}"
    return hits[0]["output_fields"]
web = {
    "k8smeta.pod.name": "web-7-a", "k8smeta.pod.uid": first, "k8smeta.pod.ip": "10.9.9.9", "k8smeta.pod.label[app]": "web",
    "k8smeta.ns.name": "shop", "k8smeta.deployment.name": "web", "k8smeta.rs.name": "web-7", "k8smeta.cronjob.name": None,
    "k8smeta.svc.name": ["front"], "k8s.pod.name": "web-7-a", "k8s.pod.uid": first, "k8s.ns.name": "shop",
    "k8s.pod.label[app]": "web", "k8s.pod.labels": "app:web", "k8s.pod.ip": "10.9.9.9", "k8s.deployment.name": "web",
    "k8s.rs.name": "web-7", "k8s.svc.name": "front", "k8s.ns.label[team]": "red",
}
for name in ("cgroupfs", "systemd", "away"):
    fields = alert("Pod of that cgroup", name)
    for field, value in web.items():
        assert fields[field] == value, f"{name}: {field}: {fields[field]!r} instead of {value!r}"
assert alert("Pod of that cgroup", "cgroupfs")["container.id"] == container[:12]
late = alert("Pod of that cgroup", "waiting")
assert late["k8smeta.pod.name"] == "nightly-1-x" and late["k8smeta.pod.uid"] == second, late
assert late["k8smeta.job.name"] == "nightly-1" and late["k8smeta.cronjob.name"] == "nightly", late
assert late["k8smeta.svc.name"] is None and late["k8smeta.deployment.name"] is None, late
assert alert("Any marked command", "nobody")["k8smeta.pod.name"] is None
assert not [a for a in found if a["rule"] == "Pod of that cgroup" and a["output_fields"]["proc.cmdline"].endswith("nobody")]
PYTHON
done_testing
