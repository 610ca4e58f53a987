# Terminal shell in container: a shell with a terminal, not one without.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container terminal 'true'
expect_alert "Terminal shell in container" '"container.id":"'"${container_id:0:12}"'"' '"proc.name":"sh"'

in_container 'true'
expect_no_alert "Terminal shell in container"
done_testing
