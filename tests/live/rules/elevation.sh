# The rules of elevation.yaml.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$HELPERS/provoke" "$scratch/image/bin/"
cp "$HELPERS/provoke" "$scratch/image/bin/pkexec"
add_program dpkg '"$@"'
add_programs sudo sudoedit setcap
mkdir "$scratch/image/etc/sudoers.d"
as_nobody='/bin/provoke as-nobody'

extra_capability=CAP_SETUID in_container "$as_nobody /bin/sudo true; $as_nobody /bin/pkexec; /bin/sudoedit -s 'x\\\\' y
  echo x >/etc/sudoers.d/x; cp /bin/busybox /tmp/b; /bin/chmod u+s /tmp/b; /bin/setcap cap_net_raw+ep /tmp/b; true"
expect_alert "Privileges asked for in container" 'sudo true' 'uid=65534'
expect_alert "Exploit of pkexec" 'uid=65534'
expect_alert "Exploit of sudoedit" 'sudoedit -s'
expect_alert "Rules of sudo written" 'file=/etc/sudoers.d/x'
expect_alert "Set-user-id bit set" 'S_ISUID' 'chmod u+s /tmp/b'
expect_alert "Capabilities given to a file" 'cap_net_raw+ep'

extra_capability=CAP_SETUID in_container "/bin/sudo true; /bin/pkexec; $as_nobody /bin/pkexec true; /bin/sudoedit -s 'x' y
  /bin/dpkg sh -c 'echo x >/etc/sudoers.d/x'; cp /bin/busybox /tmp/b; /bin/chmod 755 /tmp/b; true"
expect_no_alerts "Privileges asked for in container" "Exploit of pkexec" "Exploit of sudoedit" "Rules of sudo written" \
  "Set-user-id bit set" "Capabilities given to a file"
done_testing
