# Outputs and sinks follow the configuration while falcod runs: new ones get alerts, old ones end, what one has not delivered
# goes on under its new address, and nothing is lost on the way. A configuration that is wrong changes nothing.
source "$(dirname "$0")/lib.sh"
need_live
start_receiver
address=http://127.0.0.1:$(cat "$scratch/port")

# configure JSON FILE WEBHOOK-KEYS: in one step, as a volume of Kubernetes changes.
configure() {
  cat >"$scratch/falco.yaml.new" <<YAML
rules_files: [$RULES]
watch_config_files: true
json_output: $1
stdout_output: {enabled: true}
file_output: {enabled: true, filename: $scratch/$2}
log_stderr: true
log_syslog: false
sinks:
  spool: {directory: $scratch/spool}
  webhook: {$3}
YAML
  mv "$scratch/falco.yaml.new" "$scratch/falco.yaml"
}
reloaded() { (($(grep -c 'rules loaded again' "$scratch/stderr") >= $1)); }
opened() { grep -o "opened /tmp/$marker-[0-9]" "$scratch/$1" 2>/dev/null | sort -u | tr '\n' ' '; }
has() { [[ $(opened "$1") == *"opened /tmp/$marker-$2 "* ]]; }

configure false one "address: 'http://127.0.0.1:1/'" # nobody is there
start_configured
: 2>/dev/null <"/tmp/$marker-1"
wait_for 60 has one 1 || fail "the first file lacks the first alert"
wait_for 60 grep -q "W0841.*sinks.webhook" "$scratch/stderr" || fail "the receiver that is not there is not told of"

configure true two "address: '$address/'"
wait_for 60 reloaded 1 || fail "the configuration is not noticed: $(cat "$scratch/stderr")"
wait_for 60 has posted 1 || fail "what the sink had not delivered is lost"
: 2>/dev/null <"/tmp/$marker-2"
wait_for 60 has two 2 || fail "the new file gets no alerts"
wait_for 60 has posted 2 || fail "the sink gets no alerts any more"
[[ $(opened one) == "opened /tmp/$marker-1 " && $(opened two) == "opened /tmp/$marker-2 " ]] || fail "files: $(opened one)/ $(opened two)"
grep -F "$marker-2" "$scratch/stdout" | grep -q '^{' || fail "alerts are not JSON now"

configure true two "address: '$address/', when: 'fd.nmae = x'"
wait_for 60 grep -q 'E0301' "$scratch/stderr" || fail "the mistake is not told of"
: 2>/dev/null <"/tmp/$marker-3"
wait_for 60 has posted 3 || fail "a wrong configuration changed the sinks"

configure true two "address: '$address/', when: 'fd.name endswith 5'"
wait_for 60 reloaded 2 || fail "the configuration is not noticed: $(cat "$scratch/stderr")"
: 2>/dev/null <"/tmp/$marker-4"
: 2>/dev/null <"/tmp/$marker-5"
wait_for 60 has posted 5 || fail "the sink gets no alerts any more"
stop_falcod TERM
expect_status 0
[[ $(opened posted) == "opened /tmp/$marker-1 opened /tmp/$marker-2 opened /tmp/$marker-3 opened /tmp/$marker-5 " ]] || fail "posted: $(opened posted)"
[[ $(opened two) == "opened /tmp/$marker-2 opened /tmp/$marker-3 opened /tmp/$marker-4 opened /tmp/$marker-5 " ]] || fail "in the file: $(opened two)"
expect_no_text stderr "Alerts lost"
done_testing
