# Many containers that live for a moment, several at once: each alert has its own container's name. MANY says how many.
source "$(dirname "$0")/lib.sh"
need_live
need_podman
start_podman_service
no_other_engine "$scratch/storage" "$podman_socket" 20s
start_watching
many=${MANY:-40}
for ((i = 0; i < many; i += 4)); do
  running=()
  for ((k = i; k < i + 4; ++k)); do
    podman_ run --rm --net=none --name "many-$k-$$" localhost/falcoc-test:one /bin/echo "$marker-$k" >/dev/null 2>>"$scratch/podman.log" &
    running+=($!)
  done
  wait "${running[@]}"
done
stop_watching
stop_podman_service

check "$marker" "$many" $$ <<'PYTHON'
import json, sys
alerts, marker, many, pid = sys.argv[1:]
names = {}
for line in open(alerts):
    alert = json.loads(line)
    if alert["rule"] == "Container known to the output":
        fields = alert["output_fields"]
        if fields["proc.cmdline"].startswith(f"echo {marker}-"):
            names[fields["proc.cmdline"].rsplit("-", 1)[1]] = fields["container.name"]
wrong = {k: names.get(str(k)) for k in range(int(many)) if names.get(str(k)) != f"many-{k}-{pid}"}
assert not wrong, wrong
PYTHON
done_testing
