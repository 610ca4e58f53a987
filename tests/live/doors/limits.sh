# Paths and command lines at their limits: what is kept is told, and that something was cut can be asked for.
source "$(dirname "$0")/lib.sh"
need_live

watch "$HELPERS/limits" path "$marker"
[[ $last_status == 0 ]] || fail "the longest path"
expect_alert "long path" "openat cut=false" "first=$marker/longest"

watch "$HELPERS/limits" deep "$marker"
[[ $last_status == 0 ]] || fail "the deep directory"
expect_alert "long path" "openat cut=true name=" "ddd/deep"

watch "$HELPERS/limits" arguments 10
expect_alert "long command" "execve cut=false args=false"
watch "$HELPERS/limits" arguments 1000
expect_alert "long command" "execve cut=true args=true"
done_testing
