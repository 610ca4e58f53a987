# What each key of falco.yaml changes that only live system calls show.
source "$(dirname "$0")/keys_lib.sh"
need_live

# live OPTION…: each behind -o, with a command that opens marked files; alerts in $scratch/stdout.
write_file="printf '%s' \"\$(head -c 400 /dev/zero | tr '\\0' x)\" >/tmp/$marker"
live() {
  local options=() option
  for option; do options+=(-o "$option"); done
  falcod "${options[@]}" -- bash -c "${command:-: 2>/dev/null </tmp/$marker-none}"
}
alerted() { grep -qE -- "$1" "$scratch/stdout"; }

key engine.modern_ebpf.drop_failed_exit
live
expect "a failed call is not reported" alerted "opened /tmp/$marker-none .*result=-2"
live engine.modern_ebpf.drop_failed_exit=true
expect_not "a failed call is reported" alerted "opened /tmp/$marker-none"

cat >"$scratch/written.yaml" <<YAML
- rule: Written
  desc: d
  condition: evt.type = write and fd.name = /tmp/$marker and evt.buflen > 300
  output: written %evt.buffer.
  priority: WARNING
YAML
key buffer_format_base64
RULES=$scratch/written.yaml
command=$write_file
live
expect "the bytes are not as they are" alerted 'written x{80}\.$'
live buffer_format_base64=true
expect "the bytes are not in base 64" alerted "written $(head -c 80 /dev/zero | tr '\0' x | base64 -w 0)\.$"
key falco_libs.snaplen
live falco_libs.snaplen=7
expect "not as short as asked for" alerted 'written x{7}\.$'
live falco_libs.snaplen=300
expect "not as long as asked for" alerted 'written x{300}\.$'
command="python3 -c 'import os; fd = os.open(\"/tmp/$marker\", os.O_CREAT | os.O_WRONLY); os.writev(fd, [b\"a\" * 200, b\"b\" * 200])'"
sed -i 's/evt.type = write/evt.type = writev/' "$RULES"
if command -v python3 >/dev/null; then
  live falco_libs.snaplen=300
  expect "segments are not put together" alerted 'written a{200}b{100}\.$'
fi
rm -f "/tmp/$marker"
RULES=$(dirname "$0")/rules.yaml
command=

key metadata.kubernetes.kubeconfig metadata.kubernetes.enabled
live metadata.kubernetes.kubeconfig=/nonexistent
expect_text stderr "the Kubernetes API server is not asked"
live metadata.kubernetes.kubeconfig=/nonexistent metadata.kubernetes.enabled=false
expect_no_text stderr "the Kubernetes API server is not asked"

captures() { find "$scratch" -name "$1_*.scap" -size "+${2:-0}c" | wc -l; }
key capture.enabled capture.path_prefix capture.mode
live capture.enabled=true "capture.path_prefix=$scratch/none"
expect "a capture that no rule asks for" test "$(captures none)" == 0
live capture.enabled=true "capture.path_prefix=$scratch/all" capture.mode=all_rules
expect "no capture" test "$(captures all)" == 1
key capture.default_duration
# In the first millisecond after the match, and half a second behind it.
command=": </tmp/$marker-none; sleep 0.5; : </etc/hostname"
held() { "$FALCOD" -q -r "$scratch/opened.yaml" -e "$(find "$scratch" -name "$1_*.scap")" | grep -q hostname; }
cat >"$scratch/opened.yaml" <<'YAML'
- rule: Opened
  desc: d
  condition: evt.type in (open, openat)
  output: "%fd.name"
  priority: NOTICE
