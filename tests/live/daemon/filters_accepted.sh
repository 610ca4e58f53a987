# The kernel accepts the filter of every event type that the standard rules have one for.
source "$(dirname "$0")/lib.sh"
need_live

"$FALCOD" --start=complete -r "$STANDARD_RULES" -- true >"$scratch/stdout" 2>"$scratch/stderr"
expect_no_text stderr '[W0605]'
grep -qE '^Filtered in the kernel: [0-9]{2} kinds' "$scratch/stderr" || fail "few filters: $(grep -F Filtered "$scratch/stderr")"
done_testing
