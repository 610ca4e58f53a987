/* All descriptors of a process at once: how many are open, of which types; and those of poll. Only with kinds whose
 * rules ask for it.
 */
#ifndef FALCOC_PROBE_FD_TABLE_H
#define FALCOC_PROBE_FD_TABLE_H

#include "probe/file.h"

#define FC_FD_WORDS 64	  /* of the bitmap of open descriptors, looked at in one round */
#define FC_FD_ROUNDS 256  /* up to 1,048,576 descriptors, the kernel's default for the hard limit */
#define FC_FD_STEP 16	  /* descriptors whose types are found in one round */
#define FC_POLLFD_BYTES 8 /* struct pollfd */
#define FC_FD_NOFILE_LIMIT 7 /* RLIMIT_NOFILE */

static __always_inline struct fdtable *fc_fd_table(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return BPF_CORE_READ(task, files, fdt);
}

/* Number of bits set: sums of pairs, of nibbles, of bytes. */
static __always_inline __u32 fc_bits(__u64 word)
{
	word -= word >> 1 & 0x5555555555555555ull;
	word = (word & 0x3333333333333333ull) + (word >> 2 & 0x3333333333333333ull);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return word * 0x0101010101010101ull >> 56;
}

/* Open descriptors among the FC_FD_WORDS words of the bitmap that begin with word `first`; negative if it ends
 * before. */
__noinline int fc_count_fds(__u32 first)
{
	__u64 *bitmap = (__u64 *)BPF_CORE_READ(fc_fd_table(), open_fds);
	__u64 words = BPF_CORE_READ(fc_fd_table(), max_fds) / 64;
	int count = 0;

	if (first >= words)
		return -1;
	for (__u32 i = 0; i < FC_FD_WORDS; i++) {
		__u64 word = 0;
		if (first + i >= words)
			break;
		bpf_probe_read_kernel(&word, sizeof(word), &bitmap[first + i]);
		count += fc_bits(word);
	}
	return count;
}

/* FC_FD_TYPE_* of one descriptor of the current task. */
__noinline int fc_fd_type(__u32 fd)
{
	struct file **slots = BPF_CORE_READ(fc_fd_table(), fd);
	struct file *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
	if (!file)
		return FC_FD_TYPE_CLOSED;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 mode = BPF_CORE_READ(inode, i_mode);
	if ((mode & FC_S_IFMT) == FC_S_IFSOCK) {
		struct socket *socket = BPF_CORE_READ(file, private_data);
		struct sock *sk = BPF_CORE_READ(socket, sk);
		__u32 local[4] = {}, remote[4] = {};
		__u32 family = BPF_CORE_READ(sk, __sk_common.skc_family);
		if (family == FC_AF_INET6) {
			BPF_CORE_READ_INTO(&local, sk, __sk_common.skc_v6_rcv_saddr);
			BPF_CORE_READ_INTO(&remote, sk, __sk_common.skc_v6_daddr);
			if (fc_is_v4_mapped(remote) ||
			    (fc_is_v4_mapped(local) && !remote[0] && !remote[3]))
				family = FC_AF_INET;
		}
		return FC_FD_TYPE_SOCKET + (family & 63);
	}
	__u32 anon = fc_anon_kind(file, BPF_CORE_READ(inode, i_sb, s_magic));
	return anon != FC_ANON_NONE ? anon : FC_FD_TYPE_MODE + (mode >> 12 & 15);
}

/* One round of fc_add_fd_table: types of descriptors from `first` on into the item at record offset `begin`. Says
 * how many there were. */
__noinline int fc_fd_types_step(__u32 begin, __u32 first)
{
	struct fc_scratch *s = fc_scratch();
	__u64 at = begin;
	__u32 max = BPF_CORE_READ(fc_fd_table(), max_fds);

	fc_fixed(at);
	if (!s || at > FC_RECORD_LAST)
		return 0;
	for (__u32 i = 0; i < FC_FD_STEP; i++) {
		__u64 fd = first + i;
		fc_fixed(fd);
		if (fd >= max || fd >= FC_FD_TABLE_TYPES)
			return i;
		s->record[at + sizeof(struct fc_item) + sizeof(struct fc_fd_table) + fd] =
			fc_fd_type(fd);
	}
	return FC_FD_STEP;
}

/* Adds FC_ITEM_FD_TABLE if it is wanted with events of this kind. */
__noinline int fc_add_fd_table(__u32 kind)
{
	struct fc_scratch *s = fc_scratch();
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 row = kind; /* 64 bits: the verifier must see the register it bounds indexed */

	fc_fixed(row);
	if (!s || row >= FC_KIND_COUNT || !(wanted_kinds[row] & FC_WANT_FD_TABLE))
		return 0;
	struct fc_item *item = fc_item_begin(s, FC_ITEM_FD_TABLE, 0);
	if (!item || !fc_fd_table())
		return 0;
	struct fc_fd_table *out = fc_item_bytes(item);
	__u32 begin = s->used;
	__u64 open = 0;
	for (__u32 round = 0; round < FC_FD_ROUNDS; round++) {
		int count = fc_count_fds(round * FC_FD_WORDS);
		if (count < 0)
			break;
		open += count;
	}
	out->open_count = open;
	out->limit = BPF_CORE_READ(task, signal, rlim[FC_FD_NOFILE_LIMIT].rlim_cur);
	s->walk.at = 0;
	for (__u32 round = 0; round < FC_FD_TABLE_TYPES / FC_FD_STEP; round++) {
		int told = fc_fd_types_step(begin, round * FC_FD_STEP);
		s->walk.at += told;
		if (told != FC_FD_STEP)
			break;
	}
	__u32 types = s->walk.at;
	fc_item_end(s, item, sizeof(*out) + types, types < FC_FD_TABLE_TYPES ? 0 : FC_ITEM_CUT);
	return 0;
}

/* Adds the descriptors of a poll or ppoll as FC_ITEM_POLLED_FD, if they are wanted with events of this kind. */
__noinline int fc_add_polled_fds(__u32 kind)
{
	struct fc_scratch *s = fc_scratch();
	__u64 row = kind;

	fc_fixed(row);
	if (!s || row >= FC_KIND_COUNT || !(wanted_kinds[row] & FC_WANT_POLLED_FDS))
		return 0;
	__u64 address = fc_event_of(s)->args[0], count = fc_event_of(s)->args[1];
	for (__u32 i = 0; i < FC_POLLED_FDS; i++) {
		int fd = -1;
		if (i >= count ||
		    bpf_probe_read_user(&fd, sizeof(fd), (void *)(address + i * FC_POLLFD_BYTES)))
			break;
		fc_add_fd(fd, i, FC_ITEM_POLLED_FD);
	}
	return 0;
}

#endif
