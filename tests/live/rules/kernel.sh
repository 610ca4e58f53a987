# The rules of kernel.yaml, but for modules: what could be loaded is the machine's own.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$HELPERS/provoke" "$scratch/image/bin/"
cp "$HELPERS/provoke" "$scratch/image/bin/unshare"
cp "$HELPERS/provoke" "$scratch/image/bin/bpftool"
ln -s busybox "$scratch/image/bin/mknod"
add_programs debugfs

extra_capability="CAP_SYS_ADMIN CAP_SETUID CAP_MKNOD CAP_SYS_RAWIO" in_container 'mkdir /tmp/p; mount -t proc proc /tmp/p
  /bin/mknod /tmp/disk b 7 250; /bin/provoke ring; /bin/provoke user-namespace
  /bin/provoke page-faults; /bin/provoke bpf; /bin/debugfs /dev/x
  mkdir -p /dev/mapper; : >/dev/mapper/volume; /bin/cat /dev/mapper/volume; : >/dev/mem; /bin/cat /dev/mem
  /bin/sh -c ": >>/proc/sys/kernel/kptr_restrict"; true'
expect_alert "Device file made in container" 'path=/tmp/disk'
expect_alert "io_uring set up in container" 'provoke ring'
expect_alert "User namespace made" 'CLONE_NEWUSER' 'uid=65534'
expect_alert "Page faults handled by user" 'uid=65534'
expect_alert "BPF program loaded" 'provoke bpf'
expect_alert "debugfs started in container" '/bin/debugfs /dev/x'
expect_alert "Disk of the host opened in container" 'device=/dev/mapper/volume' 'cat /dev/mapper/volume'
expect_alert "Kernel memory opened" 'file=/dev/mem' 'cat /dev/mem'
expect_alert "Kernel setting written" 'setting=/proc/sys/kernel/kptr_restrict'

extra_capability="CAP_SYS_ADMIN CAP_SETUID CAP_MKNOD" in_container '/bin/mknod /tmp/pipe p; 
  /bin/unshare user-namespace; /bin/bpftool bpf; : >/dev/other; /bin/cat /proc/sys/kernel/kptr_restrict; true'
expect_no_alerts "Device file made in container" "io_uring set up in container" \
  "User namespace made" "Page faults handled by user" "BPF program loaded" "debugfs started in container" \
  "Disk of the host opened in container" "Kernel memory opened" "Kernel setting written"
done_testing
