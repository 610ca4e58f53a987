# The rules that introductions to Falco print: load unchanged, and each of the four fires in a container.
RULES=$SHARED/corpus/tutorial_rules.yaml
source "$(dirname "$0")/lib.sh"
[[ -f $RULES ]] || skip "../shared is not here"
need_live
make_container
cp "$scratch/image/bin/busybox" "$scratch/image/bin/xmrig"

in_container '/bin/cat /etc/shadow; true'
expect_alert "Terminal shell in container" '"proc.name":"sh"' '"user.name":"root"'
expect_alert "Read sensitive file" '"fd.name":"/etc/shadow"'

in_container '/bin/cat /etc/passwd; true'
expect_no_alert "Read sensitive file"

in_container 'ip link set lo up; ip addr add 198.51.100.7/32 dev lo; nc -l -p 4444 -w 2 >/dev/null & sleep 0.5; nc 198.51.100.7 4444 </dev/null; true'
expect_alert "Unexpected outbound connection" '->198.51.100.7:4444'

in_container '/bin/xmrig; true'
expect_alert "Crypto mining detected" '"proc.name":"xmrig"'
done_testing
