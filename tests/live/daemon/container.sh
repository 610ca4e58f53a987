# A process in a container is reported with container id, user, command line, parent and both pids.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container "/bin/cat /etc/passwd /tmp/$marker; true"
expect_alert "Program started" "\"proc.cmdline\":\"cat /etc/passwd /tmp/$marker\"" \
  "\"container.id\":\"${container_id:0:12}\"" '"user.name":"root"' '"proc.pname":"sh"' \
  '"proc.exepath":"/bin/busybox"' '"proc.cwd":"/"'
expect_alert "Marked file opened" "/tmp/$marker" "\"container.id\":\"${container_id:0:12}\""

# Its pid there is another one than here.
line=$(grep -F '"rule":"Program started"' "$alerts" | grep -F "/tmp/$marker" | head -n 1)
pid=$(grep -oE '"proc.pid":[0-9]+' <<<"$line" | cut -d: -f2)
vpid=$(grep -oE '"proc.vpid":[0-9]+' <<<"$line" | cut -d: -f2)
[[ -n $vpid && $vpid -lt 10 && $pid != "$vpid" ]] || fail "pid ${pid:-none}, in the container ${vpid:-none}"
done_testing
