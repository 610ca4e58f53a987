# What each key of falco.yaml changes, as far as a replay shows it; and that no key is without such a test.
source "$(dirname "$0")/keys_lib.sh"
here=$(dirname "$0")
root=$here/../../..
capture=$root/tools/demo/attack.scap.gz

cat >"$scratch/rules.yaml" <<'YAML'
- rule: One
  desc: d
  condition: evt.type in (execve, execveat) and evt.rawres >= 0
  output: one %proc.name
  priority: WARNING
  tags: [b, a]
- rule: Two
  desc: d
  condition: evt.type in (execve, execveat) and evt.rawres >= 0
  output: two %proc.name
  priority: NOTICE
  tags: [c]
YAML
sed -n '1,/tags/{s/One/Three/; s/one/three/; p}' "$scratch/rules.yaml" >"$scratch/more.yaml"
cat >"$scratch/falco.yaml" <<YAML
rules_files: [$scratch/rules.yaml]
stdout_output: {enabled: true}
log_stderr: true
log_syslog: false
YAML

# run OPTION…: each behind -o; alerts in $scratch/stdout.
run() {
  local options=() option
  for option; do options+=(-o "$option"); done
  : >"$scratch/stdout"
  "$FALCOD" -c "$scratch/falco.yaml" "${options[@]}" -e "$capture" >"$scratch/stdout" 2>"$scratch/stderr"
  last_status=$?
}
alerted() { grep -qE -- "$1" "$scratch/stdout"; }
all_alerted() { [[ -s $scratch/stdout ]] && ! grep -qvE -- "$1" "$scratch/stdout"; }
count() { grep -cE -- "$1" "$scratch/stdout"; }

run
number=$(count 'Warning one')
((number > 3)) || fail "the capture shows too little"
expect_status 0

key rules_files
run "rules_files[]=$scratch/more.yaml" rule_matching=all
expect "the second file is not read" alerted ' three '
key config_files
echo 'json_output: true' >"$scratch/more"
run "config_files=[$scratch/more]" "config_files[]=$scratch/more"
expect "the file is not read" all_alerted '^\{'
key engine.kind engine.replay.capture_file
"$FALCOD" -c "$scratch/falco.yaml" -o engine.kind=replay -o "engine.replay.capture_file=$capture" >"$scratch/stdout" 2>"$scratch/stderr"
expect "another number of alerts" test "$(count 'Warning one')" == "$number"
key priority
run rule_matching=all priority=warning
expect_not "a notice is alerted" alerted 'Notice two'
key rule_matching
run rule_matching=all
expect "the second rule is not alerted" test "$(count 'Notice two')" == "$number"
key 'rules[].disable.rule'
run 'rules[]={disable: {rule: O*}}'
expect "the rule is still there" all_alerted ' two '
key 'rules[].disable.tag' 'rules[].enable.rule' 'rules[].enable.tag'
run 'rules[]={disable: {tag: a}}'
expect "rules of the tag are still there" all_alerted ' two '
run 'rules[]={disable: {rule: "*"}}' 'rules[]={enable: {rule: Two}}'
expect "the rule is not enabled" all_alerted ' two '
run 'rules[]={disable: {rule: "*"}}' 'rules[]={enable: {tag: c}}'
expect "rules of the tag are not enabled" all_alerted ' two '
key time_format_iso_8601
run time_format_iso_8601=true
expect "times are not in ISO 8601" all_alerted '^20[0-9-]{8}T[0-9:.]+\+0000: '
key json_output
run json_output=true
expect "alerts are not JSON" all_alerted '^\{"hostname":'
key json_include_output_property
expect "no output" all_alerted '"output":'
run json_output=true json_include_output_property=false
expect_not "an output" alerted '"output":'
key json_include_output_fields_property
expect "no fields" all_alerted '"output_fields":'
run json_output=true json_include_output_fields_property=false
expect_not "fields" alerted '"output_fields":'
key json_include_tags_property
expect "no tags" all_alerted '"tags":\["a","b"\]'
run json_output=true json_include_tags_property=false
expect_not "tags" alerted '"tags":'
key json_include_message_property
expect_not "a message" alerted '"message":'
run json_output=true json_include_message_property=true
expect "no message" all_alerted '"message":"one '

