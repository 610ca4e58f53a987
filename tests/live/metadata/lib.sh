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

# no_other_engine [STORAGE [PODMAN-SOCKET [WAIT [CRI-SOCKET]]]]: a configuration that names engines of the test alone.
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
        cri: {sockets: [${4:-$scratch/none.sock}]}
        containerd: {sockets: [${4:-$scratch/none.sock}]}
YAML
}

# stop_watching: alerts of the run in $alerts.
stop_watching() {
  stop_falcod TERM
  grep '^{' "$scratch/stdout" >"$alerts" || true
}

# need_containerd: containerd with its CRI plugin at $containerd_socket, with images falcoc-test:one and a pause image.
need_containerd() {
  command -v containerd >/dev/null && command -v ctr >/dev/null || skip "containerd is not installed"
  command -v runc >/dev/null || skip "runc is not installed"
  command -v python3 >/dev/null || skip "python3 is not installed"
  make_rootfs
  containerd_socket=$scratch/containerd.sock
  mkdir -p "$scratch"/{cni,ctd/root,ctd/state}
  pods=()
  cat >"$scratch/containerd.toml" <<TOML
version = 2
root = "$scratch/ctd/root"
state = "$scratch/ctd/state"
[grpc]
  address = "$containerd_socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/falcoc-pause:one"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$scratch/cni"
TOML
  cat >"$scratch/cni/10-test.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "falcoc-test", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "$scratch/ipam", "subnet": "10.213.77.0/24"}}
]}
JSON
  start_containerd
  trap stop_containerd_for_good EXIT
  local word
  for word in falcoc-test falcoc-pause; do
    python3 "$(dirname "${BASH_SOURCE[0]}")/helpers/image_archive.py" "$scratch/rootfs.tar" "localhost/$word:one" \
      "$scratch/image.tar" /bin/sh -c "sleep 1000" "$word"
    ctr -a "$containerd_socket" -n k8s.io images import --snapshotter native "$scratch/image.tar" >"$scratch/ctr.log" 2>&1 ||
      skip "containerd does not take images here: $(tail -n 1 "$scratch/ctr.log")"
  done
}

start_containerd() {
  containerd --config "$scratch/containerd.toml" >"$scratch/containerd.log" 2>&1 &
  containerd=$!
  wait_for 30 "$CRI_CLIENT" "$containerd_socket" version >/dev/null ||
    skip "containerd does not start here: $(grep -m 1 -iE 'error|fatal' "$scratch/containerd.log")"
}

stop_containerd() {
  kill "$containerd" && wait "$containerd" 2>/dev/null
}

stop_containerd_for_good() {
  local pod
  for pod in "${pods[@]}"; do cri remove-pod "$pod" >/dev/null 2>&1; done
  stop_containerd
  local left
  for left in /sys/fs/cgroup/falcoc-test-* /sys/fs/cgroup/*/falcoc-test-*; do
    [[ -d $left ]] && find "$left" -depth -type d -exec rmdir {} + 2>/dev/null
  done
  grep -o " $scratch/[^ ]*" /proc/self/mounts | sort -r | xargs -r -n 1 umount 2>/dev/null
  finish
}

cri() {
  local what=$1
  shift
  "$CRI_CLIENT" "$containerd_socket" "$what" "$@"
}

# need_docker: Docker's daemon with storage and socket of the test's own at $docker_socket, and an image localhost/falcoc-test:one.
need_docker() {
  command -v dockerd >/dev/null && command -v docker >/dev/null || skip "docker is not installed"
  command -v python3 >/dev/null || skip "python3 is not installed"
  make_rootfs
  docker_socket=$scratch/docker.sock
  echo '{}' >"$scratch/docker.json"
  trap stop_docker_for_good EXIT
  start_docker
  docker_ import --change 'LABEL test=label' "$scratch/rootfs.tar" localhost/falcoc-test:one >/dev/null 2>"$scratch/docker.log" ||
    skip "docker takes no images here: $(tail -n 1 "$scratch/docker.log")"
  docker_ run --rm --network none localhost/falcoc-test:one /bin/true >/dev/null 2>"$scratch/docker.log" ||
    skip "docker does not run containers here: $(tail -n 1 "$scratch/docker.log")"
}

# Without networks of its own, so that it changes nothing of the machine's. Its containers outlive it.
start_docker() {
  dockerd --data-root "$scratch/docker/root" --exec-root "$scratch/docker/run" --pidfile "$scratch/docker.pid" \
    --host "unix://$docker_socket" --iptables=false --ip6tables=false --bridge=none --storage-driver vfs --live-restore \
    --config-file "$scratch/docker.json" >"$scratch/dockerd.log" 2>&1 &
  dockerd=$!
  wait_for 60 docker_ version >/dev/null || skip "docker does not start here: $(tail -n 1 "$scratch/dockerd.log")"
}

stop_docker() {
  kill "$dockerd" && wait "$dockerd" 2>/dev/null
}

stop_docker_for_good() {
  docker_ ps --all --quiet 2>/dev/null | xargs -r docker --host "unix://$docker_socket" rm --force >/dev/null 2>&1
  stop_docker
  rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null
  grep -o " $scratch/[^ ]*" /proc/self/mounts | sort -r | xargs -r -n 1 umount 2>/dev/null
  finish
}

docker_() {
  docker --host "unix://$docker_socket" "$@"
}

# start_api_server [PORT]: a Kubernetes API server; `api` sends it commands; a kubeconfig in $scratch/kubeconfig.
start_api_server() {
  command -v openssl >/dev/null || skip "openssl is not installed"
  command -v python3 >/dev/null || skip "python3 is not installed"
  api_folder=$scratch/api
  mkdir -p "$api_folder"
  if [[ ! -e $api_folder/server.pem ]]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "subjectAltName=IP:127.0.0.1" \
      -keyout "$api_folder/server.key" -out "$api_folder/server.pem" 2>/dev/null || fail "openssl makes no certificate"
    echo first-token >"$api_folder/tokens"
    echo first-token >"$api_folder/token"
  fi
  rm -f "$api_folder/port" "$api_folder/commands"
  mkfifo "$api_folder/commands"
  python3 "$(dirname "${BASH_SOURCE[0]}")/helpers/api_server.py" "$api_folder" "$@" <"$api_folder/commands" 2>"$api_folder/log" &
  api_server=$!
  exec {api_commands}>"$api_folder/commands"
  wait_for 30 test -e "$api_folder/port" || fail "the API server does not start: $(tail -n 2 "$api_folder/log")"
  api_port=$(<"$api_folder/port")
  cat >"$scratch/kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$api_port", certificate-authority: api/server.pem}}]
users: [{name: test, user: {tokenFile: $api_folder/token}}]
YAML
}

stop_api_server() {
  exec {api_commands}>&-
  kill "$api_server" 2>/dev/null
  wait "$api_server" 2>/dev/null
}

# api JSON: a command for the server.
api() {
  printf '%s\n' "$1" | tr -d '\n' >&"$api_commands"
  printf '\n' >&"$api_commands"
}
