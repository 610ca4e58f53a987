# Kafka, as librdkafka's mock cluster plays it.
source "$(dirname "$0")/lib.sh"
[[ -x $HELPERS/kafka_mock ]] || skip "falcod was built without librdkafka"
mkfifo "$scratch/end"
"$HELPERS/kafka_mock" falco-alerts <"$scratch/end" >"$scratch/mock" 2>"$scratch/server.log" &
mock=$!
servers+=($mock)
exec 5>"$scratch/end"
wait_for 30 grep -q . "$scratch/mock" || fail "the cluster does not start"
brokers=$(head -n 1 "$scratch/mock")

send kafka "hostport: $brokers" "topic: falco-alerts" "requiredacks: all" "compression: GZIP" "clientid: test"
# The mock knows no accounts: to who comes with one it is a broker that takes no such credentials.
all=$sent
expect_refused kafka "hostport: $brokers" "topic: falco-alerts" "sasl: PLAIN" "username: falco" "password: wrong"
sent=$all
exec 5>&-
wait "$mock"
tail -n +2 "$scratch/mock" >"$scratch/got"
expect_arrived "$scratch/got"

expect_refused kafka "hostport: 127.0.0.1:1" "topic: falco-alerts"
"$FALCOD" --config-check -c <(printf 'rules_files: [%s]\nsinks: {kafka: {hostport: "h:1", topic: t, compression: RAR}}\n' "$RULES") \
  >"$scratch/stdout" 2>"$scratch/stderr" && fail "an unknown compression is accepted"
grep -q 'E0843.*sinks.kafka' "$scratch/stderr" "$scratch/stdout" || fail "the compression is not blamed"
done_testing
