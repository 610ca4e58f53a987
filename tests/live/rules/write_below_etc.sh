# Write below etc: opening for writing and renaming into /etc, not reading and not /tmp/etc.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container 'echo x >/etc/motd'
expect_alert "Write below etc" '"fd.name":"/etc/motd"' '"proc.cmdline":"sh -c echo x >/etc/motd"'

in_container 'echo x >/tmp/motd; mv /tmp/motd /etc/motd2'
expect_alert "Write below etc" 'newpath=/etc/motd2'

in_container 'mkdir /tmp/etc; echo x >/tmp/etc/motd; cat /etc/passwd'
expect_no_alert "Write below etc"
done_testing
