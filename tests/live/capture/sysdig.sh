# Another program reads what falcod records: sysdig tells the same number of events of each type, and of
# every event the same process, descriptor and arguments; compare.py says what is not compared and why. Compared
# is what the session did that the test started: what else goes on here is not of its choosing.
source "$(dirname "$0")/../daemon/lib.sh"
command -v sysdig >/dev/null || skip "sysdig is not installed"
command -v python3 >/dev/null || skip "python3 is not installed"
need_live

cat >"$scratch/all.yaml" <<'YAML'
- rule: all
  desc: Every event
  condition: evt.num > 0
  output: "%evt.rawtime %thread.tid %evt.type %proc.name %fd.name %evt.args %proc.sid"
  priority: NOTICE
YAML
cat >"$scratch/act.py" <<'PY'
import os, socket, subprocess, sys, threading

server = socket.create_server(("127.0.0.1", 0))
def serve():
    peer, _ = server.accept()
    peer.send(peer.recv(10).upper())
thread = threading.Thread(target=serve)
thread.start()
client = socket.create_connection(server.getsockname())
client.send(b"hello")
assert client.recv(5) == b"HELLO"
client.close()
thread.join()
one, other = socket.socketpair()
one.send(b"x")
local = socket.socket(socket.AF_UNIX)
local.bind("\0" + sys.argv[1])
for family, address in ((socket.AF_UNIX, sys.argv[1] + ".nobody"), (socket.AF_INET, ("127.0.0.1", 1))):
    refused = socket.socket(family)
    assert refused.connect_ex(address) != 0
    refused.close()
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagram.sendto(b"x", ("127.0.0.1", 9))
reader, writer = os.pipe()
os.write(writer, b"a")
os.close(writer)
os.read(reader, 1)
os.chdir("/tmp")
with open(sys.argv[1], "w") as file:
    os.dup2(file.fileno(), 77)
    os.write(77, b"b")
os.rename(sys.argv[1], sys.argv[1] + ".2")
os.unlink(sys.argv[1] + ".2")
subprocess.run(["cat", "/etc/hostname", "/nonexistent"])
PY
capture=$scratch/a.scap
"$FALCOD" -q -r "$scratch/all.yaml" -w "$capture" -- \
  setsid -w sh -c "echo \$\$ >$scratch/session; cat /etc/hostname; cd /tmp; : >$marker; ln -s a $marker.l; rm $marker*; exec python3 $scratch/act.py $marker" \
  >/dev/null 2>"$scratch/stderr" || fail "the recording fails: $(cat "$scratch/stderr")"
"$FALCOD" -q -r "$scratch/all.yaml" -o json_output=true -e "$capture" >"$scratch/ours"
sysdig -r "$capture" -j -p '*%evt.rawtime %evt.dir %thread.tid %evt.type %proc.name %fd.name %evt.args' \
  >"$scratch/theirs" 2>"$scratch/stderr" || fail "sysdig does not read the file: $(cat "$scratch/stderr")"
sysdig -L >"$scratch/known"
[[ $(wc -l <"$scratch/ours") -gt 1000 ]] || fail "only $(wc -l <"$scratch/ours") events"
python3 "$(dirname "$0")/compare.py" "$scratch/ours" "$scratch/theirs" "$scratch/known" \
  --session="$(<"$scratch/session")" >"$scratch/stdout" ||
  fail "sysdig reads other events: $(cat "$scratch/stdout")"
cat "$scratch/stdout"
done_testing
