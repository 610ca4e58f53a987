# System calls hooked one by one raise the alerts that the tracepoint raises; the start log says which it is, and an
# option that cannot be followed is refused with the reason.
source "$(dirname "$0")/lib.sh"
need_live
FALCOD=${FALCOD_ITSELF:-$FALCOD} # where tests are run for each kind of hook, the one that starts with none
work="for i in 1 2 3; do : 2>/dev/null </tmp/$marker-\$i; cat /dev/null; done"

# run_with HOOKS: alerts without what differs from run to run in $scratch/HOOKS
run_with() {
  falcod --hooks="$1" -- bash -c "$work"
  sed -E 's/^[0-9:.]+//; s/p?pid=[0-9]+//g' "$scratch/stdout" >"$scratch/$1"
}

run_with tracepoint
expect_status 0
expect_text stderr 'System calls are hooked by tracepoint (asked for)' 'Events lost: 0'
[[ -s $scratch/tracepoint ]] || fail "no alerts"

run_with auto
expect_status 0
expect_text stderr 'System calls are hooked '
diff "$scratch/tracepoint" "$scratch/auto" >&2 || fail "auto differs"

run_with fentry
if ((last_status == 3)); then
  expect_text stderr '[E0708]' 'hooked one by one: ' 'tracepoint'
  ((failures > 0)) || skip "fentry: $(grep -F '[E0708]' "$scratch/stderr")"
else
  expect_status 0
  expect_text stderr 'System calls are hooked one by one' 'Events lost: 0'
  diff "$scratch/tracepoint" "$scratch/fentry" >&2 || fail "fentry differs"
fi
done_testing
