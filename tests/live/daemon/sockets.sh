# Connections by their ends, who serves and who asks, and sets too large to compare with: the same alerts with filters
# and without. Who connected is known though no rule wants accept, and what no rule is about stays in the kernel.
source "$(dirname "$0")/lib.sh"
need_live
command -v python3 >/dev/null || skip "python3 is not installed"
dir=$scratch/watched
mkdir "$dir" && echo x >"$dir/Mixed-$marker"
addresses=$(seq -s ', ' -f '10.77.1.%g' 1 250), # with the next more than a filter compares with
addresses+=$(seq -s ', ' -f '10.77.2.%g' 1 250)

cat >"$scratch/sockets.yaml" <<YAML
- rule: Served
  desc: written by who accepted
  condition: evt.type = write and fd.sip = 127.0.0.5 and fd.is_server = true and fd.l4proto = tcp
  output: "Served %fd.cip->%fd.sip %fd.type"
  priority: NOTICE
- rule: Asked
  desc: written by who connected
  condition: evt.type = write and fd.cip = 127.0.0.6 and fd.is_server = false and fd.connected = true
  output: "Asked %fd.cip->%fd.sip %fd.type"
  priority: NOTICE
- rule: Connected
  desc: a network, and an address of many
  condition: evt.type = connect and fd.rnet = 127.0.0.4/30 and fd.lip in ($addresses, 127.0.0.6)
  output: "Connected %fd.lip->%fd.rip"
  priority: NOTICE
- rule: Elsewhere
  desc: nobody connects there
  condition: evt.type = connect and fd.sip in ($addresses)
  output: "Elsewhere %fd.name"
  priority: NOTICE
- rule: Named
  desc: a name of a host, which user space alone can resolve
  condition: evt.type = connect and (fd.sip.name = localhost or fd.sip.name = nowhere.invalid)
  output: "Named %fd.sip %fd.sip.name"
  priority: NOTICE
- rule: Any case
  desc: a name in letters of either case
  condition: evt.type in (open, openat) and fd.name icontains MIXED-$marker
  output: "Any case %fd.name"
  priority: NOTICE
YAML

cat >"$scratch/deeds.py" <<'PYTHON'
import os, socket, sys
listener = socket.socket()
listener.bind(("127.0.0.5", 0))
listener.listen(8)
for source, count in ("127.0.0.6", 1), ("127.0.0.7", 500):
    for _ in range(count):
        client = socket.socket()
        client.bind((source, 0))
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        if count == 1:
            os.write(client.fileno(), b"asked")
            os.write(server.fileno(), b"served")
        client.close()
        server.close()
other = socket.socket()
other.bind(("127.0.0.1", 0))
other.listen(1)
socket.create_connection(other.getsockname()).close()
open(sys.argv[1]).close()
PYTHON

# count FILE EVENT FIELD: of events whose name begins so
count() {
  tr '{' '\n' <"$1" | grep -E "\"event\":\"$2" | grep -oE "\"$3\":[0-9]+" | awk -F: '{ sum += $2 } END { print sum + 0 }'
}
for option in "" --no-filter; do
  : >"$scratch/stdout"
  "$FALCOD" --start=complete $option --stats json -r "$scratch/sockets.yaml" -o rule_matching=all -- \
    python3 "$scratch/deeds.py" "$dir/Mixed-$marker" >>"$scratch/stdout" 2>"$scratch/stderr"
  expect_no_text stderr '[W0605]'
  sed -E 's/^[0-9:.]+ //' "$scratch/stdout" | grep -E '^Notice' >"$scratch/alerts$option"
  grep -m 1 '^{"events"' "$scratch/stderr" >"$scratch/stats$option" || fail "no statistics"
  diff - "$scratch/alerts$option" >&2 <<ALERTS || fail "other alerts than expected with '$option'"
Notice Connected 127.0.0.6->127.0.0.5
Notice Asked 127.0.0.6->127.0.0.5 ipv4
Notice Served 127.0.0.6->127.0.0.5 ipv4
Notice Named 127.0.0.1 localhost
Notice Any case $dir/Mixed-$marker
ALERTS
  (($(count "$scratch/stats$option" accept read) == 0)) || fail "accept is read, which no rule wants"
done
(($(count "$scratch/stats" connect filtered) >= 500)) || fail "the kernel dropped $(count "$scratch/stats" connect filtered) connections"
(($(count "$scratch/stats--no-filter" connect read) >= 500)) || fail "without filters connections are missing"
done_testing
