# Harness of the daemon tests: what the rule tests have, and checks of falcod's own status and words.
source "$(dirname "${BASH_SOURCE[0]}")/../rules/lib.sh"
marker=falcod-marker-$$
last_status=0
: >"$alerts"
: >"$scratch/stderr"

# falcod ARGUMENT…: plain run with the test's rules; standard output in $scratch/stdout.
falcod() {
  : >"$scratch/stdout"
  "$FALCOD" --start=complete -r "$RULES" "$@" >>"$scratch/stdout" 2>"$scratch/stderr" # appended as in watch()
  last_status=$?
  grep '^{' "$scratch/stdout" >"$alerts" || true
}

# in_background PROGRAM ARGUMENT…: $daemon is its pid. What it prints so far is all that is there to
# wait for: nothing of an earlier run.
in_background() {
  rm -f "$scratch/stdout" "$scratch/stderr"
  "$@" >"$scratch/stdout" 2>"$scratch/stderr" &
  daemon=$!
  wait_for 10 test -e "$scratch/stderr"
}

# start_falcod ARGUMENT…: in the background, returns when it watches.
start_falcod() {
  in_background "$FALCOD" --start=complete -r "$RULES" "$@"
  wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"
}

# start_configured: with $scratch/falco.yaml, otherwise as start_falcod.
start_configured() {
  in_background "$FALCOD" --start=complete -c "$scratch/falco.yaml"
  wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start: $(cat "$scratch/stderr")"
}

# stop_falcod SIGNAL
stop_falcod() {
  kill -s "$1" "$daemon"
  wait "$daemon"
  last_status=$?
}

expect_status() {
  [[ $last_status == "$1" ]] || fail "exit status $last_status instead of $1"
}

# expect_text FILE TEXT…
expect_text() {
  local file=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$scratch/$file" || fail "$file lacks: $text"
  done
}

expect_no_text() {
  ! grep -qF -- "$2" "$scratch/$1" || fail "$1 holds: $(grep -m 1 -A 8 -F -- "$2" "$scratch/$1")"
}

# A port that nobody listens at, in $port: the receiver's, which can come back there.
stop_receiver() {
  port=$(cat "$scratch/port")
  kill "$receiver"
  wait "$receiver" 2>/dev/null
  rm -f "$scratch/posted"
}

# start_receiver [PORT]: an HTTP server; what it gets is in $scratch/posted, its port in $scratch/port.
start_receiver() {
  command -v python3 >/dev/null || skip "python3 is not installed"
  rm -f "$scratch/port"
  python3 "$(dirname "${BASH_SOURCE[0]}")/receiver.py" "$scratch" "$@" &
  receiver=$!
  trap 'kill "$receiver" 2>/dev/null; wait "$receiver" 2>/dev/null; finish' EXIT
  wait_for 30 test -e "$scratch/port" || fail "the receiver does not start"
}
