/* Extraction of system call parameters that are not plain registers, by the plan of the event.
 */
#ifndef FALCOC_PROBE_EXTRACT_H
#define FALCOC_PROBE_EXTRACT_H

#include "probe/extract_command.h"
#include "probe/extract_memory.h"

/* Value of a plan's argument: a register or the return value. */
static __always_inline __u64 fc_arg(struct fc_scratch *s, __u32 arg)
{
	struct fc_event *event = fc_event_of(s);

	if (arg == FC_ARG_RET)
		return event->ret;
	return arg < 6 ? event->args[arg] : 0;
}

/* Returns what fc_add_text does. */
static __always_inline int fc_add_path_arg(struct fc_scratch *s, __u32 param, __u64 address,
					   __u32 dirfd_arg)
{
	int first = fc_add_text(address, param);
	int dirfd = FC_AT_FDCWD;

	if (first == '/' || first < 0)
		return first;
	if (dirfd_arg != FC_ARG_NONE)
		dirfd = (int)fc_arg(s, dirfd_arg);
	if (dirfd == FC_AT_FDCWD)
		fc_add_cwd(s);
	else
		fc_add_dir(dirfd, param);
	return first;
}

__noinline int fc_add_capabilities(__u32 what, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	const struct cred *cred = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), cred);
	__u64 bits = 0;

	if (!s)
		return 0;
	if (what == 0)
		bpf_probe_read_kernel(&bits, 8,
				      __builtin_preserve_access_index(&cred->cap_inheritable));
	else if (what == 1)
		bpf_probe_read_kernel(&bits, 8,
				      __builtin_preserve_access_index(&cred->cap_permitted));
	else
		bpf_probe_read_kernel(&bits, 8,
				      __builtin_preserve_access_index(&cred->cap_effective));
	fc_add_u64(s, tag, bits);
	return 0;
}

__noinline int fc_add_memory(__u32 what, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	struct mm_struct *mm = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), mm);

	if (s)
		fc_add_u64(s, tag, fc_memory_kb(mm, what));
	return 0;
}

__noinline int fc_add_backlog(__s64 fd, __u32 what, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	struct file *file = s ? fc_file_of_op(s, fd, 0) : NULL;

	if (!s || !file || (BPF_CORE_READ(file, f_inode, i_mode) & FC_S_IFMT) != FC_S_IFSOCK)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	__u64 length = BPF_CORE_READ(socket, sk, sk_ack_backlog);
	__u64 maximum = BPF_CORE_READ(socket, sk, sk_max_ack_backlog);
	if (what == 1)
		fc_add_u64(s, tag, length);
	else if (what == 2)
		fc_add_u64(s, tag, maximum);
	else
		fc_add_u64(s, tag, maximum ? length * 100 / maximum : 0);
	return 0;
}

static __always_inline void fc_run_data_op(struct fc_scratch *s, __u32 op, __u32 param, __u64 value,
					   __u64 second)
{
	__s64 ret = fc_event_of(s)->ret;
	__u32 length = 0;

	switch (op) {
	case FC_OP_SOCKADDR:
		fc_add_bytes(value, (__u32)second, param, FC_SOCKADDR_BYTES);
		break;
	case FC_OP_SOCKADDR_OUT:
		if (second && !bpf_probe_read_user(&length, 4, (void *)second))
			fc_add_bytes(value, length, param, FC_SOCKADDR_BYTES);
		break;
	case FC_OP_DATA:
		fc_add_bytes(value, second, param, data_bytes);
		break;
	case FC_OP_DATA_IN:
		fc_add_bytes(value, ret, param, data_bytes);
		break;
	case FC_OP_DATA_OUT:
		fc_add_bytes(value, ret >= 0 ? ret : second, param, data_bytes);
		break;
	case FC_OP_IOVEC_IN:
		fc_add_iovec(value, second, ret, param);
		break;
	case FC_OP_IOVEC_OUT:
		fc_add_iovec(value, second, ret >= 0 ? ret : data_bytes, param);
		break;
	case FC_OP_IOVEC_SIZE:
		fc_add_iovec_size(value, second, param);
		break;
	case FC_OP_MSG_SIZE:
		if (value)
			fc_add_iovec_size(fc_user_long(value, FC_MSG_IOV),
					  fc_user_long(value, FC_MSG_IOVLEN), param);
		break;
	case FC_OP_MSG_IN:
		fc_add_msg_data(value, ret, param);
		break;
	case FC_OP_MSG_OUT:
		fc_add_msg_data(value, ret >= 0 ? ret : data_bytes, param);
		break;
	case FC_OP_MSG_NAME:
		fc_add_msg_name(value, param);
		break;
	case FC_OP_MSG_CONTROL:
		fc_add_msg_control(value, param);
		break;
	}
}

