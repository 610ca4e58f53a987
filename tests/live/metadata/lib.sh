# Harness of the metadata tests: the rule tests' one, and Podman with storage and sockets of its own.
source "$(dirname "${BASH_SOURCE[0]}")/../daemon/lib.sh"
marker=falcod-marker-$$

# check ARGUMENT… <<PYTHON: a program that gets the file of alerts and the arguments.
check() {
  python3 - "$alerts" "$@" >"$scratch/check" 2>&1 || fail "$(cat "$scratch/check")"
}

make_rootfs() {
  [[ -x /bin/busybox ]] || skip "busybox-static is not installed"
  mkdir -p "$scratch"/rootfs/{bin,etc,tmp,proc,dev,in}
  cp /bin/busybox "$scratch/rootfs/bin/busybox"
  local applet
  for applet in sh cat ls sleep true echo; do ln -s busybox "$scratch/rootfs/bin/$applet"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$scratch/rootfs/etc/passwd"
  tar -C "$scratch/rootfs" -cf "$scratch/rootfs.tar" .
}

# need_podman: an image localhost/falcoc-test:one in a storage of the test's own.
need_podman() {
  command -v podman >/dev/null || skip "podman is not installed"
  command -v runc >/dev/null || skip "runc is not installed"
  command -v python3 >/dev/null || skip "python3 is not installed"
  make_rootfs
  printf '[containers]\ndefault_ulimits=[]\n' >"$scratch/containers.conf"
  export CONTAINERS_CONF=$scratch/containers.conf
  trap 'kill "${podman_service:-}" 2>/dev/null; podman_ rm --all --force --time 0 >/dev/null 2>&1; umount "$scratch"/storage/vfs/dir/* 2>/dev/null; finish' EXIT
  podman_ import --change 'LABEL test=label' "$scratch/rootfs.tar" localhost/falcoc-test:one >/dev/null 2>"$scratch/podman.log" ||
    skip "podman does not work here: $(tail -n 1 "$scratch/podman.log")"
  podman_ run --rm --net=none localhost/falcoc-test:one /bin/true >/dev/null 2>"$scratch/podman.log" ||
    skip "podman does not run containers here: $(tail -n 1 "$scratch/podman.log")"
}

podman_options=(--root "$scratch/storage" --runroot "$scratch/run" --tmpdir "$scratch/tmp" --runtime runc
  --cgroup-manager cgroupfs --storage-driver vfs --events-backend file)
podman_() {
  podman "${podman_options[@]}" "$@"
}

# start_podman_service: its API at $podman_socket.
start_podman_service() {
  podman_socket=$scratch/podman.sock
  podman "${podman_options[@]}" system service --time 0 "unix://$podman_socket" >"$scratch/service.log" 2>&1 &
  podman_service=$!
  wait_for 20 test -S "$podman_socket" || fail "podman's service does not start"
}

stop_podman_service() {
  kill "$podman_service" && wait "$podman_service" 2>/dev/null
  rm -f "$podman_socket"
}

# no_other_engine [STORAGE [SOCKET [WAIT]]]: a configuration that names engines of the test alone.
no_other_engine() {
  cat >"$scratch/falco.yaml" <<YAML
rules_files: [$RULES]
json_output: true
rule_matching: all
stdout_output: {enabled: true}
log_stderr: true
metadata: {podman_storage: [${1:-$scratch/none}], wait: ${3:-5s}}
plugins:
  - name: container
    library_path: libcontainer.so
    init_config:
      engines:
        docker: {enabled: false}
        podman: {sockets: [${2:-$scratch/none.sock}]}
        cri: {enabled: false}
        containerd: {enabled: false}
YAML
}

# start_watching: falcod with that configuration.
start_watching() {
  in_background "$FALCOD" -c "$scratch/falco.yaml"
  wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
}

# stop_watching: alerts of the run in $alerts.
stop_watching() {
  stop_falcod TERM
  grep '^{' "$scratch/stdout" >"$alerts" || true
}
