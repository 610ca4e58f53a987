# Where executable memory is forbidden falcod says so and goes on with the reference evaluator.
source "$(dirname "$0")/lib.sh"
need_live

"$HELPERS/no_exec_memory" "$FALCOD" --start=complete -r "$RULES" -- bash -c ": 2>/dev/null </tmp/$marker; exit 0" \
  >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
((last_status != 77)) || skip "the kernel has no PR_SET_MDWE"
expect_status 0
expect_text stderr W0809
expect_text stdout "opened /tmp/$marker"
done_testing
