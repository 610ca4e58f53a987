# Native code and the reference evaluator report the same.
source "$(dirname "$0")/lib.sh"
need_live
work="for i in 1 2 3; do : 2>/dev/null </tmp/$marker-\$i; cat /dev/null; done"

for evaluator in native reference; do
  falcod -q --evaluator="$evaluator" -- bash -c "$work"
  expect_status 0
  sed -E 's/^[0-9:.]+//; s/p?pid=[0-9]+//g' "$scratch/stdout" >"$scratch/$evaluator"
done
[[ -s $scratch/native ]] || fail "no alerts"
diff "$scratch/native" "$scratch/reference" >&2 || fail "the evaluators differ"
done_testing
