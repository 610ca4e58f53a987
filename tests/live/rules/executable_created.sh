# Executable created in container: chmod to executable, not to readable.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container 'touch /tmp/tool; chmod 755 /tmp/tool'
expect_alert "Executable created in container" /tmp/tool S_IXUSR

in_container 'touch /tmp/tool; chmod 600 /tmp/tool'
expect_no_alert "Executable created in container"
done_testing