/* Whether the return value is one that the operation is for. */
static __always_inline bool fc_applies(__u32 when, __s64 ret)
{
	switch (when) {
	case FC_ON_SUCCESS:
		return ret >= 0;
	case FC_ON_DATA:
		return ret > 0;
	case FC_ON_FAILURE:
		return ret < 0;
	default:
		return true;
	}
}

/* Runs one operation of the plan of `kind`. */
__noinline int fc_run_op(__u32 kind, __u32 index)
{
	struct fc_scratch *s = fc_scratch();
	__u64 row = kind,
	      column = index; /* 64 bits: the verifier must see the register it bounds indexed */

	fc_fixed(row);
	fc_fixed(column);
	if (!s || row >= FC_KIND_COUNT || column >= FC_PLAN_OPS)
		return 0;
	const volatile struct fc_plan_op *step = &plans[row].ops[column];
	__u32 op = step->op, param = step->param, aux = step->aux, arg2 = step->arg2;
	__u64 value = fc_arg(s, step->arg);
	__u32 fd = 0;

	if (fc_is_done(s, step, column))
		return 0;
	if (!fc_applies(step->when, fc_event_of(s)->ret))
		return 0;
	if (op >= FC_OP_POLL_FDS) {
		fc_run_command_op(op, param, aux, value, fc_arg(s, arg2));
		return 0;
	}
	switch (op) {
	case FC_OP_TEXT:
		fc_add_text(value, param);
		break;
	case FC_OP_PATH:
		fc_add_path_arg(s, param, value, arg2);
		break;
	case FC_OP_FD:
		if ((int)value >= 0)
			fc_add_op_file(s, kind, (int)value, step->arg, param);
		break;
	case FC_OP_FD_AT:
		if (!bpf_probe_read_user(&fd, 4, (void *)(value + aux)))
			fc_add_fd((int)fd, param, FC_ITEM_FD);
		break;
	case FC_OP_USER32:
	case FC_OP_USER64:
	case FC_OP_USER_LONG:
	case FC_OP_TIMESPEC:
		fc_add_number(value, op, aux, param);
		break;
	case FC_OP_CWD:
		fc_add_cwd(s);
		break;
	case FC_OP_IDENTITY:
		fc_add_process((__u64)bpf_get_current_task(), 0);
		break;
	case FC_OP_CAPABILITIES:
		fc_add_capabilities(aux, param);
		break;
	case FC_OP_MEMORY:
		fc_add_memory(aux, param);
		break;
	case FC_OP_BACKLOG:
		fc_add_backlog((int)value, aux, param);
		break;
	default:
		fc_run_data_op(s, op, param, value, fc_arg(s, arg2));
		break;
	}
	return 0;
}

/* Extracts what the plan of this kind says. */
static __always_inline void fc_run_plan(__u32 kind)
{
	__u64 row = kind;

	fc_fixed(row);
	if (row >= FC_KIND_COUNT)
		return;
	__u32 count = plans[row].op_count;

	for (__u32 i = 0; i < FC_PLAN_OPS; i++) {
		if (i >= count)
			break;
		fc_run_op(kind, i);
	}
}

/* One round of fc_add_strings: appends string `i` to the item that begins at record offset `begin`. */
__noinline int fc_strings_step(__u64 address, __u32 i, __u32 begin)
{
	struct fc_scratch *s = fc_scratch();
	__u64 at = begin;

	fc_fixed(at);
	if (!s || at > FC_RECORD_LAST)
		return FC_STEP_CUT;
	__u64 offset = s->walk.at;
	__u64 text = fc_user_long(address, i);
	if (!text)
		return FC_STEP_DONE;
	fc_fixed(offset);
	if (offset > FC_ARGS_BYTES - FC_TEXT_BYTES)
		return FC_STEP_CUT;
	long size = bpf_probe_read_user_str(&s->record[at + sizeof(struct fc_item) + offset],
					    FC_TEXT_BYTES, (void *)text);
	if (size < 1)
		return FC_STEP_FAULT;
	s->walk.at = offset + size;
	return FC_STEP_MORE;
}

/* Adds the strings of a user argv or environment of a failed execve. */
__noinline int fc_add_strings(__u64 address, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	int step = FC_STEP_MORE;

	if (!s || !address)
		return 0;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return 0;
	__u32 begin = s->used;
	s->walk.at = 0;
	for (__u32 i = 0; i < FC_ARGV_LIMIT && step == FC_STEP_MORE; i++)
		step = fc_strings_step(address, i, begin);
	__u32 flags = step == FC_STEP_DONE    ? 0
		      : step == FC_STEP_FAULT ? FC_ITEM_FAULT
					      : FC_ITEM_CUT;
	fc_item_end(s, item, s->walk.at, flags);
	return 0;
}

#endif
