# Arguments are caught at the functions of the kernel behind the calls, not at the entry of all calls, once everything else
# is in use; another ruleset gets its own. What another thread rewrites meanwhile is reported as the kernel read it.
source "$(dirname "$0")/lib.sh"
need_live

cat >"$scratch/rules.yaml" <<'YAML'
- rule: renamed
  desc: a file has another name
  condition: evt.type in (rename, renameat, renameat2) and fs.path.target endswith /renamed
  output: "from=%fs.path.source to=%fs.path.target"
  priority: INFO
YAML
FALCOD=${FALCOD_ITSELF:-$FALCOD} # where tests are run for each kind of hook, the one that starts with none
"$FALCOD" --hooks=fentry -q -r "$scratch/rules.yaml" -- true 2>"$scratch/stderr"
(($? == 0)) || skip "no programs at functions: $(grep -F '[E0708]' "$scratch/stderr")"
"$FALCOD" --start=complete -r "$scratch/rules.yaml" -o json_output=true >"$alerts" 2>"$scratch/stderr" &
daemon=$!
leave() {
  kill "$daemon" 2>/dev/null
  wait "$daemon"
  finish
}
trap leave EXIT
# caught_at TIMES: so often functions were hooked in place of the entry of all calls
caught_at() { [[ $(grep -c 'arguments are caught at [0-9]* functions' "$scratch/stderr") -ge $1 ]]; }
wait_for 300 caught_at 1 || fail "arguments are caught at the entry of all calls: $(cat "$scratch/stderr")"

echo secret >"$marker/secret"
echo decoy >"$marker/decoys"
"$HELPERS/race" rename "$marker" >"$scratch/race"
case $? in
0)
  grep -qx 'reached 1' "$scratch/race" || fail "the file was not renamed"
  wait_for 60 grep -qF "from=$marker/secret to=$marker/renamed" "$alerts" || fail "the rewritten rename is not reported as it was made"
  ;;
77) echo "SKIPPED: no rename that can be kept waiting (userfaultfd)" >&2 ;;
*) fail "the helper failed" ;;
esac

cat >>"$scratch/rules.yaml" <<'YAML'
- rule: removed
  desc: a file is no more
  condition: evt.type in (unlink, unlinkat) and fs.path.name endswith /decoys
  output: "removed=%fs.path.name"
  priority: INFO
YAML
wait_for 300 caught_at 2 || fail "the calls of new rules are caught at the entry of all calls: $(cat "$scratch/stderr")"
rm "$marker/decoys"
wait_for 60 grep -qF "removed=$marker/decoys" "$alerts" || fail "a call of the new rules is not reported"
mv "$marker/renamed" "$marker/secret" && mv "$marker/secret" "$marker/renamed"
wait_for 60 grep -qF "from=$marker/secret to=$marker/renamed" "$alerts" || fail "a call of both rulesets is not reported"
done_testing
