# One way to change what process facts depend on, provoked again and again: what the kernel knows must be
# what falcod would find at that event, or nothing. $1 names the change (helpers/changes.cpp).
source "$(dirname "$0")/../rules/lib.sh"
last_status=0
: >"$alerts"
need_live

change=$1
if [[ $change == is_moved ]]; then
  CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
  [[ -n $CGROUP && -w $CGROUP/cgroup.procs ]] || skip "no cgroup v2 hierarchy that can be written"
  CGROUP=$CGROUP/falcoc-test-$$
  mkdir "$CGROUP" || skip "no cgroup can be made"
  export CGROUP
fi

options=()
[[ $change == loses_records ]] && options=(--ring-size 4096)
run=$change
[[ $change == loses_records ]] && run=executes
"$FALCOD" --check-facts "${options[@]}" -r "$RULES" -- "$HELPERS/changes" "$run" \
  >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
if [[ -n ${CGROUP-} ]]; then
  rmdir "$CGROUP"/docker-* "$CGROUP" 2>/dev/null
fi
((last_status != 77)) || skip "this kernel does not let a process do that"
((last_status == 0)) || fail "the change did not succeed"

# Process facts: N decided by the kernel, N unknown to it, N decided wrongly
read -r decided unknown wrong < <(sed -n \
  's/^Process facts: \([0-9]*\) decided .*, \([0-9]*\) unknown .*, \([0-9]*\) decided wrongly$/\1 \2 \3/p' \
  "$scratch/stderr")
echo "$change: ${decided:-?} decided, ${unknown:-?} unknown, ${wrong:-?} wrong"
((${decided:-0} > 0)) || fail "the kernel knew nothing"
[[ $change == renames_itself ]] || ((${unknown:-0} > 0)) || fail "nothing became unknown"
((${wrong:-1} == 0)) || fail "the kernel knew something that was not so"
done_testing
