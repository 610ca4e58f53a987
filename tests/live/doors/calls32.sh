# 32-bit programs: their system calls, and the sockets that they reach through socketcall.
source "$(dirname "$0")/lib.sh"
need_live
[[ $(uname -m) == x86_64 ]] || skip "32-bit x86 code does not run on this machine"
g++ -m32 -O1 -fno-exceptions -fno-rtti -o "$scratch/deeds32" "$(dirname "$0")/helpers/deeds32.cpp" -nodefaultlibs -lc -lgcc \
  2>"$scratch/stderr" || skip "no 32-bit compiler (gcc-multilib): $(head -n 1 "$scratch/stderr")"

status=0
"$scratch/deeds32" "$scratch/before" >/dev/null 2>&1 || status=$?
((status != 126)) || skip "this kernel runs no 32-bit programs"
watch "$scratch/deeds32" "$marker"
[[ $last_status == 0 ]] || fail "the 32-bit program failed with $last_status"
for text in "open fd.name=$marker/opened " "openat fd.name=$marker/opened " "creat fd.name=$marker/opened " \
  "unlink fd.name=<NA> path=$marker/opened "; do
  expect_alert "file32" "$text"
done
for text in 'socket family=AF_INET' 'bind family=<NA> to=127.0.0.1' 'listen family' 'connect family=<NA> to=127.0.0.1' 'accept family' \
  'sendto family=<NA> to=<NA> data=sent' 'recvfrom family=<NA> to=<NA> data=sent' 'sendmsg family=<NA> to=<NA> data=sent' \
  'recvmsg family=<NA> to=<NA> data=sent' 'send family=<NA> to=<NA> data=more' 'recv family=<NA> to=<NA> data=more'; do
  expect_alert "socket32" "$text"
done
expect_alert "executed" "path=$scratch/deeds32"

# x32's numbers are refused by most kernels, and seen all the same
watch "$HELPERS/x32" execve
[[ $last_status == 0 ]] || fail "the x32 call"
expect_alert "executed x32" "result=ENOSYS"
done_testing
