# The rules of evasion.yaml.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$HELPERS/provoke" "$scratch/image/bin/"
cp "$HELPERS/provoke" "$scratch/image/bin/strace"
cp "$HELPERS/provoke" "$scratch/image/bin/setenforce"
add_program logrotate ': >/var/log/kept'
add_programs .hidden shred iptables systemctl
mkdir -p "$scratch/image"/var/log
for file in var/log/auth.log var/log/old.log var/log/kept root/.bash_history root/kept; do echo line >"$scratch/image/$file"; done

extra_capability="CAP_SYS_PTRACE CAP_SYS_ADMIN" in_container ': >/var/log/auth.log; /bin/rm /var/log/old.log
  /bin/rm /root/.bash_history; /bin/ln -s /dev/null /root/.bash_history; /bin/shred /tmp/x; /bin/touch -d 2001-01-01 /tmp/x
  cp /bin/busybox /dev/shm/x 2>/dev/null || { mkdir /dev/shm; cp /bin/busybox /dev/shm/x; }
  /dev/shm/x true; /bin/.hidden true; /bin/mount -t tmpfs none /proc/1
  /bin/provoke trace; /bin/provoke traceme; /bin/provoke write-memory; /bin/iptables -F; /bin/systemctl stop auditd
  /bin/setenforce 0; /bin/sh -c "true aGk= | base64 -d | sh"; true'
expect_alert "Log cleared" 'file=/var/log/auth.log'
expect_alert "Log cleared" '/var/log/old.log'
expect_alert "Shell history removed" 'event=unlink' '.bash_history'
expect_alert "Shell history removed" 'event=symlink' '/dev/null'
expect_alert "Data wiped" '/bin/shred /tmp/x'
expect_alert "Time stamps of a file forged" 'touch -d 2001-01-01'
expect_alert "Program executed from shared memory" '/dev/shm/x'
expect_alert "Hidden program executed" '.hidden true'
expect_alert "Process hidden by a mount" 'target=/proc/1'
expect_alert "Process traced" 'request=PTRACE_ATTACH'
expect_alert "Debugging refused" 'provoke traceme'
expect_alert "Memory of another process written" 'event=process_vm_writev'
expect_alert "Packet filter opened" 'iptables -F'
expect_alert "Guard stopped" 'systemctl stop auditd'
expect_alert "Mandatory access control switched off" 'setenforce 0'
expect_alert "Encoded commands executed" 'base64 -d | sh'

extra_capability=CAP_SYS_PTRACE in_container 'echo more >>/var/log/kept; /bin/logrotate; /bin/rm /root/kept
  /bin/touch /tmp/x; /bin/strace trace; /bin/strace traceme; /bin/strace write-memory; /bin/iptables -L
  /bin/systemctl stop nginx; /bin/systemctl status auditd; /bin/setenforce 1; /bin/sh -c "true aGk= | base64 -d"; true'
expect_no_alerts "Log cleared" "Shell history removed" "Data wiped" "Time stamps of a file forged" \
  "Program executed from shared memory" "Hidden program executed" "Process hidden by a mount" "Process traced" "Debugging refused" \
  "Memory of another process written" "Packet filter opened" "Guard stopped" "Mandatory access control switched off" \
  "Encoded commands executed"
done_testing
