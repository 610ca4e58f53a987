# RabbitMQ: a queue, each alert confirmed.
source "$(dirname "$0")/lib.sh"
[[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || skip "rabbitmq-server is not installed"
need amqp-consume amqp-tools
((EUID == 0)) || skip "needs root, as rabbitmq-server does"
port=$(free_port)
other=$(free_port)
export HOME=$scratch RABBITMQ_NODENAME=falcoc$$@localhost RABBITMQ_NODE_PORT=$port RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
  RABBITMQ_DIST_PORT=$other ERL_EPMD_PORT=$(free_port) ERL_EPMD_ADDRESS=127.0.0.1 \
  RABBITMQ_BASE=$scratch RABBITMQ_MNESIA_BASE=$scratch/mnesia RABBITMQ_LOG_BASE=$scratch/log \
  RABBITMQ_PID_FILE=$scratch/pid RABBITMQ_ENABLED_PLUGINS_FILE=$scratch/plugins RABBITMQ_CONF_ENV_FILE=/dev/null \
  RABBITMQ_CONFIG_FILE=$scratch/rabbitmq ERL_CRASH_DUMP=$scratch/crash
echo '[].' >"$scratch/plugins"
echo 'loopback_users.guest = true' >"$scratch/rabbitmq.conf"
serve /usr/lib/rabbitmq/bin/rabbitmq-server
broker=${servers[-1]}
stop_broker() {
  # The shell that was started waits for the machine of Erlang, and that for its port mapper.
  [[ ! -s $scratch/pid ]] || kill "$(<"$scratch/pid")" 2>/dev/null
  wait "$broker" 2>/dev/null
  epmd -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1
  finish
}
trap stop_broker EXIT
wait_for 120 listens "$port" || fail "the broker does not start"

send rabbitmq "url: amqp://guest:guest@127.0.0.1:$port" "queue: falco"
printf '#!/bin/sh\ncat; echo\n' >"$scratch/print"
chmod 755 "$scratch/print"
amqp-consume --url "amqp://guest:guest@127.0.0.1:$port" -q falco -c "$sent" "$scratch/print" >"$scratch/got" 2>>"$scratch/server.log"
expect_arrived "$scratch/got"

expect_refused rabbitmq "url: amqp://guest:wrong@127.0.0.1:$port" "queue: falco"
expect_refused rabbitmq "url: amqp://guest:guest@127.0.0.1:1" "queue: falco"
done_testing
