# Native code and the reference evaluator report the same, and where executable memory is forbidden
# falcod says so and goes on with the reference evaluator.
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

"$HELPERS/no_exec_memory" "$FALCOD" -r "$RULES" -- bash -c "$work" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
if ((last_status == 77)); then
  echo "kernel without PR_SET_MDWE: the fallback is not tested" >&2
else
  expect_status 0
  expect_text stderr W0809
  expect_text stdout "opened /tmp/$marker-1"
fi
done_testing
