# PostgreSQL: a row for each alert, in a table of Falcosidekick's columns.
source "$(dirname "$0")/lib.sh"
binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[[ -x $binaries/initdb ]] || skip "postgresql is not installed"
((EUID == 0)) || skip "needs root, to be the server's user"
id postgres >/dev/null 2>&1 || skip "there is no user postgres"
port=$(free_port)
mkdir "$scratch/data"
chown postgres "$scratch/data"
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups env -C / "$@"; }
echo secret >"$scratch/password"
as_postgres "$binaries/initdb" -D "$scratch/data" -A scram-sha-256 -U postgres --pwfile "$scratch/password" -N \
  >"$scratch/server.log" 2>&1 || fail "no database can be made"
serve setpriv --reuid postgres --regid postgres --clear-groups "$binaries/postgres" -D "$scratch/data" -p "$port" -h 127.0.0.1 \
  -k "$scratch/data"
sql() { PGPASSWORD=secret psql -h 127.0.0.1 -p "$port" -U postgres -d "$1" -Atqc "$2"; }
wait_for 60 sql postgres 'select 1' || fail "the server does not start"
sql postgres 'create database falcosidekick' || fail "no database"
sql falcosidekick 'create table falcosidekick_events (time timestamptz not null, rule text, priority varchar(20),
  source varchar(20), output text, tags text, hostname text)'

send timescaledb "host: 127.0.0.1" "port: $port" "password: secret"
rows=$(sql falcosidekick 'select count(*) from falcosidekick_events')
((rows == sent)) || fail "$rows rows instead of $sent"
[[ $(sql falcosidekick "select distinct priority || source from falcosidekick_events where rule = 'Reverse shell'") == Criticalsyscall ]] ||
  fail "the row of the reverse shell is not as it should be"

# What the table cannot take is refused, and holds up nothing.
sql falcosidekick 'create table narrow (time timestamptz, rule varchar(16), priority text, source text, output text, tags text,
  hostname text)'
send timescaledb "host: 127.0.0.1" "port: $port" "password: secret" "hypertablename: narrow"
rows=$(sql falcosidekick 'select count(*) from narrow')
((rows > 0 && rows < sent)) || fail "$rows of $sent rows fit"

expect_refused timescaledb "host: 127.0.0.1" "port: $port" "password: wrong"
expect_refused timescaledb "host: 127.0.0.1" "port: 1"
done_testing
