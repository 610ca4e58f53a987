# The policy on lost events: an internal alert that looks like Falco's, and the end of falcod where
# that is wanted.
source "$(dirname "$0")/lib.sh"
need_live

# One event a second counts as lost; the token bucket lets one alert pass.
falcod -o json_output=true -o syscall_event_drops.simulate_drops=true -M 4
expect_status 0
[[ $(grep -c '"rule":"Falco internal: syscall event drop"' "$alerts") == 1 ]] || fail "not one alert"
expect_alert "Falco internal: syscall event drop" '"priority":"Debug"' '"source":"internal"' \
  '"n_drops":"1"' '"n_drops_buffer_total":"0"' '"ebpf_enabled":"1"' "\"hostname\":\"$(hostname)\"" \
  'Falco internal: syscall event drop. 1 system calls dropped in last second."'
expect_text stderr "1 system calls dropped in last second." "event drop detected: " \
  "num times actions taken: 1"

falcod -o syscall_event_drops.simulate_drops=true -o syscall_event_drops.actions=log -M 2
expect_no_text stdout ": Debug Falco internal"
expect_text stderr "1 system calls dropped in last second."

falcod -o syscall_event_drops.simulate_drops=true -o syscall_event_drops.actions=exit -M 60
expect_status 4
expect_text stderr "1 system calls dropped in last second. falcod ends"
expect_no_text stdout ": Debug Falco internal"

falcod -q -o syscall_event_drops.simulate_drops=true -o syscall_event_drops.actions=ignore -M 2
expect_status 0
expect_no_text stdout ": Debug Falco internal"
expect_no_text stderr "dropped in last second"
done_testing
