# A thread rewrites the argument of a call while it is made: what the kernel did is what is reported.
source "$(dirname "$0")/lib.sh"
need_live

# races WHAT ARGUMENT…: $reached is how often the kernel did the first of the two.
races() {
  watch "$HELPERS/race" "$@"
  [[ $last_status == 77 ]] && return 1
  reached=$(sed -n 's/^reached //p' "$scratch/stdout")
  [[ $last_status == 0 && -n $reached ]] || fail "race $1: the helper failed"
}

# expect_count RULE: as many alerts as the call reached what the rule is about.
expect_count() {
  local count
  count=$(grep -c "\"rule\":\"$1\"" "$alerts")
  ((count == reached)) || fail "$1: $count alerts, reached $reached times"
}

echo secret >"$marker/secret"
echo decoy >"$marker/decoys"
races open "$marker"
expect_count "raced open"
((reached > 0)) || fail "the file was never opened"

races connect 40001 40002
expect_count "raced connect"
((reached > 0)) || fail "the port was never reached"

cp "$HELPERS/race" "$marker/secret"
cp "$HELPERS/race" "$marker/decoys"
races exec "$marker"
expect_count "raced exec"

if races rename "$marker"; then
  ((reached == 1)) || fail "the file was not renamed"
  expect_alert "raced rename" "from=$marker/secret to=$marker/renamed"
else
  echo "SKIPPED: no rename that can be kept waiting (userfaultfd)" >&2
fi
done_testing
