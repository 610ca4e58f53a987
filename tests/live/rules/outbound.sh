# Unexpected outbound connection: a public address on an unusual port; not a private address, not 443.
source "$(dirname "$0")/lib.sh"
need_live
make_container
network='ip link set lo up; ip addr add 198.51.100.7/32 dev lo; ip addr add 10.9.8.7/32 dev lo'

in_container "$network; nc 198.51.100.7 4444 </dev/null; nc -l -p 4444 -w 2 >/dev/null & sleep 0.2; nc 198.51.100.7 4444 </dev/null; true"
expect_alert "Unexpected outbound connection" '->198.51.100.7:4444' '"fd.l4proto":"tcp"'

in_container "$network; nc -l -p 4444 -w 2 >/dev/null & sleep 0.2; nc 10.9.8.7 4444 </dev/null; true"
expect_no_alert "Unexpected outbound connection"

in_container "$network; nc -l -p 443 -w 2 >/dev/null & sleep 0.2; nc 198.51.100.7 443 </dev/null; true"
expect_no_alert "Unexpected outbound connection"
done_testing
