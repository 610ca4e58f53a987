# Alertmanager: what it is sent shows by its API, under the labels that Falcosidekick gives.
source "$(dirname "$0")/lib.sh"
need prometheus-alertmanager prometheus-alertmanager
port=$(free_port)
cat >"$scratch/alertmanager.yml" <<'YAML'
route: {receiver: nobody}
receivers: [{name: nobody}]
YAML
serve prometheus-alertmanager --config.file="$scratch/alertmanager.yml" --storage.path="$scratch/data" \
  --web.listen-address="127.0.0.1:$port" --cluster.listen-address=
alerts() { # of Alertmanager, in $scratch/got
  python3 -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())' \
    "http://127.0.0.1:$port/api/v2/alerts" >"$scratch/got"
}
wait_for 60 alerts || fail "it does not start"

send alertmanager "hostport: http://127.0.0.1:$port" 'extralabels: "team:red"'
grep -q 'Alerts lost' "$scratch/stderr" && fail "alerts were refused"
shown() { alerts && grep -q '"rule":"Reverse shell"' "$scratch/got"; }
wait_for 30 shown || fail "the alert is not there: $(head -c 500 "$scratch/got")"
python3 - "$scratch/got" <<'PY' || fail "the alert is not as it should be"
import json, sys
shell = next(a for a in json.load(open(sys.argv[1])) if a["labels"].get("rule") == "Reverse shell")
assert shell["labels"]["source"] == "falco" or shell["labels"]["source"] == "syscall", shell
assert shell["labels"]["priority"].lower() == "critical", shell
assert shell["labels"]["team"] == "red", shell
assert "info" in shell["annotations"] or "description" in shell["annotations"], shell
assert shell["status"]["state"] == "active", shell
PY

expect_refused alertmanager "hostport: http://127.0.0.1:1"
done_testing
