# Many containers that live for a moment, several at once: each alert has its own container's name, that on its
# program and that on a file it opens, which passes the kernel's filter. MANY says how many.
source "$(dirname "$0")/lib.sh"
need_live
need_podman
start_podman_service
no_other_engine "$scratch/storage" "$podman_socket" 20s
start_configured
many=${MANY:-40}
for ((i = 0; i < many; i += 4)); do
  running=()
  for ((k = i; k < i + 4; ++k)); do
    podman_ run --rm --net=none --name "many-$k-$$" localhost/falcoc-test:one /bin/cat /etc/passwd "$marker-$k" >/dev/null 2>>"$scratch/podman.log" &
    running+=($!)
  done
  wait "${running[@]}"
done
stop_watching
stop_podman_service

check "$marker" "$many" $$ <<'PYTHON'
import json, sys
alerts, marker, many, pid = sys.argv[1:]
names = {"Container known to the output": {}, "File opened by container": {}}
for line in open(alerts):
    alert = json.loads(line)
    fields = alert["output_fields"]
    if alert["rule"] in names and fields["proc.cmdline"].startswith(f"cat /etc/passwd {marker}-"):
        names[alert["rule"]][fields["proc.cmdline"].rsplit("-", 1)[1]] = fields["container.name"]
for rule, seen in names.items():
    wrong = {k: seen.get(str(k)) for k in range(int(many)) if seen.get(str(k)) != f"many-{k}-{pid}"}
    assert not wrong, (rule, wrong)
PYTHON
done_testing