key static_fields
run 'static_fields.site={a: b}'
expect_status 2
run static_fields.env=prod static_fields.env_of=x 'append_output[]={extra_output: "in %static.env"}' json_output=true
expect "the constant is not in the output" all_alerted '"output":"[^"]* in prod".*"static.env":"prod"'
run static_fields.env=prod 'append_output[]={suggested_output: true}'
expect "the constant is not suggested" all_alerted ' static_env=prod'
sed 's/evt.rawres >= 0/evt.rawres >= 0 and static.env = prod/; s/%proc.name/%static.env/' "$scratch/rules.yaml" >"$scratch/static.yaml"
run static_fields.env=prod "rules_files[0]=$scratch/static.yaml"
expect "the condition does not hold" test "$(count 'Warning one prod$')" == "$number"
sed 's/evt.rawres >= 0/evt.rawres >= 0 and proc.name = val(static.shell)/' "$scratch/rules.yaml" >"$scratch/value.yaml"
run static_fields.shell=sh "rules_files[0]=$scratch/value.yaml"
expect "it is not what a field is compared with" all_alerted ' one sh$'
run static_fields.env=test "rules_files[0]=$scratch/static.yaml"
expect_not "the condition holds for another value" alerted ' one '
run "rules_files[0]=$scratch/static.yaml"
expect_status 1
expect_text stderr "E0301" "static_fields"
"$FALCOD" -c "$scratch/falco.yaml" -o static_fields.env=prod -V "$scratch/static.yaml" >"$scratch/stdout" 2>&1
expect "-V does not know it" alerted 'static.yaml: Ok$'
"$FALCOD" -c "$scratch/falco.yaml" -o static_fields.env=prod --list -N >"$scratch/stdout"
expect "--list does not know it" alerted '^static.env$'

key 'append_output[].extra_output'
run 'append_output[]={extra_output: "added=%evt.type"}'
expect "nothing is added" all_alerted ' added=execve'
key 'append_output[].extra_fields'
run json_output=true 'append_output[]={extra_fields: [evt.type, {both: "%proc.name/%evt.type"}]}'
expect "no field is added" all_alerted '"both":"[^"]+/execve(at)?",.*"evt.type":"execve'
key 'append_output[].suggested_output'
run 'append_output[]={suggested_output: true}'
expect "nothing is added" all_alerted ' container_id='
key 'append_output[].match.rule'
run rule_matching=all 'append_output[]={match: {rule: Two}, extra_output: added}'
expect "not to the rule alone" test "$(count 'added$')/$(count ' two .*added$')" == "$number/$number"
key 'append_output[].match.tags'
run rule_matching=all 'append_output[]={match: {tags: [a, b]}, extra_output: added}'
expect "not to the tags alone" test "$(count 'added$')/$(count ' one .*added$')" == "$number/$number"
key 'append_output[].match.source'
run 'append_output[]={match: {source: k8s_audit}, extra_output: added}'
expect_not "to another source" alerted 'added$'

key stdout_output.enabled file_output.enabled file_output.filename
run stdout_output.enabled=false file_output.enabled=true "file_output.filename=$scratch/file"
expect "alerts on standard output" test ! -s "$scratch/stdout"
expect "no alerts in the file" test "$(grep -c 'Warning one' "$scratch/file")" == "$number"
key program_output.enabled program_output.program
# Few alerts: starting a shell for each takes its time on a busy machine, and the end waits for outputs five seconds.
sed 's/evt.rawres >= 0/evt.rawres >= 0 and proc.name in (runc, exe)/' "$scratch/rules.yaml" >"$scratch/few.yaml"
run "rules_files[0]=$scratch/few.yaml"
few=$(count 'Warning one')
((few > 1)) || fail "no alerts for a program"
run "rules_files[0]=$scratch/few.yaml" program_output.enabled=true "program_output.program=echo start >>$scratch/starts; cat >>$scratch/program"
expect "the program got no alerts" test "$(grep -c 'Warning one' "$scratch/program")" == "$few"
expect "it is not started for each alert" test "$(wc -l <"$scratch/starts")" == "$few"
key program_output.keep_alive
: >"$scratch/starts"
run program_output.enabled=true program_output.keep_alive=true "program_output.program=echo start >>$scratch/starts; cat >>$scratch/program"
expect "it is started more than once" test "$(wc -l <"$scratch/starts")" == 1

key log_stderr
run
expect "no log" grep -q 'Events detected' "$scratch/stderr"
run log_stderr=false
expect "a log on standard error" test ! -s "$scratch/stderr"
key log_level
run log_level=error
expect "what is for information is in the log" test ! -s "$scratch/stderr"

