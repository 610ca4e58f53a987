# Program not from the image: one copied in after the start, not one of the image.
source "$(dirname "$0")/lib.sh"
need_live
make_container

in_container 'cp /bin/busybox /tmp/payload; /tmp/payload true; true'
expect_alert "Program not from the image" '"proc.exepath":"/tmp/payload"' \
  '"container.id":"'"${container_id:0:12}"'"'

in_container '/bin/busybox true'
expect_no_alert "Program not from the image"
done_testing