YAML
only_marked=('rules[]={disable: {rule: "*"}}' 'rules[]={enable: {rule: Marked*}}')
live "${only_marked[@]}" capture.enabled=true "capture.path_prefix=$scratch/short" capture.mode=all_rules capture.default_duration=1
expect_not "the capture goes on" held short
live "${only_marked[@]}" capture.enabled=true "capture.path_prefix=$scratch/long" capture.mode=all_rules capture.default_duration=60000
expect "the capture has ended" held long
key capture.max_file_size_mb
command="for i in {1..5000}; do : </tmp/$marker-$(printf 'x%.0s' {1..200}); done 2>/dev/null"
live capture.enabled=true "capture.path_prefix=$scratch/large" capture.mode=all_rules capture.max_file_size_mb=1
expect "the capture does not end" alerted 'capture size limit reached'
command=

# start OPTION…: in the background with web server and a file.
port=$((20000 + ($$ + 4001) % 20000))
start() {
  local options=() option
  for option; do options+=(-o "$option"); done
  start_falcod -o json_output=true "${options[@]}"
}
stop() {
  stop_falcod TERM
  expect_status 0
}
largest_map() { # of eBPF memory, in KiB
  local most=0 begin end size
  while IFS='- ' read -r begin end _; do
    size=$(((16#$end - 16#$begin) / 1024))
    ((size > most)) && most=$size
  done < <(grep bpf-map "/proc/$daemon/maps")
  echo "$most"
}
has_fd() { find "/proc/$daemon/fd" -lname "*$1*" 2>/dev/null | grep -q .; }
fds() { find "/proc/$daemon/fd" -lname "*$1*" 2>/dev/null | wc -l; }
count_threads() { find "/proc/$daemon/task" -mindepth 1 -maxdepth 1 | wc -l; }
threads() { # once no more are started
  local before=0 now
  now=$(count_threads)
  while ((now != before)); do
    before=$now
    sleep 0.5
    now=$(count_threads)
  done
  echo "$now"
}

key watch_config_files
start webserver.enabled=true "webserver.listen_port=$port" webserver.listen_address=127.0.0.1 webserver.threadiness=2
expect "no file is watched" has_fd inotify
usual_map=$(largest_map)
usual_programs=$(fds bpf)
two=$(threads)
stop
start watch_config_files=false webserver.enabled=true "webserver.listen_port=$port" webserver.listen_address=127.0.0.1 \
  webserver.threadiness=7 engine.modern_ebpf.buf_size_preset=6 engine.modern_ebpf.disable_iterators=true
expect_not "files are watched" has_fd inotify
key webserver.threadiness
seven=$(threads)
expect "$two threads with 2, $seven with 7" test "$seven" == "$((two + 5))"
key engine.modern_ebpf.buf_size_preset
expect "$usual_map KiB, $(largest_map) KiB with another preset" test "$(largest_map)" -gt "$usual_map"
key engine.modern_ebpf.disable_iterators
expect "the iterators are loaded" test "$(fds bpf)" -lt "$usual_programs"
stop

start_receiver
address=http://127.0.0.1:$(cat "$scratch/port")/
key http_output.keep_alive
# The timer of an idle connection to the receiver is that of keep-alive probes.
probed() { awk -v port="$(printf ':%04X' "$(cat "$scratch/port")")" '$3 ~ port "$" && $4 == "01" && $6 ~ /^02:/ {found = 1} END {exit !found}' /proc/net/tcp; }
start http_output.enabled=true "http_output.url=$address" http_output.keep_alive=true
: 2>/dev/null <"/tmp/$marker-kept"
wait_for 30 grep -q "$marker-kept" "$scratch/posted" || fail "nothing is posted"
expect "the connection is not probed" wait_for 10 probed
stop
start http_output.enabled=true "http_output.url=$address"
: 2>/dev/null <"/tmp/$marker-plain"
wait_for 30 grep -q "$marker-plain" "$scratch/posted" || fail "nothing is posted"
expect_not "the connection is probed" probed
stop

key output_timeout
kill -STOP "$receiver"
start http_output.enabled=true "http_output.url=$address" output_timeout=100
: 2>/dev/null <"/tmp/$marker-stands"
expect "an output that stands still is not told of" wait_for 30 grep -q 'W0840.*output http has taken nothing' "$scratch/stderr"
kill -CONT "$receiver"
stop
done_testing
