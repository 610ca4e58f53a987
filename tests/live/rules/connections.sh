# The rules of connections.yaml but Reverse shell and Unexpected outbound connection, which have tests of their own.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$HELPERS/provoke" "$scratch/image/bin/"
cp "$HELPERS/provoke" "$scratch/image/bin/ssh"
add_programs tcpdump rsync
network='ip link set lo up; for a in 198.51.100.7 169.254.169.254 10.9.8.7; do ip addr add $a/32 dev lo; done'

extra_capability="CAP_NET_RAW CAP_NET_BIND_SERVICE" in_container "$network
  for to in '198.51.100.7 3333' '169.254.169.254 80' '198.51.100.7 53'; do /bin/provoke tcp \$to; done; /bin/ssh tcp 198.51.100.7 2222
  /bin/nc 127.0.0.1 9 -e /bin/true; /bin/provoke connect /tmp/docker.sock; /bin/provoke packets; /bin/tcpdump -i lo
  /bin/rsync -a /etc 10.9.8.7:/; true"
expect_alert "Connection to a mining pool" '->198.51.100.7:3333'
expect_alert "Cloud metadata service contacted from container" '->169.254.169.254:80'
expect_alert "Foreign DNS server contacted from container" '->198.51.100.7:53'
expect_alert "SSH to an unusual port" '->198.51.100.7:2222'
expect_alert "Program handed to a connection" '127.0.0.1 9 -e /bin/true'
expect_alert "Socket of the container engine contacted from container" '/tmp/docker.sock'
expect_alert "Packet socket made in container" 'AF_PACKET'
expect_alert "Network scanner or sniffer started" 'tcpdump -i lo'
expect_alert "Remote copy started in container" '/bin/rsync -a /etc'

extra_capability=CAP_NET_BIND_SERVICE in_container "$network
  for to in '10.9.8.7 3333' '198.51.100.7 80' '10.9.8.7 53' '198.51.100.7 2222'; do /bin/provoke tcp \$to; done; /bin/ssh tcp 198.51.100.7 22
  /bin/nc 127.0.0.1 9 </dev/null; /bin/provoke connect /tmp/other.sock; /bin/provoke packets; true"
expect_no_alerts "Connection to a mining pool" "Cloud metadata service contacted from container" \
  "Foreign DNS server contacted from container" "SSH to an unusual port" "Program handed to a connection" \
  "Socket of the container engine contacted from container" "Packet socket made in container" \
  "Network scanner or sniffer started" "Remote copy started in container"
done_testing
