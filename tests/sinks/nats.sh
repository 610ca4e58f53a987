# NATS: one message for each alert, on a subject of priority and rule; a password that is wrong.
source "$(dirname "$0")/lib.sh"
need nats-server nats-server
port=$(free_port)
serve nats-server --addr 127.0.0.1 --port "$port"
wait_for 30 listens "$port" || fail "the server does not start"

cat >"$scratch/subscribe.py" <<'PY'
import socket, sys
server = socket.create_connection(("127.0.0.1", int(sys.argv[1]))).makefile("rwb")
server.readline()
server.write(b'CONNECT {"verbose":false}\r\nSUB falco.> 1\r\nPING\r\n')
server.flush()
subjects, bodies = open(sys.argv[2], "w"), open(sys.argv[3], "w")
while line := server.readline():
    if line.startswith(b"PONG"):
        open(sys.argv[4], "w")
    if line.startswith(b"MSG"):
        words = line.split()
        print(words[1].decode(), file=subjects, flush=True)
        print(server.read(int(words[-1])).decode(), file=bodies, flush=True)
        server.readline()
PY
serve python3 "$scratch/subscribe.py" "$port" "$scratch/subjects" "$scratch/got" "$scratch/subscribed"
wait_for 30 test -e "$scratch/subscribed" || fail "nobody can subscribe"

send nats "hostport: nats://127.0.0.1:$port"
arrived() { (($(wc -l <"$scratch/got") >= sent)); }
wait_for 30 arrived
expect_arrived "$scratch/got"
grep -qx 'falco.critical.reverse_shell' "$scratch/subjects" || fail "the subject is not as asked: $(cat "$scratch/subjects")"

other=$(free_port)
serve nats-server --addr 127.0.0.1 --port "$other" --user falco --pass secret
wait_for 30 listens "$other" || fail "the server with a password does not start"
send nats "hostport: nats://falco:secret@127.0.0.1:$other"
! grep -q "Alerts lost" "$scratch/stderr" || fail "the right password is not taken"
expect_refused nats "hostport: nats://falco:wrong@127.0.0.1:$other"
! grep -q "falco:wrong" "$scratch/stderr" || fail "the password stands in the log"
expect_refused nats "hostport: nats://127.0.0.1:1"
done_testing
