# falcoc replay, profile and noise on the recorded attack that is shipped.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
run() { # STATUS ARGUMENT…
  local wanted=$1 status=0
  shift
  "$FALCOC" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  ((status == wanted)) || fail "falcoc $*: status $status instead of $wanted: $(tail -3 "$scratch/err")"
}
has() { grep -qF -- "$1" "$scratch/${2:-out}" || fail "${2:-out} lacks: $1 in $(head -c 2000 "$scratch/${2:-out}")"; }

run 0 replay "$CAPTURE" -r "$RULES"
has "Secret file read"
has "Reverse shell"
alerts=$(wc -l <"$scratch/out")

run 2 replay "$CAPTURE" -r "$RULES" --expect "$scratch/alerts.json"
has "--update makes it" err
run 0 replay "$CAPTURE" -r "$RULES" --expect "$scratch/alerts.json" --update
run 0 replay "$CAPTURE" -r "$RULES" --expect "$scratch/alerts.json"
has "$alerts alerts, as expected"
# What falcod prints is an expectation too.
"$FALCOD" -q -r "$RULES" -o json_output=true -e "$CAPTURE" >"$scratch/lines.json"
run 0 replay "$CAPTURE" -r "$RULES" --expect "$scratch/lines.json"

# Rules that no more say the same.
sed 's/"Secret file read"/"Renamed"/' "$scratch/alerts.json" >"$scratch/other.json"
run 1 replay "$CAPTURE" -r "$RULES" --expect "$scratch/other.json"
has "unexpected"
sed 's|file=/etc/shadow|file=/etc/passwd|' "$scratch/alerts.json" >"$scratch/other.json"
run 1 replay "$CAPTURE" -r "$RULES" --expect "$scratch/other.json"
has "~ "
has "expected \"Secret file read (file=/etc/passwd"
run 1 replay "$CAPTURE" -r "$RULES" --expect "$scratch/other.json" --json
has '"kind": "changed"'
echo nonsense >"$scratch/other.json"
run 2 replay "$CAPTURE" -r "$RULES" --expect "$scratch/other.json"
has "line 1 is no JSON object" err

run 0 profile "$CAPTURE" -r "$RULES"
has "most expensive check"
has "Secret file read"
run 0 profile "$CAPTURE" -r "$RULES" --json
python3 - "$scratch/out" <<'PY' || fail "profile is not as it should be"
import json, sys
profile = json.load(open(sys.argv[1]))
rules = {rule["rule"]: rule for rule in profile["rules"]}
secret = rules["Secret file read"]
assert profile["events"] > 100, profile
assert secret["matches"] == 2 and secret["evaluations"] > secret["samples"] > 0, secret
assert secret["mean_ns"] > 0 and secret["most_expensive_check"]["check"], secret
PY

run 0 noise "$CAPTURE" -r "$RULES"
has "per hour"
run 0 noise "$CAPTURE" -r "$RULES" --json
python3 - "$scratch/out" "$alerts" <<'PY' || fail "noise is not as it should be"
import json, sys
noise = json.load(open(sys.argv[1]))
assert sum(row["alerts"] for row in noise["noise"]) == int(sys.argv[2]), noise
assert all(row["per_hour"] > row["alerts"] and row["image"] for row in noise["noise"]), noise
PY

# Several captures are one run; one that is cut off is told of, and is no success.
run 0 replay "$CAPTURE" "$CAPTURE" -r "$RULES"
(($(wc -l <"$scratch/out") == 2 * alerts)) || fail "two captures: $(wc -l <"$scratch/out") alerts"
gzip -dc "$CAPTURE" | head -c 50000 >"$scratch/cut.scap"
run 2 replay "$scratch/cut.scap" -r "$RULES"
has "E0723" err
run 2 replay "$scratch/nothing.scap" -r "$RULES"
has "E0720" err
printf -- '- rule: x\n  condition: evt.type = nonsense\n' >"$scratch/bad.yaml"
run 1 replay "$CAPTURE" -r "$scratch/bad.yaml"
run 2 replay "$CAPTURE" -r "$RULES" --update
exit "$failed"
