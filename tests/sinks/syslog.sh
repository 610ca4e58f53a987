# Syslog of another machine: rsyslog takes what comes over UDP, TCP and TLS, and writes down what it understood.
source "$(dirname "$0")/lib.sh"
need rsyslogd rsyslog
need openssl openssl
udp=$(free_port)
tcp=$(free_port)
tls=$(free_port)
cat >"$scratch/rsyslog.conf" <<CONF
global(workDirectory="$scratch")
module(load="imudp")
module(load="imtcp")
template(name="parts" type="string" string="%syslogfacility-text%.%syslogseverity-text% %app-name% %msg%\n")
input(type="imudp" address="127.0.0.1" port="$udp" ruleset="udp")
input(type="imtcp" address="127.0.0.1" port="$tcp" ruleset="tcp")
ruleset(name="udp") { action(type="omfile" file="$scratch/udp.log" template="parts") }
ruleset(name="tcp") { action(type="omfile" file="$scratch/tcp.log" template="parts") }
CONF
serve rsyslogd -n -f "$scratch/rsyslog.conf" -i "$scratch/rsyslog.pid"
wait_for 30 listens "$tcp" || fail "rsyslog does not start"

# arrived NAME FILE: what rsyslog wrote, once it has all.
arrived() {
  complete() { (($(grep -c "user\..* falco " "$scratch/$1.log") >= sent)); }
  wait_for 30 complete "$1" || fail "$1: $(wc -l <"$scratch/$1.log") of $sent arrived"
  sed -E 's/^[^ ]+ falco +//' "$scratch/$1.log" >"$scratch/got"
  grep -q '^user.crit falco' "$scratch/$1.log" || fail "$1: no alert is critical: $(cut -c1-60 "$scratch/$1.log")"
}
send syslog "host: 127.0.0.1" "port: $udp" "protocol: udp"
arrived udp
expect_arrived "$scratch/got"
send syslog "host: 127.0.0.1" "port: $tcp" "protocol: tcp"
arrived tcp
expect_arrived "$scratch/got"
: >"$scratch/tcp.log"
send syslog "host: 127.0.0.1" "port: $tcp" "protocol: tcp" "format: cef"
wait_for 30 grep -q 'CEF:0|Falcosecurity|Falco|1.0|Falco Event|Reverse shell|8|' "$scratch/tcp.log" ||
  fail "no CEF: $(head -c 300 "$scratch/tcp.log")"

# TLS: a certificate that is trusted, and one that is not.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
cat >"$scratch/tls.py" <<'PY'
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
out = open(sys.argv[4], "a")
while True:
    peer, _ = server.accept()
    try:
        stream = context.wrap_socket(peer, server_side=True).makefile("rb")
        while True:
            size = b""
            while (c := stream.read(1)) not in (b" ", b""):
                size += c
            if not size:
                break
            text = stream.read(int(size)).decode()
            print(text.split(" - - ", 1)[1], file=out, flush=True)
    except ssl.SSLError:
        pass
PY
serve python3 "$scratch/tls.py" "$tls" "$scratch/cert.pem" "$scratch/key.pem" "$scratch/tls.log"
wait_for 30 listens "$tls" || fail "the TLS server does not start"
: >"$scratch/tls.log"
expect_refused syslog "host: localhost" "port: $tls" "protocol: tls"
[[ ! -s $scratch/tls.log ]] || fail "an unknown certificate is trusted"
send syslog "host: localhost" "port: $tls" "protocol: tls" "checkcert: false"
complete() { (($(wc -l <"$scratch/tls.log") >= sent)); }
wait_for 30 complete
expect_arrived "$scratch/tls.log"

expect_refused syslog "host: 127.0.0.1" "port: 1"
expect_refused syslog "host: no-such-host.invalid" "port: $tcp"
done_testing
