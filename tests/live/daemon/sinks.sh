# Sinks behind a spool: a receiver that is down, falcod killed hard, and then every alert arrives, under one id each.
source "$(dirname "$0")/lib.sh"
need_live
start_receiver
stop_receiver

cat >"$scratch/falco.yaml" <<YAML
rules_files: [$RULES]
stdout_output: {enabled: true}
log_stderr: true
log_syslog: false
sinks:
  customfields: {cluster: test}
  webhook: {address: "http://127.0.0.1:$port/", minimumpriority: warning}
  slack: {webhookrul: x}
  cliq: {webhookurl: "http://localhost:9092"}
  spool: {directory: $scratch/spool}
YAML
spooled() { [[ $(cat "$scratch"/spool/sinks.webhook/*.alerts 2>/dev/null | grep -ao "opened /tmp/$marker-[0-9]*-" | sort -u | wc -l) -ge $1 ]]; }
posted() { [[ $(grep -o "opened /tmp/$marker-[0-9]*-" "$scratch/posted" 2>/dev/null | sort -u | wc -l) -ge $1 ]]; }

start_configured
expect_text stderr "sinks.cliq is not done" "did you mean webhookurl?"
for i in {1..20}; do : 2>/dev/null <"/tmp/$marker-$i-"; done
wait_for 60 spooled 20 || fail "the alerts are not in the spool"
wait_for 60 grep -q "W0841.*sinks.webhook" "$scratch/stderr" || fail "the receiver that is down is not told of"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null

start_receiver "$port"
start_configured
wait_for 60 posted 20 || fail "after a restart not every alert arrives"
: 2>/dev/null <"/tmp/$marker-21-"
wait_for 60 posted 21 || fail "new alerts do not arrive"
stop_falcod TERM
expect_status 0
expect_text posted '"cluster":"test"'
expect_no_text posted "started "  # below the least priority
# Ids: as many as alerts, whatever was sent twice.
alerts=$(grep -F "$marker" "$scratch/posted" | grep -o "opened /tmp/$marker-[0-9]*-" | sort -u | wc -l)
ids=$(grep -F "opened /tmp/$marker-" "$scratch/posted" | grep -o '"uuid":"[^"]*"' | sort -u | wc -l)
((ids == alerts)) || fail "$alerts alerts have $ids ids"
done_testing
