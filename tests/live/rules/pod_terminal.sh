# Terminal attached to pod: `kubectl exec -t` in a pod of a real containerd; not without a terminal, and not the pod's own work.
source "$(dirname "$0")/../metadata/lib.sh"
need_live
need_containerd
no_other_engine "" "" "" "$containerd_socket"
start_configured
pod=$(cri run-pod "web-$$" shop uid-1 /falcoc-test-pods app=web) || skip "no pods here"
pods+=("$pod")
container=$(cri create "$pod" server localhost/falcoc-test:one -- /bin/sh -c "sleep 30" "$marker")
cri start "$container"
cri exec "$container" /bin/echo "$marker-plain" >/dev/null
"$HELPERS/with_terminal" ctr -a "$containerd_socket" -n k8s.io task exec --tty --exec-id one "$container" /bin/echo "$marker-typed" \
  >"$scratch/exec.log" 2>&1
stop_watching
expect_alert "Terminal attached to pod" "\"k8s.pod.name\":\"web-$$\"" '"k8s.ns.name":"shop"' "echo $marker-typed"
! grep -F '"rule":"Terminal attached to pod"' "$alerts" | grep -qF "$marker-plain" || fail "there was no terminal"
done_testing
