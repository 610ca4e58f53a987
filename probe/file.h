/* What a descriptor is: struct fc_fd from struct file, sockets included, and the executable's facts.
 */
#ifndef FALCOC_PROBE_FILE_H
#define FALCOC_PROBE_FILE_H

#include "probe/path.h"
#include "probe/scratch.h"

/* include/uapi/linux/magic.h and fs.h; plain numbers of the kernel's ABI */
#define FC_MAGIC_OVERLAYFS 0x794c7630
#define FC_MAGIC_ANON_INODE 0x09041934
#define FC_MAGIC_PIDFS 0x50494446 /* pidfds have a file system of their own since 6.9 */
#define FC_MAGIC_PIPEFS 0x50495045
#define FC_MAGIC_NSFS 0x6e736673
#define FC_MAGIC_TMPFS 0x01021994
#define FC_MAGIC_HUGETLBFS 0x958458f6
#define FC_S_IFMT 0170000
#define FC_AT_FDCWD -100
#define FC_S_IFSOCK 0140000
#define FC_FMODE_CREATED 0x100000
#define FC_AF_UNIX 1
#define FC_AF_INET 2
#define FC_AF_INET6 10
#define FC_SOCK_RAW 3
#define FC_IPPROTO_TCP 6
#define FC_IPPROTO_MPTCP 262

#include "probe/roles.h"

