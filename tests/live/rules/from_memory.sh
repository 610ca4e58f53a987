# Program executed from memory: through a memfd, not from a file.
source "$(dirname "$0")/lib.sh"
need_live

watch "$HELPERS/memfd_exec" /bin/true
expect_alert "Program executed from memory" '"proc.exepath":"memfd:'

watch /bin/true
expect_no_alert "Program executed from memory"
done_testing
