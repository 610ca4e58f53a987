# The rules of persistence.yaml.
source "$(dirname "$0")/lib.sh"
need_live
make_container
add_program dpkg '"$@"'
add_programs useradd other
mkdir -p "$scratch/image"/etc/{cron.d,ssh,pam.d,profile.d,systemd/system,udev/rules.d} "$scratch/image/root/.ssh"

in_container 'echo x >/etc/cron.d/job; echo x >/tmp/unit; /bin/mv /tmp/unit /etc/systemd/system/x.service
  echo x >>/root/.bashrc; echo x >/etc/profile.d/x.sh; echo x >/root/.ssh/authorized_keys; echo x >>/etc/passwd
  /bin/useradd x; echo x >/etc/ld.so.preload; LD_PRELOAD=/tmp/x.so /bin/other; echo x >/etc/ssh/sshd_config
  echo x >/etc/udev/rules.d/x.rules; true'
expect_alert "Scheduled job written" 'file=/etc/cron.d/job'
expect_alert "System service written" '/etc/systemd/system/x.service' 'event=rename'
expect_alert "Shell profile written" 'file=/root/.bashrc'
expect_alert "Shell profile written" 'file=/etc/profile.d/x.sh'
expect_alert "SSH keys authorized" 'file=/root/.ssh/authorized_keys'
expect_alert "Account file written" 'file=/etc/passwd'
expect_alert "User made in container" 'useradd x'
expect_alert "Preloaded library configured" 'file=/etc/ld.so.preload'
expect_alert "Library preloaded from a temporary directory" 'library=/tmp/x.so'
expect_alert "Login configuration written" 'file=/etc/ssh/sshd_config'
expect_alert "Hook of a system service written" 'file=/etc/udev/rules.d/x.rules'

in_container '/bin/dpkg sh -c "echo x >/etc/cron.d/job; echo x >/etc/systemd/system/x.service; echo x >/etc/ssh/sshd_config
  echo x >>/etc/passwd; echo x >/etc/ld.so.preload; echo x >/etc/udev/rules.d/x.rules"
  /bin/cat /root/.bashrc /root/.ssh/authorized_keys; LD_PRELOAD=/lib/x.so /bin/other; true'
expect_no_alerts "Scheduled job written" "System service written" "Shell profile written" "SSH keys authorized" \
  "Account file written" "User made in container" "Preloaded library configured" \
  "Library preloaded from a temporary directory" "Login configuration written" \
  "Hook of a system service written"
done_testing
