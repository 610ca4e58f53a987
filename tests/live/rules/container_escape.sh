# Ways out of a container: helpers of the kernel, hierarchies of cgroups, other namespaces; and what looks like them.
source "$(dirname "$0")/lib.sh"
need_live
make_container
ln -s busybox "$scratch/image/bin/nsenter"

in_container 'echo /x > /tmp/release_agent'
expect_alert "Host helper set from container" '"fd.name":"/tmp/release_agent"' '"proc.cmdline":"sh -c'

in_container 'echo x > /tmp/release_notes; /bin/cat /proc/sys/kernel/core_pattern; true'
expect_no_alert "Host helper set from container"

extra_capability=CAP_SYS_ADMIN in_container 'mkdir /tmp/g; /bin/mount -t cgroup2 none /tmp/g; /bin/nsenter -t 1 -u /bin/true'
expect_alert "Cgroups mounted in container" 'target=/tmp/g type=cgroup2'
expect_alert "Namespaces entered from container" '"proc.cmdline":"nsenter -t 1 -u /bin/true"'

extra_capability=CAP_SYS_ADMIN in_container 'mkdir -p /tmp/p; /bin/mount -t proc none /tmp/p; /bin/true'
expect_no_alert "Cgroups mounted in container"
expect_no_alert "Namespaces entered from container"
done_testing
