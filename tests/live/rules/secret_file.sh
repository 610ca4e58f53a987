# Secret file read: /etc/shadow, not /etc/passwd; and not by a program that must read it.
source "$(dirname "$0")/lib.sh"
need_live
make_container
add_program unix_chkpwd 'read line </etc/shadow'

in_container '/bin/cat /etc/shadow; true'
expect_alert "Secret file read" '"fd.name":"/etc/shadow"' '"proc.cmdline":"cat /etc/shadow"' \
  '"user.name":"root"' '"container.id":"'"${container_id:0:12}"'"' '"proc.pname":"sh"'

in_container 'cd /etc; /bin/cat shadow; true'
expect_alert "Secret file read" '"fd.name":"/etc/shadow"'

in_container '/bin/cat /etc/passwd; true'
expect_no_alert "Secret file read"

in_container '/bin/unix_chkpwd; true'
expect_no_alert "Secret file read"
done_testing