static __always_inline struct file *fc_file_of_fd(struct task_struct *task, __s64 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots;
	struct file *file = NULL;

	if (!table || fd < 0 || fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	slots = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
	return file;
}

/* 1 upper, 2 lower layer of an overlay file system, 0 elsewhere. The dentry in the upper layer follows
 * the embedded inode in struct ovl_inode (fs/overlayfs/ovl_entry.h, unchanged since 4.16); overlayfs
 * may be a module, whose types vmlinux does not know. */
static __always_inline __u32 fc_overlay_layer(struct inode *inode, unsigned long magic)
{
	struct dentry *upper = NULL;

	if (!inode || magic != FC_MAGIC_OVERLAYFS)
		return 0;
	bpf_probe_read_kernel(&upper, sizeof(upper),
			      (void *)inode + bpf_core_type_size(struct inode));
	return upper && BPF_CORE_READ(upper, d_inode) ? 1 : 2;
}

/* Names of anonymous files are told apart by their first eight bytes, compared at once: byte by byte, each
 * would be a branch for the verifier to walk. */
#define FC_NAME8(a, b, c, d, e, f, g, h)                                                           \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)
#define FC_FIRST_BYTES(n) (~0ull >> (64 - 8 * (n)))

static __always_inline __u32 fc_anon_kind(struct file *file, unsigned long magic)
{
	__u64 name = 0;

	if (magic == FC_MAGIC_PIDFS)
		return FC_ANON_PIDFD;
	if (magic != FC_MAGIC_ANON_INODE && magic != FC_MAGIC_TMPFS && magic != FC_MAGIC_HUGETLBFS)
		return FC_ANON_NONE;
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	/* names are allocated, or kept in the dentry, in multiples of eight bytes */
	bpf_probe_read_kernel(&name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (magic != FC_MAGIC_ANON_INODE) {
		if ((name & FC_FIRST_BYTES(6)) != FC_NAME8('m', 'e', 'm', 'f', 'd', ':', 0, 0))
			return FC_ANON_NONE;
		return BPF_CORE_READ(dentry, d_parent) == dentry ? FC_ANON_MEMFD : FC_ANON_NONE;
	}
	if (name == FC_NAME8('[', 'e', 'v', 'e', 'n', 't', 'f', 'd'))
		return FC_ANON_EVENTFD;
	if (name == FC_NAME8('[', 'e', 'v', 'e', 'n', 't', 'p', 'o'))
		return FC_ANON_EVENTPOLL;
	if (name == FC_NAME8('[', 's', 'i', 'g', 'n', 'a', 'l', 'f'))
		return FC_ANON_SIGNALFD;
	if (name == FC_NAME8('[', 't', 'i', 'm', 'e', 'r', 'f', 'd'))
		return FC_ANON_TIMERFD;
	if ((name & FC_FIRST_BYTES(7)) == FC_NAME8('i', 'n', 'o', 't', 'i', 'f', 'y', 0))
		return FC_ANON_INOTIFY;
	if ((name & FC_FIRST_BYTES(3)) == FC_NAME8('b', 'p', 'f', 0, 0, 0, 0, 0))
		return FC_ANON_BPF;
	if (name == FC_NAME8('[', 'u', 's', 'e', 'r', 'f', 'a', 'u'))
		return FC_ANON_USERFAULTFD;
	if (name == FC_NAME8('[', 'i', 'o', '_', 'u', 'r', 'i', 'n'))
		return FC_ANON_IO_URING;
	if ((name & FC_FIRST_BYTES(7)) == FC_NAME8('[', 'p', 'i', 'd', 'f', 'd', ']', 0))
		return FC_ANON_PIDFD;
	return FC_ANON_OTHER;
}

static __always_inline bool fc_is_v4_mapped(const __u32 *address)
{
	return address[0] == 0 && address[1] == 0 && address[2] == bpf_htonl(0xffff);
}

static __always_inline void fc_fill_unix(struct fc_fd *out, struct sock *sk)
{
	struct unix_sock *unix_sk = (struct unix_sock *)sk;
	struct sock *peer = BPF_CORE_READ(unix_sk, peer);
	struct unix_address *address = BPF_CORE_READ(unix_sk, addr);

	out->peer_cookie = (__u64)peer;
	if (!address && peer)
		address = BPF_CORE_READ((struct unix_sock *)peer, addr);
	if (!address)
		return;
	char *path = __builtin_preserve_access_index(&address->name[0].sun_path[0]);
	char first = 0;
	bpf_probe_read_kernel(&first, 1, path);
	/* abstract names begin with a NUL, which Falco leaves out, and end without one */
	bpf_probe_read_kernel_str(out->unix_path, sizeof(out->unix_path), first ? path : path + 1);
	__u64 size = (__u32)BPF_CORE_READ(address, len) - sizeof(__u16) - !first;
	fc_fixed(size);
	if (size < sizeof(out->unix_path))
		out->unix_path[size] = 0;
}

static __always_inline void fc_fill_inet6(struct fc_fd *out, struct sock *sk)
{
	__u32 local[4] = {}, remote[4] = {};
	struct ipv6_pinfo *pinet6 = BPF_CORE_READ((struct inet_sock *)sk, pinet6);

	BPF_CORE_READ_INTO(&local, sk, __sk_common.skc_v6_rcv_saddr);
	if (!local[0] && !local[1] && !local[2] && !local[3] && pinet6)
		BPF_CORE_READ_INTO(&local, pinet6, saddr);
	BPF_CORE_READ_INTO(&remote, sk, __sk_common.skc_v6_daddr);
	if (fc_is_v4_mapped(remote) || (fc_is_v4_mapped(local) && !remote[0] && !remote[3])) {
		out->family = FC_AF_INET;
		__builtin_memcpy(out->local_addr, &local[3], 4);
		__builtin_memcpy(out->remote_addr, &remote[3], 4);
		return;
	}
	__builtin_memcpy(out->local_addr, local, 16);
	__builtin_memcpy(out->remote_addr, remote, 16);
}

static __always_inline void fc_fill_socket(struct fc_fd *out, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	if (!sk)
		return;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);
	out->socket_cookie = (__u64)sk;
	out->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	out->socket_type = BPF_CORE_READ(sk, sk_type);
	out->protocol = protocol == FC_IPPROTO_MPTCP ? FC_IPPROTO_TCP : protocol;
	out->tcp_state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (out->family == FC_AF_UNIX) {
		fc_fill_unix(out, sk);
		return;
	}
	if (out->family != FC_AF_INET && out->family != FC_AF_INET6)
		return;
	if (out->socket_type != FC_SOCK_RAW) { /* raw sockets keep the protocol there */
		out->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
		out->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	}
	if (out->family == FC_AF_INET6) {
		fc_fill_inet6(out, sk);
		return;
	}
	__be32 local = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	__be32 remote = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	if (!local)
		local = BPF_CORE_READ((struct inet_sock *)sk, inet_saddr);
	__builtin_memcpy(out->local_addr, &local, 4);
	__builtin_memcpy(out->remote_addr, &remote, 4);
}

/* Whether the socket has a peer now, as far as the kernel says. */
static __always_inline bool fc_has_peer(struct fc_fd *fd)
{
	return fd->remote_port || fd->peer_cookie;
}

/* What the file is. Returns FC_ANON_*, and the file system's magic number in `magic`. */
static __always_inline __u32 fc_fill_fd(struct fc_fd *out, struct file *file, unsigned long *magic)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);
	__u32 mode = BPF_CORE_READ(inode, i_mode);
	__u32 anon;

	*magic = BPF_CORE_READ(sb, s_magic);
	out->ino = BPF_CORE_READ(inode, i_ino);
	out->dev = BPF_CORE_READ(sb, s_dev);
	out->mode = mode;
	out->open_flags = BPF_CORE_READ(file, f_flags);
	out->created = (BPF_CORE_READ(file, f_mode) & FC_FMODE_CREATED) != 0;
	if ((mode & FC_S_IFMT) == FC_S_IFSOCK) {
		fc_fill_socket(out, file);
		if (fc_has_peer(out))
			out->role = fc_role_of(out->socket_cookie);
		return FC_ANON_NONE;
	}
	anon = fc_anon_kind(file, *magic);
	out->anon_kind = anon;
	out->layer = fc_overlay_layer(inode, *magic);
	return anon;
}

