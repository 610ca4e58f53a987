# The disk under the spool is full: what fits is on it, the rest waits in memory, what has no room there either is counted and
# alerted, and nothing ends. With room again it goes on, and every alert that was not counted as lost arrives.
source "$(dirname "$0")/lib.sh"
need_live
start_receiver
stop_receiver
mkdir "$scratch/disk"
mount -t tmpfs -o size=64k tmpfs "$scratch/disk" || skip "no tmpfs can be mounted"
leave() {
  kill "${receiver-}" "${daemon-}" 2>/dev/null
  wait "${receiver-}" "${daemon-}" 2>/dev/null
  umount -l "$scratch/disk"
  finish
}
trap leave EXIT

cat >"$scratch/falco.yaml" <<YAML
rules_files: [$RULES]
json_output: true
stdout_output: {enabled: true}
log_stderr: true
log_syslog: false
outputs_queue: {capacity: 50}
sinks:
  webhook: {address: "http://127.0.0.1:$port/", minimumpriority: warning}
  spool: {directory: $scratch/disk/spool}
YAML
start_configured
opened() { for ((i = $1; i <= $2; ++i)); do : 2>/dev/null <"/tmp/$marker-$i-"; done; }
seen() { [[ $(grep -o "opened /tmp/$marker-[0-9]*-" "$scratch/$1" 2>/dev/null | sort -u | wc -l) -ge $2 ]]; }

# 30 at a time, so that standard output with its queue of the same size loses none.
for ((first = 1; first < 600; first += 30)); do
  opened "$first" $((first + 29))
  wait_for 60 seen stdout $((first + 29)) || fail "standard output waits for the disk"
done
wait_for 60 grep -qE "W0841.*the spool of output sinks.webhook fails: (the disk is full|No space left)" "$scratch/stderr" ||
  fail "the full disk is not told of: $(cat "$scratch/stderr")"
wait_for 60 grep -qF '"rule":"Falco internal: alerts lost"' "$scratch/stdout" || fail "losses are not alerted"
grep -F '"rule":"Falco internal: alerts lost"' "$scratch/stdout" | grep -qF '"output":"sinks.webhook"' || fail "the alert names another output"
kill -0 "$daemon" 2>/dev/null || fail "falcod has ended"
df --output=avail "$scratch/disk" | tail -n 1 | grep -qx ' *0' || fail "the disk is not full"

mount -o remount,size=16m "$scratch/disk"
wait_for 60 grep -q "the spool of output sinks.webhook takes alerts again" "$scratch/stderr" || fail "that there is room again is not told of"
start_receiver "$port"
trap leave EXIT
# One at a time until one is delivered: what comes while the queue is still full is lost, and counted.
next=600
delivered() {
  opened "$next" "$next"
  ((++next))
  sleep 0.2
  grep -qE "opened /tmp/$marker-[6-9][0-9]{2}-" "$scratch/posted"
}
wait_for 120 delivered || fail "nothing is delivered after the disk has room"
wait_for 60 seen stdout $((next - 1)) || fail "alerts do not come any more"
stop_falcod TERM
expect_status 0
lost=$(grep -A 100 '^Events detected' "$scratch/stderr" | grep -o 'Alerts lost at sinks.webhook: [0-9]*' | grep -o '[0-9]*$')
arrived=$(grep -o "opened /tmp/$marker-[0-9]*-" "$scratch/posted" | sort -u | wc -l)
((lost > 0)) || fail "no loss is counted at the end"
# The internal alerts about it are alerts of that sink as well.
((arrived + lost >= next - 1)) || fail "$arrived of $((next - 1)) alerts arrived, and only $lost are counted as lost"
((arrived > 50)) || fail "only $arrived alerts arrived: the spool held none"
done_testing
