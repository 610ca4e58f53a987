# Prometheus scrapes falcod's web server: the target is up, series can be asked for, the shipped alerts load.
source "$(dirname "$0")/lib.sh"
need_live
for tool in prometheus python3; do command -v $tool >/dev/null || skip "$tool is not installed"; done
web_port=$((20000 + ($$ + 3001) % 20000))
port=$((20000 + ($$ + 9001) % 20000))
start_falcod -o webserver.enabled=true -o "webserver.listen_port=$web_port" -o webserver.listen_address=127.0.0.1 \
  -o webserver.prometheus_metrics_enabled=true -o metrics.enabled=true
: 2>/dev/null <"/tmp/$marker-scraped"
wait_for 30 grep -qF "$marker-scraped" "$scratch/stdout" || fail "no alert"

cat >"$scratch/prometheus.yml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$MONITORING/falcod.rules.yaml]
scrape_configs: [{job_name: falcod, static_configs: [{targets: ["127.0.0.1:$web_port"]}]}]
YAML
prometheus --config.file="$scratch/prometheus.yml" --storage.tsdb.path="$scratch/data" --web.listen-address="127.0.0.1:$port" \
  >"$scratch/prometheus.log" 2>&1 &
prometheus=$!
trap 'kill "$prometheus" 2>/dev/null; wait "$prometheus" 2>/dev/null; finish' EXIT
ask() { # PATH QUERY: the answer in $scratch/answer
  python3 -c 'import sys, urllib.parse, urllib.request
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/api/v1/{sys.argv[2]}?" + urllib.parse.urlencode({"query": sys.argv[3]})).read().decode())' \
    "$port" "$1" "$2" >"$scratch/answer"
}
# value QUERY REGEX: of the one series that there is.
value() { ask query "$1" && grep -qE "\"value\":\[[0-9.]+,\"$2\"\]" "$scratch/answer"; }
wait_for 60 value 'up{job="falcod"}' 1 || fail "the target is not up: $(tail -n 3 "$scratch/prometheus.log")"
wait_for 30 value 'falcosecurity_falco_rules_matches_total{rule_name="Marked file opened"}' '[1-9][0-9]*' || fail "no matches: $(cat "$scratch/answer")"
wait_for 30 value 'falcod_output_delivery_seconds_count{output="stdout"}' '[1-9][0-9]*' || fail "no deliveries: $(cat "$scratch/answer")"
wait_for 30 value 'histogram_quantile(0.5, falcod_output_delivery_seconds_bucket{output="stdout"})' '[0-9.e+-]+' || fail "no histogram: $(cat "$scratch/answer")"
ask rules '' && grep -q '"health":"ok"' "$scratch/answer" || fail "the shipped alerts are not evaluated: $(head -c 500 "$scratch/answer")"
! grep -q '"health":"err"' "$scratch/answer" || fail "a shipped alert is wrong: $(head -c 1000 "$scratch/answer")"
stop_falcod TERM
expect_status 0
done_testing
