# Crypto miner started: by name or protocol, not by a name that contains a miner's.
source "$(dirname "$0")/lib.sh"
need_live
cp /bin/true "$scratch/xmrig"
cp /bin/true "$scratch/notxmrig"

watch "$scratch/xmrig" --help
expect_alert "Crypto miner started" '"proc.cmdline":"xmrig --help"'

watch /bin/true -o stratum+tcp://pool.example:3333
expect_alert "Crypto miner started" 'stratum+tcp://pool.example:3333'

watch "$scratch/notxmrig" -o https://pool.example
expect_no_alert "Crypto miner started"
done_testing
