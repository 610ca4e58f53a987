# A container is known from the moment it is made, before anything runs in it: Podman's stream of events tells of it.
source "$(dirname "$0")/lib.sh"
need_live
need_podman
command -v curl >/dev/null || skip "curl is not installed"
start_podman_service
no_other_engine "" "$podman_socket"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >>"$scratch/falco.yaml" <<YAML
webserver: {enabled: true, listen_port: $port, listen_address: 127.0.0.1, prometheus_metrics_enabled: true}
metrics: {enabled: true, interval: 1h}
YAML
start_configured
known() { # so many containers
  [[ $(curl -s "http://127.0.0.1:$port/metrics" | awk '$1 == "falcod_metadata_containers" { print $2 }') == "$1" ]]
}
wait_for 10 known 0 || fail "containers are known before there are any"
podman_ create --net=none --name "made-$$" localhost/falcoc-test:one /bin/true >/dev/null 2>>"$scratch/podman.log"
wait_for 20 known 1 || fail "the container that was made is not known"
stop_watching
stop_podman_service
done_testing