start_receiver
to_receiver=(http_output.enabled=true "http_output.url=\"http://127.0.0.1:$(cat "$scratch/port")/\"")
key http_output.enabled http_output.url
run "${to_receiver[@]}"
expect "the server got other alerts" test "$(grep -c '^text/plain .*Warning one' "$scratch/posted")" == "$number"
expect "a reply is shown" test "$(count taken)" == 0
key http_output.user_agent
expect "another name" grep -qx 'User-Agent: falcosecurity/falco' "$scratch/headers"
run "${to_receiver[@]}" http_output.user_agent=me/7
expect "the usual name" grep -qx 'User-Agent: me/7' "$scratch/headers"
key http_output.compress_uploads
expect_not "compression" grep -q '^TE: ' "$scratch/headers"
run "${to_receiver[@]}" http_output.compress_uploads=true
expect "no compression" grep -qx 'TE: gzip' "$scratch/headers"
key http_output.echo
run "${to_receiver[@]}" http_output.echo=true
expect "replies are not shown" test "$(count '^taken$')" == "$number"

# key_in FILE NAME…: keys whose effect is checked there; the file names them.
elsewhere=()
key_in() {
  local file=$1 name
  shift
  for name; do
    grep -qE "\b${name##*.}\b" "$root/$file" || fail "$file does not name $name"
    elsewhere+=("$name")
  done
}
daemon=tests/live/daemon
key_in $daemon/client_certificate.sh http_output.{insecure,ca_cert,ca_bundle,ca_path,mtls,client_cert,client_key}
key_in tests/runtime/output/http_test.cpp http_output.max_consecutive_timeouts
key_in tests/runtime/daemon/alert_outputs_test.cpp buffered_outputs file_output.keep_alive
key_in $daemon/output.sh outputs_queue.capacity
key_in tests/sinks/journald.sh syslog_output.enabled log_syslog
key_in $daemon/sinks.sh sinks
key_in $daemon/drops.sh syscall_event_drops.{actions,simulate_drops}
key_in tests/runtime/daemon/drops_test.cpp syscall_event_drops.{threshold,rate,max_burst}
key_in tests/runtime/observe/metrics_test.cpp metrics.{rules_counters,resource_utilization,state_counters,kernel_event_counters}_enabled \
  metrics.{convert_memory_to_mb,include_empty_values}
key_in $daemon/configuration.sh metrics.{enabled,interval,output_rule,output_file}
key_in tests/runtime/daemon/service_test.cpp webserver.{enabled,listen_port,k8s_healthz_endpoint,prometheus_metrics_enabled}
key_in tests/runtime/observe/web_server_test.cpp webserver.{listen_address,ssl_enabled,ssl_certificate}
key_in tests/live/metadata/lib.sh metadata.{wait,podman_storage}
key_in tests/live/metadata/kubernetes.sh metadata.kubernetes.node
key_in tests/runtime/metadata/kube_test.cpp metadata.kubernetes.context
key_in tests/runtime/config/keys_test.cpp load_plugins 'plugins[].name' 'plugins[].init_config'
unset -v daemon

"$FALCOD" --config-schema >"$scratch/schema"
{
  printf '%s\n' "${elsewhere[@]}"
  grep -hE '^key ' "$0" "$here/keys_live.sh" | cut -d' ' -f2- | tr -d "'" | tr ' ' '\n'
} >"$scratch/tested"
python3 - "$scratch/schema" "$scratch/tested" <<'PY' || fail "keys and tests do not go together"
import json, sys
def leaves(node, path):
    if node.get("deprecated") or node.get("description", "").startswith("Has no effect"):
        return
    inside = node["items"].get("properties") if "items" in node else node.get("properties")
    if not inside:
        yield path
        return
    for name, child in inside.items():
        own = (path + "[]" if "items" in node else path) + "." + name if path else name
        yield from leaves(child, own)
keys = set(leaves(json.load(open(sys.argv[1])), ""))
# What an entry of plugins must have, and what is told of with the entry.
keys -= {"plugins[].library_path", "plugins[].open_params"}
tested = set(open(sys.argv[2]).read().split())
assert len(keys) > 80, len(keys)
assert not keys - tested, f"without a test: {sorted(keys - tested)}"
assert not tested - keys, f"tested, but no keys: {sorted(tested - keys)}"
PY
done_testing
