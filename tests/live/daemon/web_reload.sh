# The web server follows falco.yaml while falcod runs: another port, other paths, TLS, its end. What cannot be had is told of, and
# the server that there was goes on. Alerts come meanwhile.
source "$(dirname "$0")/lib.sh"
need_live
for tool in curl openssl python3; do command -v $tool >/dev/null || skip "$tool is not installed"; done
one=$((20000 + $$ % 20000))
two=$((20000 + ($$ + 6007) % 20000))
taken=$((20000 + ($$ + 12011) % 20000))

# configure PORT MORE-OF-WEBSERVER [SECTION]
configure() {
  cat >"$scratch/falco.yaml.new" <<YAML
rules_files: [$RULES]
watch_config_files: true
stdout_output: {enabled: true}
log_stderr: true
log_syslog: false
webserver: {enabled: true, listen_address: 127.0.0.1, listen_port: $1$2}
${3-}
YAML
  mv "$scratch/falco.yaml.new" "$scratch/falco.yaml"
}
status() { curl -sk --max-time 5 -o "$scratch/page" -w '%{http_code}' "$1"; }
answers() { [[ $(status "$1") == "$2" ]]; }

configure "$one" ""
start_configured
wait_for 30 answers "http://127.0.0.1:$one/healthz" 200 || fail "no answer at the start"
answers "http://127.0.0.1:$one/metrics" 404 || fail "metrics that nobody asked for"

configure "$one" ", k8s_healthz_endpoint: /alive, prometheus_metrics_enabled: true" "metrics: {enabled: true, interval: 1h, output_rule: true}"
wait_for 60 answers "http://127.0.0.1:$one/alive" 200 || fail "the path stays what it was: $(cat "$scratch/stderr")"
answers "http://127.0.0.1:$one/healthz" 404 || fail "the old path answers"
answers "http://127.0.0.1:$one/metrics" 200 || fail "no metrics"

configure "$two" ""
wait_for 60 answers "http://127.0.0.1:$two/healthz" 200 || fail "the port stays what it was: $(cat "$scratch/stderr")"
answers "http://127.0.0.1:$one/healthz" 000 || fail "the old port answers"

python3 -m http.server --bind 127.0.0.1 "$taken" >/dev/null 2>&1 &
other=$!
trap 'kill "$other" 2>/dev/null; wait "$other" 2>/dev/null; finish' EXIT
wait_for 30 answers "http://127.0.0.1:$taken/" 200 || fail "nobody takes the port"
configure "$taken" ""
wait_for 60 grep -q "cannot listen at 127.0.0.1 port $taken" "$scratch/stderr" || fail "a port that is taken is not told of"
wait_for 30 answers "http://127.0.0.1:$two/healthz" 200 || fail "the web server that there was is gone"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2 \
  -keyout "$scratch/key" -out "$scratch/cert" 2>/dev/null
cat "$scratch/key" "$scratch/cert" >"$scratch/falco.pem"
configure "$two" ", ssl_enabled: true, ssl_certificate: $scratch/falco.pem"
wait_for 60 answers "https://127.0.0.1:$two/healthz" 200 || fail "no TLS: $(cat "$scratch/stderr")"

: 2>/dev/null <"/tmp/$marker-web"
wait_for 30 grep -qF "$marker-web" "$scratch/stdout" || fail "no alert"
sed -i 's/webserver: {enabled: true/webserver: {enabled: false/' "$scratch/falco.yaml"
wait_for 60 answers "https://127.0.0.1:$two/healthz" 000 || fail "the web server does not end"
stop_falcod TERM
expect_status 0
expect_text stderr "Events lost: 0"
done_testing
