/* Parameters whose kind depends on another argument: a command, an option, a count. The decoder's half is
 * runtime/capture/decode_command.cpp.
 */
#ifndef FALCOC_PROBE_EXTRACT_COMMAND_H
#define FALCOC_PROBE_EXTRACT_COMMAND_H

#include "probe/extract_memory.h"
#include "probe/keyctl.h"

/* include/uapi/linux: quota.h (commands stand above a byte with the type), mount.h, prctl.h, ptrace.h */
#define FC_QUOTA_COMMAND_SHIFT 8
#define FC_Q_GETFMT 0x800004
#define FC_Q_GETINFO 0x800005
#define FC_Q_SETINFO 0x800006
#define FC_Q_GETQUOTA 0x800007
#define FC_Q_SETQUOTA 0x800008
#define FC_Q_QUOTAON 0x800002
#define FC_DQBLK_BYTES 72  /* struct if_dqblk */
#define FC_DQINFO_BYTES 24 /* struct if_dqinfo */
#define FC_FSCONFIG_SET_STRING 1
#define FC_FSCONFIG_SET_BINARY 2
#define FC_FSCONFIG_SET_PATH 3
#define FC_FSCONFIG_SET_PATH_EMPTY 4
#define FC_PR_SET_NAME 15
#define FC_PR_GET_NAME 16
#define FC_PR_GET_CHILD_SUBREAPER 37
#define FC_PTRACE_PEEK_FIRST 1 /* PEEKTEXT, PEEKDATA, PEEKUSER */
#define FC_PTRACE_PEEK_LAST 3
#define FC_SEMBUF_BYTES 6 /* struct sembuf */

/* include/uapi/asm-generic/poll.h */
struct fc_pollfd {
	int fd;
	__u16 events, revents;
};

/* Adds the i-th polled descriptor to the list that begins at record offset `begin`. */
__noinline int fc_poll_fd_step(__u64 address, __u32 i, __u32 begin)
{
	struct fc_scratch *s = fc_scratch();
	struct fc_pollfd polled = {};
	__u64 at = begin;
	__u64 index = i;

	fc_fixed(at);
	fc_fixed(index);
	if (!s || at > FC_RECORD_LAST || index >= FC_POLL_LIMIT)
		return FC_STEP_CUT;
	if (bpf_probe_read_user(&polled, sizeof(polled),
				(void *)(address + index * sizeof(polled))) != 0)
		return FC_STEP_FAULT;
	struct fc_poll_fd *out =
		(struct fc_poll_fd *)&s->record[at + sizeof(struct fc_item) + index * sizeof(*out)];
	__builtin_memset(out, 0, sizeof(*out));
	out->fd = polled.fd;
	out->requested = polled.events;
	out->returned = polled.revents;
	struct file *file = fc_file_of_fd((struct task_struct *)bpf_get_current_task(), polled.fd);
	if (!file)
		return FC_STEP_MORE;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	out->mode = BPF_CORE_READ(inode, i_mode);
	if ((out->mode & FC_S_IFMT) == FC_S_IFSOCK) {
		struct socket *socket = BPF_CORE_READ(file, private_data);
		out->family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);
	} else {
		out->anon_kind = fc_anon_kind(file, BPF_CORE_READ(inode, i_sb, s_magic));
	}
	return FC_STEP_MORE;
}

__noinline int fc_add_poll_fds(__u64 address, __u32 count, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	int step = FC_STEP_MORE;
	__u32 added = 0;

	if (!s)
		return 0;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return 0;
	__u32 begin = s->used;
	for (__u32 i = 0; i < FC_POLL_LIMIT; i++) {
		if (i >= count || step != FC_STEP_MORE)
			break;
		step = fc_poll_fd_step(address, i, begin);
		if (step == FC_STEP_MORE)
			added = i + 1;
	}
	if (step == FC_STEP_FAULT)
		fc_mark_fault(s);
	fc_item_end(s, item, added * sizeof(struct fc_poll_fd),
		    count > FC_POLL_LIMIT ? FC_ITEM_CUT : 0);
	return 0;
}

