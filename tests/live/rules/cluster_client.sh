# Cluster client in container: kubectl, not a program whose name only begins so, and not on the host.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$scratch/image/bin/busybox" "$scratch/image/bin/kubectl"
cp "$scratch/image/bin/busybox" "$scratch/image/bin/kubectl-notes"

in_container 'kubectl get pods; true'
expect_alert "Cluster client in container" '"proc.cmdline":"kubectl get pods"'

in_container 'kubectl-notes get pods; true'
expect_no_alert "Cluster client in container"
done_testing
