# File system mounted in container: a mount that succeeds, not one that is refused, nor those of the runtime.
source "$(dirname "$0")/lib.sh"
need_live
make_container

extra_capability=CAP_SYS_ADMIN in_container 'mkdir /tmp/p; /bin/mount -t proc proc /tmp/p'
expect_alert "File system mounted in container" 'source=proc target=/tmp/p type=proc' '"proc.cmdline":"mount -t proc proc /tmp/p"'

in_container 'mkdir -p /tmp/p; /bin/mount -t proc proc /tmp/p'
expect_no_alert "File system mounted in container"
done_testing
