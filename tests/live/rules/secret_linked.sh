# Secret file linked: a hard link to /etc/shadow, not to /etc/passwd, and not a symbolic one.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container '/bin/ln /etc/shadow /tmp/harmless; true'
expect_alert "Secret file linked" 'file=/etc/shadow link=/tmp/harmless' '"proc.cmdline":"ln /etc/shadow /tmp/harmless"'

in_container 'cd /etc; /bin/ln shadow /tmp/relative; true'
expect_alert "Secret file linked" 'file=/etc/shadow link=/tmp/relative'

in_container '/bin/ln /etc/passwd /tmp/near; /bin/ln -s /etc/shadow /tmp/symbolic; true'
expect_no_alert "Secret file linked"
done_testing
