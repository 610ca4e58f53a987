# Host file opened through init, whether the kernel allows it or not: with the host's pids it is the host's, without it is the container's own.
source "$(dirname "$0")/../metadata/lib.sh"
need_live
need_podman
no_other_engine "$scratch/storage"
start_configured
podman_ run --rm --net=none --name "out-$$" --privileged --pid=host localhost/falcoc-test:one /bin/cat /proc/1/root/etc/hostname >/dev/null 2>&1
podman_ run --rm --net=none --name "in-$$" --privileged localhost/falcoc-test:one /bin/cat /proc/1/root/etc/passwd >"$scratch/in" 2>&1
stop_watching
grep -q root:x "$scratch/in" || fail "the container's file was not read: $(cat "$scratch/in")"
expect_alert "Host file opened through init" "\"container.name\":\"out-$$\"" '"fd.nameraw":"/proc/1/root/'
! grep -F '"rule":"Host file opened through init"' "$alerts" | grep -qF "\"container.name\":\"in-$$\"" ||
  fail "the container's own file is not the host's"
done_testing
