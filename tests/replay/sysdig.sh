# Captures that others recorded, of several ages, and one of nearly every call in the form of sysdig 0.29: sysdig and falcod
# say the same of every event.
set -u
skip() { echo "SKIPPED: $*"; exit 77; }
command -v sysdig >/dev/null || skip "sysdig is not installed"
command -v python3 >/dev/null || skip "python3 is not installed"
[[ -d $CORPUS && -f $EVENTS ]] || skip "no captures in $CORPUS, or no table of events"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/all.yaml" <<'YAML'
- rule: all
  desc: Every event
  condition: evt.num > 0
  output: "%evt.rawtime %thread.tid %evt.type %proc.name %fd.name %evt.args"
  priority: NOTICE
YAML
sysdig -L >"$scratch/known"
status=0
python3 "$(dirname "$0")/every_event.py" "$EVENTS" "$scratch/known" "$scratch/every.scap" >"$scratch/count" || exit 1
(($(cat "$scratch/count") > 90)) || { echo "FAILED: only $(cat "$scratch/count") calls"; status=1; }
for capture in "$scratch/every.scap" "$CORPUS"/*.scap; do
  name=$(basename "$capture")
  "$FALCOD" -q -r "$scratch/all.yaml" -o json_output=true -e "$capture" >"$scratch/ours"
  sysdig -r "$capture" -j -p '*%evt.rawtime %evt.dir %thread.tid %evt.type %proc.name %fd.name %evt.args' \
    >"$scratch/theirs" 2>"$scratch/stderr"
  if python3 "$COMPARE" "$scratch/ours" "$scratch/theirs" "$scratch/known" --old-name=::1:38255-\>::1:2345 >"$scratch/out"; then
    echo "$name: $(tail -1 "$scratch/out")"
  else
    echo "FAILED: $name: $(cat "$scratch/out")"
    status=1
  fi
done
exit $status
