# What a container may do is known when its first program runs: privileged, with the host's parts and namespaces, of an
# unexpected registry; and a plain one is none of it.
source "$(dirname "$0")/../metadata/lib.sh"
need_live
need_podman
cat >"$scratch/own.yaml" <<'YAML'
- macro: from_expected_registry
  condition: (container.image.repository startswith localhost/)
  override: {condition: replace}
YAML
no_other_engine "$scratch/storage"
sed -i "s|^rules_files:.*|rules_files: [$RULES, $scratch/own.yaml]|" "$scratch/falco.yaml"
podman_ tag localhost/falcoc-test:one elsewhere.example/tool:two
mkdir -p "$scratch/mounted"
: >"$scratch/docker.sock"
start_configured
run() {
  local name=$1
  shift
  podman_ run --rm --name "$name-$$" "$@" /bin/true "$marker" >/dev/null 2>>"$scratch/podman.log"
}
run plain --net=none localhost/falcoc-test:one
run socket --net=none --volume "$scratch/docker.sock:/run/docker.sock" localhost/falcoc-test:one
run root --net=none --volume /:/host:ro localhost/falcoc-test:one
run harmless --net=none --volume "$scratch/mounted:/data" localhost/falcoc-test:one
run privileged --net=none --privileged localhost/falcoc-test:one
run pids --net=none --pid=host localhost/falcoc-test:one
run network --net=host localhost/falcoc-test:one
run registry --net=none elsewhere.example/tool:two
stop_watching

expect_alert "Container with sensitive mount started" "\"container.name\":\"socket-$$\"" "docker.sock"
expect_alert "Container with sensitive mount started" "\"container.name\":\"root-$$\"" "mounts=/:/host::false"
expect_alert "Privileged container started" "\"container.name\":\"privileged-$$\"" '"proc.cmdline":"true '
expect_alert "Container with host namespace started" "\"container.name\":\"pids-$$\"" "pids=true"
expect_alert "Container with host namespace started" "\"container.name\":\"network-$$\"" "network=true"
expect_alert "Container from unexpected registry started" "\"container.name\":\"registry-$$\"" "elsewhere.example/tool:two"
# Nothing but the containers of this test counts: there may be others on the machine.
mine=$(grep -F "$marker" "$alerts")
for name in plain harmless; do
  ! grep -qF "\"container.name\":\"$name-$$\"" <<<"$mine" || fail "unexpected alert on $name"
done
[[ $(grep -cF "\"container.name\":\"privileged-$$\"" <<<"$mine") == 1 ]] || fail "privileged: not one alert"
done_testing
