# Harness of the tests of destinations: a real server on loopback, falcod replaying the recorded attack to it, and a look
# at what arrived. Everything that is started ends with the test. Exit 77 = skipped.
#
# Environment, set by CMakeLists.txt: FALCOD, RULES, CAPTURE, HELPERS.
set -uo pipefail

scratch=$(mktemp -d /tmp/falcoc-sinks.XXXXXX)
chmod 755 "$scratch"
failures=0
servers=()

finish() {
  local pid
  for pid in "${servers[@]}"; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  rm -rf "$scratch"
}
trap finish EXIT

skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}
fail() {
  echo "FAILED: $*" >&2
  tail -n 20 "$scratch"/stderr "$scratch"/server.log 2>/dev/null >&2
  failures=$((failures + 1))
}
need() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null || skip "$2 is not installed"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# serve COMMAND…: in the background, until the test ends.
serve() {
  "$@" >>"$scratch/server.log" 2>&1 &
  servers+=($!)
}

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# send SECTION KEYS…: falcod replays the attack with this section of `sinks`; $sent is the number of alerts.
send() {
  local section=$1
  shift
  {
    printf 'json_output: true\nstdout_output: {enabled: true}\nlog_stderr: true\nrules_files: [%s]\nsinks:\n  %s:\n' "$RULES" "$section"
    printf '    %s\n' "$@"
  } >"$scratch/falco.yaml"
  "$FALCOD" -q -c "$scratch/falco.yaml" -e "$CAPTURE" >"$scratch/stdout" 2>"$scratch/stderr"
  last_status=$?
  sent=$(grep -c '^{' "$scratch/stdout")
  ((sent > 3)) || fail "only $sent alerts: status $last_status"
}

# expect_arrived FILE: lines of JSON, as many as were sent, each with an id of its own.
expect_arrived() {
  python3 - "$1" "$sent" <<'PY' || fail "what arrived is not what was sent"
import json, sys
alerts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
assert len(alerts) == int(sys.argv[2]), f"{len(alerts)} instead of {sys.argv[2]}"
assert len({a["uuid"] for a in alerts}) == len(alerts), "ids are not unique"
assert any(a["rule"] == "Reverse shell" and a["priority"] == "Critical" for a in alerts), alerts
assert all(a["output_fields"] and a["output"] and a["time"] for a in alerts)
PY
}

# expect_refused SECTION KEYS…: nobody is there; that is told, and the alerts are counted as lost.
expect_refused() {
  send "$@"
  grep -q "Alerts lost at sinks.$1: $sent" "$scratch/stderr" || fail "a server that takes nothing is not told of"
}

done_testing() {
  ((failures == 0)) && echo "ok: $sent alerts"
  exit $((failures > 0))
}
