# MQTT: a topic, at each quality of service, with user and password.
source "$(dirname "$0")/lib.sh"
need mosquitto mosquitto
need mosquitto_sub mosquitto-clients
port=$(free_port)
mosquitto_passwd -b -c "$scratch/users" falco secret
chmod 644 "$scratch/users"
printf 'listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s\n' "$port" "$scratch/users" >"$scratch/mosquitto.conf"
serve mosquitto -c "$scratch/mosquitto.conf"
wait_for 30 listens "$port" || fail "the broker does not start"

for quality in 0 1 2; do
  : >"$scratch/got"
  stdbuf -oL mosquitto_sub -h 127.0.0.1 -p "$port" -u falco -P secret -q 2 -d -t "falco/$quality" >"$scratch/got.$quality" 2>&1 &
  servers+=($!)
  wait_for 30 grep -q 'Subscribed' "$scratch/got.$quality" || fail "nobody can subscribe"
  send mqtt "broker: tcp://127.0.0.1:$port" "topic: falco/$quality" "qos: $quality" "user: falco" "password: secret"
  arrived() { (($(grep -c '^{' "$scratch/got.$quality") >= sent)); }
  wait_for 30 arrived
  grep '^{' "$scratch/got.$quality" >"$scratch/got"
  expect_arrived "$scratch/got"
done

expect_refused mqtt "broker: tcp://127.0.0.1:$port" "user: falco" "password: wrong"
expect_refused mqtt "broker: tcp://127.0.0.1:1"
done_testing
