# What is done through io_uring raises the alerts that the system calls raise: by the submitting thread, by a
# worker, by a polling thread.
source "$(dirname "$0")/lib.sh"
need_live

rules_of_deeds=(file pair socket transfer)
watch "$HELPERS/deeds" plain "$marker"
needs_door "system call"
seen "${rules_of_deeds[@]}" >"$scratch/plain"
grep -q 'openat fd.name=DIR/opened ' "$scratch/plain" || fail "the plain way is not seen"
expect_no_alert ring

for door in ring worker polled; do
  watch "$HELPERS/deeds" "$door" "$marker"
  needs_door io_uring
  expect_alert ring
  seen "${rules_of_deeds[@]}" >"$scratch/$door"
  diff "$scratch/plain" "$scratch/$door" >&2 || fail "through $door (right) other alerts than plainly (left)"
  lines=$(grep -c '"rule":"ring"' "$alerts")
  ((lines == $(wc -l <"$scratch/plain"))) || fail "$lines events say that they came through io_uring"
done
done_testing
