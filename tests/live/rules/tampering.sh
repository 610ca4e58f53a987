# The rules of tampering.yaml but Write below etc, which has a test of its own.
source "$(dirname "$0")/lib.sh"
need_live
make_container
add_program dpkg '"$@"'
mkdir -p "$scratch/image/usr"/{bin,lib,share}
echo x >"$scratch/image/usr/bin/runc"
cp /bin/busybox "$scratch/image/tmp/unpacked"

in_container 'echo x >>/usr/bin/runc; echo x >/usr/bin/ls; echo x >/tmp/x.so; /bin/mv /tmp/x.so /usr/lib/x.so
  /tmp/unpacked true; true'
expect_alert "Container runtime written" 'file=/usr/bin/runc'
expect_alert "System program written" 'file=/usr/bin/ls'
expect_alert "System library written" '/usr/lib/x.so' 'event=rename'
expect_alert "Program executed from a temporary directory in container" '/tmp/unpacked'

in_container '/bin/dpkg sh -c "echo x >>/usr/bin/runc; echo x >/usr/bin/new; echo x >/usr/lib/x.so"; /bin/cat /usr/bin/runc
  echo x >/usr/share/x; true'
expect_no_alerts "Container runtime written" "System program written" "System library written" \
  "Program executed from a temporary directory in container"
done_testing
