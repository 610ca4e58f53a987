# Redis: a list, a hash, a password that is wrong, a server that is not there.
source "$(dirname "$0")/lib.sh"
need redis-server redis-server
port=$(free_port)
serve redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$scratch" --requirepass secret
ask() { redis-cli -p "$port" -a secret --no-auth-warning "$@"; }
wait_for 30 ask ping || fail "the server does not start"

send redis "address: 127.0.0.1:$port" "password: secret" "database: 3"
ask -n 3 LRANGE falco 0 -1 >"$scratch/got"
expect_arrived "$scratch/got"

send redis "address: 127.0.0.1:$port" "password: secret" "storagetype: hashmap" "key: alerts" "minimumpriority: critical"
ask HVALS alerts >"$scratch/got"
grep -q '"Reverse shell"' "$scratch/got" || fail "the hash has not the alert"
! grep -q '"priority":"Warning"' "$scratch/got" || fail "the hash has what is not critical"

expect_refused redis "address: 127.0.0.1:$port" "password: wrong"
expect_refused redis "address: 127.0.0.1:1"
done_testing
