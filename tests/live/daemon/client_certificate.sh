# http_output over TLS with a client certificate, to nginx; without one, and with a certificate that nobody
# signed, nothing is sent and falcod says why.
source "$(dirname "$0")/lib.sh"
need_live
for tool in nginx openssl; do command -v $tool >/dev/null || skip "$tool is not installed"; done
start_receiver
tls=$scratch/tls
mkdir "$tls"
certificate() { # NAME EXTENSION
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$tls/$1.key" \
    -out "$tls/$1.csr" 2>/dev/null &&
    openssl x509 -req -in "$tls/$1.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 2 \
      -extfile <(echo "subjectAltName=$2") -out "$tls/$1.crt" 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=authority -days 2 \
  -keyout "$tls/ca.key" -out "$tls/ca.crt" 2>/dev/null || fail "no certificates"
certificate server IP:127.0.0.1 && certificate client DNS:client || fail "no certificates"
port=$((20000 + ($$ + 7919) % 20000))
cat >"$scratch/nginx.conf" <<CONF
daemon off; pid $scratch/nginx.pid; error_log $scratch/nginx.log;
events {}
http {
  access_log off; client_body_temp_path $scratch/n1; proxy_temp_path $scratch/n2; fastcgi_temp_path $scratch/n3;
  uwsgi_temp_path $scratch/n4; scgi_temp_path $scratch/n5;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $tls/server.crt; ssl_certificate_key $tls/server.key;
    ssl_client_certificate $tls/ca.crt; ssl_verify_client on;
    location / { proxy_pass http://127.0.0.1:$(cat "$scratch/port"); }
  }
}
CONF
nginx -c "$scratch/nginx.conf" >/dev/null 2>&1 &
nginx=$!
trap 'kill "$nginx" "$receiver" 2>/dev/null; wait "$nginx" "$receiver" 2>/dev/null; finish' EXIT
wait_for 30 test -s "$scratch/nginx.pid" || fail "nginx does not start: $(tail -1 "$scratch/nginx.log")"

# with OPTIONS…: one marked file under falcod -- COMMAND.
with() {
  : >"$scratch/posted"
  "$FALCOD" -r "$RULES" -o http_output.enabled=true -o http_output.url="https://127.0.0.1:$port/" \
    -o json_output=true "$@" -- bash -c ": 2>/dev/null </tmp/$marker" >"$scratch/stdout" 2>"$scratch/stderr"
}
mtls=(-o http_output.mtls=true -o "http_output.client_cert=$tls/client.crt" -o "http_output.client_key=$tls/client.key")
with -o "http_output.ca_cert=$tls/ca.crt" "${mtls[@]}"
expect_text posted "$marker"
with -o http_output.insecure=true "${mtls[@]}"
expect_text posted "$marker"
with -o "http_output.ca_bundle=$tls/ca.crt" "${mtls[@]}"
expect_text posted "$marker"
mkdir "$tls/folder"
cp "$tls/ca.crt" "$tls/folder/"
openssl rehash "$tls/folder" || fail "no folder of certificates"
with -o "http_output.ca_path=$tls/folder" "${mtls[@]}"
expect_text posted "$marker"
with -o "http_output.ca_cert=$tls/ca.crt"
expect_no_text posted "$marker"
expect_text stderr "Alerts lost at http" "refused: "
with "${mtls[@]}"
expect_no_text posted "$marker"
expect_text stderr "Alerts lost at http"
done_testing
