# Service account token read: by a tool, not by the workload itself. Kubernetes API contacted: the address and port that pods
# are told, and no other.
source "$(dirname "$0")/lib.sh"
need_live
make_container
secrets=$scratch/image/var/run/secrets/kubernetes.io/serviceaccount
mkdir -p "$secrets"
echo secret >"$secrets/token"
cp "$scratch/image/bin/busybox" "$scratch/image/bin/busybox-work"

in_container '/bin/cat /var/run/secrets/kubernetes.io/serviceaccount/token'
expect_alert "Service account token read" '"proc.cmdline":"cat /var/run/secrets/kubernetes.io/serviceaccount/token"'

in_container '/bin/busybox-work tail -n 1 /var/run/secrets/kubernetes.io/serviceaccount/token'
grep -q secret "$scratch/stdout" || fail "the workload did not read the token"
expect_no_alert "Service account token read"

export_address='export KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=6443; ip link set lo up; '
in_container "$export_address"'nc -l -p 6443 >/dev/null & /bin/sleep 1; echo x | /bin/nc -w 1 127.0.0.1 6443; true'
expect_alert "Kubernetes API contacted from container" '"proc.cmdline":"nc -w 1 127.0.0.1 6443"' '->127.0.0.1:6443'

in_container "$export_address"'nc -l -p 6444 >/dev/null & /bin/sleep 1; echo x | /bin/nc -w 1 127.0.0.1 6444; true'
expect_no_alert "Kubernetes API contacted from container"
done_testing
