# Where the kernel shows no type information, falcod says so: here it is hidden by a mount of falcod's own.
source "$(dirname "$0")/lib.sh"
need_live
unshare --mount true 2>/dev/null || skip "no mount namespaces"

unshare --mount bash -c 'mount -t tmpfs none /sys/kernel/btf && exec "$0" -r "$1" -- true' "$FALCOD" "$RULES" \
  >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 3
expect_text stderr '[E0702]' /sys/kernel/btf/vmlinux CONFIG_DEBUG_INFO_BTF
done_testing