static __always_inline void fc_add_sockopt(__u64 value, __u64 length, __u32 indirect, __u32 tag)
{
	__u32 size = length;

	if (indirect && bpf_probe_read_user(&size, sizeof(size), (void *)length) != 0)
		return;
	fc_add_bytes(value, size, tag, FC_DATA_BYTES);
}

/* The first two operations of a semop; more are rare and Falco shows no more. */
static __always_inline void fc_add_sembufs(__u64 address, __u32 count, __u32 tag)
{
	if (count != 0)
		fc_add_bytes(address, count == 1 ? FC_SEMBUF_BYTES : 2 * FC_SEMBUF_BYTES, tag,
			     2 * FC_SEMBUF_BYTES);
}

static __always_inline void fc_add_quota(__u32 command, __u64 address, __u32 param)
{
	__u32 size = 0;

	switch (command >> FC_QUOTA_COMMAND_SHIFT) {
	case FC_Q_QUOTAON:
		fc_add_text(address, param);
		return;
	case FC_Q_GETQUOTA:
	case FC_Q_SETQUOTA:
		size = FC_DQBLK_BYTES;
		break;
	case FC_Q_GETINFO:
	case FC_Q_SETINFO:
		size = FC_DQINFO_BYTES;
		break;
	case FC_Q_GETFMT:
		size = sizeof(__u32);
		break;
	default:
		return;
	}
	fc_add_bytes(address, size, param + 1, FC_DATA_BYTES);
}

static __always_inline void fc_add_fsconfig(__u32 command, __u64 value, __u32 size, __u32 param)
{
	if (command == FC_FSCONFIG_SET_BINARY)
		fc_add_bytes(value, size, param, FC_DATA_BYTES);
	else if (command == FC_FSCONFIG_SET_STRING || command == FC_FSCONFIG_SET_PATH ||
		 command == FC_FSCONFIG_SET_PATH_EMPTY)
		fc_add_text(value, param + 1);
}

/* Whether argument `n` of a keyctl operation is a text. */
static __always_inline bool fc_keyctl_has_text(__u64 operation, __u32 n)
{
	__u64 row = (__u32)operation;

	fc_fixed(row);
	return row < FC_KEYCTL_OPERATIONS && (fc_keyctl_shapes[row].texts >> (n & 7) & 1);
}

static __always_inline void fc_add_prctl(__u32 option, __u64 value, __u32 param)
{
	if (option == FC_PR_SET_NAME || option == FC_PR_GET_NAME)
		fc_add_text(value, param);
	else if (option == FC_PR_GET_CHILD_SUBREAPER)
		fc_add_number(value, FC_OP_USER32, 0, param + 1);
}

/* Runs an operation of this file; `value` and `second` are what its arguments hold. */
__noinline int fc_run_command_op(__u32 op, __u32 param, __u32 aux, __u64 value, __u64 second)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return 0;
	struct fc_event *event = fc_event_of(s);
	switch (op) {
	case FC_OP_POLL_FDS:
		fc_add_poll_fds(value, second, param);
		break;
	case FC_OP_SOCKOPT:
		fc_add_sockopt(value, second, aux, param);
		break;
	case FC_OP_SEMBUF:
		fc_add_sembufs(value, second, param);
		break;
	case FC_OP_QUOTA:
		fc_add_quota(event->args[0], value, param);
		break;
	case FC_OP_FSCONFIG:
		fc_add_fsconfig(event->args[1], value, second, param);
		break;
	case FC_OP_KEYCTL:
		if (fc_keyctl_has_text(event->args[0], aux))
			fc_add_text(value, param);
		break;
	case FC_OP_PRCTL:
		fc_add_prctl(event->args[0], value, param);
		break;
	case FC_OP_PTRACE:
		if (event->args[0] >= FC_PTRACE_PEEK_FIRST && event->args[0] <= FC_PTRACE_PEEK_LAST)
			fc_add_number(value, FC_OP_USER_LONG, 0, param);
		break;
	}
	return 0;
}

#endif