/* Adds the file that is called `fd` as an item with this tag, FC_ITEM_FD or FC_ITEM_STANDARD_FD, and for
 * files with a name their path as one with the tag behind it. No file: the descriptor is not open. */
__noinline int fc_add_file(__u64 file_address, __s64 fd, __u32 index, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	struct file *file = (void *)file_address;
	unsigned long magic;

	if (!s)
		return 0;
	struct fc_item *item = fc_item_begin(s, tag, index);
	if (!item)
		return 0;
	struct fc_fd *out = fc_item_bytes(item);
	__builtin_memset(out, 0, sizeof(*out));
	out->fd = fd;
	if (!file) {
		fc_item_end(s, item, sizeof(*out), 0);
		return 0;
	}
	__u32 anon = fc_fill_fd(out, file, &magic);
	bool is_socket = (out->mode & FC_S_IFMT) == FC_S_IFSOCK;
	fc_item_end(s, item, sizeof(*out), 0);
	if (is_socket || magic == FC_MAGIC_PIPEFS || magic == FC_MAGIC_NSFS ||
	    (anon != FC_ANON_NONE && anon != FC_ANON_MEMFD))
		return 0;
	fc_add_path((__u64)BPF_CORE_READ(file, f_path.dentry),
		    (__u64)BPF_CORE_READ(file, f_path.mnt), tag + 1, index);
	return 0;
}

/* The same of the current task's descriptor. */
static __always_inline void fc_add_fd(__s64 fd, __u32 index, __u32 tag)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	fc_add_file((__u64)fc_file_of_fd(task, fd), fd, index, tag);
}

/* Adds descriptors 0, 1 and 2, if they are wanted with events of this kind. */
__noinline int fc_add_standard_fds(__u32 kind)
{
	if (kind >= FC_KIND_COUNT || !(wanted_kinds[kind] & FC_WANT_STANDARD_FDS))
		return 0;
	for (int fd = 0; fd <= 2; fd++)
		fc_add_fd(fd, fd, FC_ITEM_STANDARD_FD);
	return 0;
}

/* Adds FC_ITEM_DIR_PATH of a directory descriptor for the path parameter `index`. */
__noinline int fc_add_dir(__s64 fd, __u32 index)
{
	struct file *file = fc_file_of_fd((struct task_struct *)bpf_get_current_task(), fd);

	if (!file)
		return 0;
	fc_add_path((__u64)BPF_CORE_READ(file, f_path.dentry),
		    (__u64)BPF_CORE_READ(file, f_path.mnt), FC_ITEM_DIR_PATH, index);
	return 0;
}

#endif
