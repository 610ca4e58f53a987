# Which alerts a sink takes: by a condition in the rule language on the event and its process, alike ones once with their number,
# and no more than its limit, which is told.
source "$(dirname "$0")/lib.sh"
need_live
start_receiver
address=http://127.0.0.1:$(cat "$scratch/port")

# start_with SINK-KEYS: a webhook with these keys.
start_with() {
  rm -f "$scratch/posted"
  cat >"$scratch/falco.yaml" <<YAML
rules_files: [$RULES]
stdout_output: {enabled: true}
log_stderr: true
log_syslog: false
sinks:
  webhook: {address: "$address/", $1}
YAML
  start_configured
}
opened() { grep -o "opened /tmp/$marker-[^ ]*" "$scratch/posted" | sort -u | tr '\n' ' '; }
reported() { (($(grep -c "opened /tmp/$marker" "$scratch/stdout") >= $1)); }

start_with "when: 'alert.rule = \"Marked file opened\" and proc.name = cat and evt.res = ENOENT and alert.tags intersects (open)'"
cat "/tmp/$marker-1" 2>/dev/null
: 2>/dev/null <"/tmp/$marker-2" # by this shell
: >"/tmp/$marker-3" && cat "/tmp/$marker-3" && rm "/tmp/$marker-3"
cat "/tmp/$marker-4" 2>/dev/null
wait_for 60 reported 5 || fail "not all alerts are there"
stop_falcod TERM
expect_status 0
[[ $(opened) == "opened /tmp/$marker-1 opened /tmp/$marker-4 " ]] || fail "posted: $(opened)"
expect_no_text posted '"rule":"Program started"'

start_with "when: 'alert.rule = \"Marked file opened\" and fd.name contains $marker', deduplicate: {window: 1h, by: [fd.name]}"
for i in {1..7}; do : 2>/dev/null <"/tmp/$marker-often"; done
: 2>/dev/null <"/tmp/$marker-once"
wait_for 60 reported 8 || fail "not all alerts are there"
stop_falcod TERM
((3 == $(grep -c "opened /tmp/$marker" "$scratch/posted"))) || fail "posted: $(cat "$scratch/posted")"
grep -F "opened /tmp/$marker-often" "$scratch/posted" | grep -F '"falcod.repeats":6' | grep -qF '(×6 in ' || fail "repeats are not told of"

start_with "when: 'alert.rule = \"Marked file opened\" and fd.name contains $marker', ratelimit: {alerts: 2, per: 1h}"
for i in {1..5}; do : 2>/dev/null <"/tmp/$marker-$i"; done
wait_for 60 reported 5 || fail "not all alerts are there"
wait_for 60 grep -q '"n_lost_over_limit":"3"' "$scratch/posted" || fail "what went over the limit is not alerted"
stop_falcod TERM
[[ $(opened) == "opened /tmp/$marker-1 opened /tmp/$marker-2 " ]] || fail "posted: $(opened)"
expect_text stderr "more than its limit: 3"

sed -i 's/ratelimit: {.*}}/ratelimit: {alerts: 2}}/; s/fd.name contains/fd.nmae contains/' "$scratch/falco.yaml"
"$FALCOD" -c "$scratch/falco.yaml" -- true >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 2
expect_text stderr "[E0843]" "ratelimit.per"
sed -i 's/, ratelimit: {alerts: 2}//' "$scratch/falco.yaml"
"$FALCOD" -c "$scratch/falco.yaml" -- true >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 1
expect_text stderr "sinks.webhook.when:1:" "[E0301]" "did you mean"
"$FALCOD" -c "$scratch/falco.yaml" --config-check >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 2
expect_text stderr "sinks.webhook.when:1:" "[E0301]"
done_testing
