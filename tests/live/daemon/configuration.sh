# falcod with a falco.yaml, on live system calls: alerts arrive at file, syslog, program, HTTP and standard
# output, the web server answers, and a file moved away is begun anew.
source "$(dirname "$0")/lib.sh"
need_live
command -v python3 >/dev/null || skip "python3 is not installed"

start_receiver
web_port=$((20000 + $$ % 20000))

mkdir "$scratch/config.d"
cat >"$scratch/falco.yaml" <<YAML
config_files: [$scratch/config.d]
rules_files: [$RULES, /nonexistent/rules.yaml]
json_output: true
stdout_output: {enabled: true}
file_output: {enabled: true, keep_alive: true, filename: "\${EVENTS_FILE}"}
program_output: {enabled: true, keep_alive: true, program: "cat >>$scratch/program"}
http_output: {enabled: true, url: "http://127.0.0.1:$(cat "$scratch/port")/"}
webserver: {enabled: true, listen_port: $web_port, listen_address: 127.0.0.1, prometheus_metrics_enabled: true}
metrics: {enabled: true, interval: 200ms, output_rule: true, output_file: $scratch/metrics}
log_stderr: true
log_syslog: false
syscall_event_drops: {actions: [log, alert]}
json_ouput: true
YAML
echo 'static_fields: {}' >"$scratch/config.d/10-more.yaml"
echo 'append_output: [{extra_output: "added=%proc.name"}]' >"$scratch/config.d/20-more.yaml"

EVENTS_FILE=$scratch/events in_background "$FALCOD" -c "$scratch/falco.yaml" -P "$scratch/pid"
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
expect_text stderr "W0833" "json_ouput is not a known key" "did you mean json_output?" "falco.yaml:13:1"
[[ $(cat "$scratch/pid") == "$daemon" ]] || fail "the pid file holds something else"

# The same pid file starts no second one.
EVENTS_FILE=$scratch/others "$FALCOD" -c "$scratch/falco.yaml" -P "$scratch/pid" 2>"$scratch/second"
last_status=$?
expect_status 4
expect_text second E0845 "process $daemon"

get() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen("http://127.0.0.1:'"$web_port"'" + sys.argv[1]).read().decode())' "$1"; }
get /healthz >"$scratch/health" || fail "no answer at /healthz"
expect_text health '{"status": "ok"}'
get /versions >"$scratch/versions"
expect_text versions '"engine_version":"63"'

: 2>/dev/null <"/tmp/$marker-one"
for place in stdout events program posted; do
  wait_for 30 grep -qF "$marker-one" "$scratch/$place" || fail "no alert at $place"
  expect_text "$place" "added="
done
expect_text posted "application/json {"

mv "$scratch/events" "$scratch/events.1"
kill -USR1 "$daemon"
wait_for 30 test -e "$scratch/events" || fail "the file was not opened again"
: 2>/dev/null <"/tmp/$marker-two"
wait_for 30 grep -qF "$marker-two" "$scratch/events" || fail "the file was not begun anew"
expect_no_text events.1 "$marker-two"

get /metrics >"$scratch/page" || fail "no answer at /metrics"
expect_text page 'falcosecurity_falco_rules_matches_total{rule_name="Marked file opened"' \
  'falcod_output_alerts_total{output="http",outcome="delivered"}' 'falcosecurity_scap_n_evts_total'
# What the shipped dashboard and alerts ask for is there; what was lost has no series until something was.
python3 - "$MONITORING" "$scratch/page" <<'PY' || fail "a shipped file names series that are not served"
import pathlib, re, sys
series = re.compile(r"\b(?:falcod|falcosecurity_falco|falcosecurity_scap)_[a-z_]+")
asked = set()
for name in ("falcod.rules.yaml", "falcod-dashboard.json"):
    asked |= set(series.findall(pathlib.Path(sys.argv[1], name).read_text()))
missing = asked - set(series.findall(open(sys.argv[2]).read())) - {"falcod_events_lost_total"}
assert len(asked) > 15 and not missing, missing
PY
if command -v promtool >/dev/null; then
  promtool check rules "$MONITORING/falcod.rules.yaml" >"$scratch/lint" 2>&1 || fail "promtool refuses the alerts: $(cat "$scratch/lint")"
  promtool check metrics <"$scratch/page" >"$scratch/lint" 2>&1
  [[ $? != 1 ]] || fail "promtool cannot read the page: $(head -3 "$scratch/lint")"
else
  echo "SKIPPED: promtool is not installed, /metrics is not checked by it"
fi
wait_for 30 grep -qF "Falco internal: metrics snapshot" "$scratch/stdout" || fail "no snapshot"
wait_for 30 grep -qF '"falco.rules.matches_total"' "$scratch/metrics" || fail "no snapshot in the file"

stop_falcod TERM
expect_status 0
[[ ! -e $scratch/pid ]] || fail "the pid file stays"
expect_text stderr "Events lost: 0"
done_testing
