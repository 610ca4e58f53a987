/* Extraction of system call parameters that are not plain registers, by the plan of the event. One global
 * function per family of operations keeps the verifier's work small.
 */
#ifndef FALCOC_PROBE_EXTRACT_H
#define FALCOC_PROBE_EXTRACT_H

#include "probe/halves.h"
#include "probe/process.h"

#define FC_AT_FDCWD -100
/* O_LARGEFILE, which io_uring adds to the flags of its opens */
#if defined(__TARGET_ARCH_x86)
#define FC_O_LARGEFILE 0100000ull
#else
#define FC_O_LARGEFILE 0400000ull
#endif
#define FC_IOV_SIZE_LIMIT 64 /* segments summed up */
#define FC_IOV_LIMIT 8	     /* segments looked at; the data is cut at FC_DATA_BYTES anyway */

/* Value of a plan's argument: a register or the return value. */
static __always_inline __u64 fc_arg(struct fc_scratch *s, __u32 arg)
{
	struct fc_event *event = fc_event_of(s);

	if (arg == FC_ARG_RET)
		return event->ret;
	return arg < 6 ? event->args[arg] : 0;
}

/* Copies the text at a user address, if the filter has read it: what it decided on is then what the record
 * says, and memory is read once. Returns its size with the NUL, 0 if it has not. */
static __always_inline long fc_copy_filter_text(struct fc_scratch *s, char *bytes, __u64 address)
{
	for (__u32 i = 0; i < FC_FILTER_TEXTS; i++) {
		if (i >= s->text_count)
			break;
		struct fc_text *text = &s->texts[i];
		if (text->address != address || (text->state & (FC_TEXT_UNREADABLE | FC_TEXT_LONG)))
			continue;
		__u64 size = (__u64)text->size + 1;
		fc_fixed(size);
		if (size > FC_FILTER_TEXT_BYTES)
			return 0;
		bpf_probe_read_kernel(bytes, size, text->bytes);
		return size;
	}
	return 0;
}

enum { FC_NO_TEXT = -1, FC_UNREAD_TEXT = -2 };

/* Adds a text at a user address. Returns its first byte, FC_NO_TEXT if there is none, or FC_UNREAD_TEXT if the call
 * begins and the caller's page is not in memory: then nothing is added, the kernel is about to fetch it. */
__noinline int fc_add_text(__u64 address, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();

	if (!s || !address)
		return FC_NO_TEXT;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return FC_NO_TEXT;
	char *bytes = fc_item_bytes(item);
	long size = fc_is_kernel_copy(s, address)
			    ? bpf_probe_read_kernel_str(bytes, FC_TEXT_BYTES, (void *)address)
			    : fc_copy_filter_text(s, bytes, address);
	if (size < 1)
		size = bpf_probe_read_user_str(bytes, FC_TEXT_BYTES, (void *)address);
	if (size < 1 && s->phase == FC_PHASE_BEGIN && !s->ring.request)
		return FC_UNREAD_TEXT;
	if (size < 1) {
		fc_item_end(s, item, 0, FC_ITEM_FAULT);
		return FC_NO_TEXT;
	}
	int first = bytes[0];
	char last = 0; /* what fills the room to the last byte may end there */
	if (size == FC_TEXT_BYTES)
		bpf_probe_read_user(&last, 1, (void *)(address + FC_TEXT_BYTES - 1));
	fc_item_end(s, item, size, last ? FC_ITEM_CUT : 0);
	return first;
}

/* Adds `size` bytes at a user address, at most `limit`. */
__noinline int fc_add_bytes(__u64 address, __u64 size, __u32 tag, __u32 limit)
{
	struct fc_scratch *s = fc_scratch();

	if (!s || !address)
		return 0;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return 0;
	__u32 length = size > limit ? limit : size;
	fc_fixed(length);
	if (length > FC_ARGS_BYTES)
		length = FC_ARGS_BYTES;
	if (bpf_probe_read_user(fc_item_bytes(item), length, (void *)address) != 0)
		fc_item_end(s, item, 0, FC_ITEM_FAULT);
	else
		fc_item_end(s, item, length,
			    size > length && tag >= FC_PARAM_LIMIT ? FC_ITEM_CUT : 0);
	return 0;
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

/* Reads the n-th long of the caller's ABI at a user address. */
__noinline __u64 fc_user_long(__u64 address, __u32 n)
{
	struct fc_scratch *s = fc_scratch();
	__u64 value = 0;

	if (!s)
		return 0;
	if (s->compat)
		bpf_probe_read_user(&value, 4, (void *)(address + n * 4));
	else
		bpf_probe_read_user(&value, 8, (void *)(address + n * 8));
	return value;
}

/* Appends a segment to the data that begins at record offset `begin` and has `used` bytes. Returns how many
 * it has then. */
__noinline int fc_append_data(__u64 base, __u64 length, __u32 begin, __u32 used)
{
	struct fc_scratch *s = fc_scratch();
	__u64 at = begin, offset = used;

	fc_fixed(at);
	fc_fixed(offset);
	if (!s || at > FC_RECORD_LAST || offset >= FC_DATA_BYTES)
		return used;
	__u64 part = FC_DATA_BYTES - offset;
	if (part > length)
		part = length;
	fc_fixed(part);
	if (part > FC_DATA_BYTES)
		return used;
	if (bpf_probe_read_user(&s->record[at + offset], part, (void *)base) != 0)
		return used;
	return offset + part;
}

/* Adds the data of an iovec array: at most FC_DATA_BYTES of at most `size` bytes. */
__noinline int fc_add_iovec(__u64 address, __u64 count, __u64 size, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	__u32 used = 0;

	if (!s || !address)
		return 0;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return 0;
	__u32 begin = s->used + sizeof(*item);
	for (__u32 i = 0; i < FC_IOV_LIMIT; i++) {
		if (i >= count || used >= size)
			break;
		__u64 base = fc_user_long(address, 2 * i);
		__u64 length = fc_user_long(address, 2 * i + 1);
		if (length > size - used)
			length = size - used;
		used = fc_append_data(base, length, begin, used);
	}
	if (used > FC_DATA_BYTES)
		used = FC_DATA_BYTES;
	fc_item_end(s, item, used, 0);
	return 0;
}

/* Adds the sum of the lengths of an iovec array. */
__noinline int fc_add_iovec_size(__u64 address, __u64 count, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	__u64 sum = 0;

	if (!s || !address)
		return 0;
	for (__u32 i = 0; i < FC_IOV_SIZE_LIMIT; i++) {
		if (i >= count)
			break;
		sum += fc_user_long(address, 2 * i + 1);
	}
	fc_add_u64(s, tag, sum);
	return 0;
}

/* struct msghdr of the caller's ABI: name, namelen (int), iov, iovlen, … in longs */
enum { FC_MSG_NAME, FC_MSG_NAMELEN, FC_MSG_IOV, FC_MSG_IOVLEN };

__noinline int fc_add_msg_name(__u64 address, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();

	if (!s || !address)
		return 0;
	__u64 name = fc_user_long(address, FC_MSG_NAME);
	__u32 length = fc_user_long(address, FC_MSG_NAMELEN);
	if (name && length)
		fc_add_bytes(name, length, tag, FC_SOCKADDR_BYTES);
	return 0;
}

__noinline int fc_add_msg_data(__u64 address, __u64 size, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();

	if (!s || !address)
		return 0;
	fc_add_iovec(fc_user_long(address, FC_MSG_IOV), fc_user_long(address, FC_MSG_IOVLEN), size,
		     tag);
	return 0;
}

/* Adds one number read from user memory. */
__noinline int fc_add_number(__u64 address, __u32 op, __u32 aux, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();
	__u64 value = 0;
	long error = 0;

	if (!s || !address)
		return 0;
	if (op == FC_OP_USER32)
		error = bpf_probe_read_user(&value, 4, (void *)(address + aux));
	else if (op == FC_OP_USER64 && fc_is_kernel_copy(s, address))
		error = bpf_probe_read_kernel(&value, 8, (void *)(address + aux));
	else if (op == FC_OP_USER64)
		error = bpf_probe_read_user(&value, 8, (void *)(address + aux));
	else if (op == FC_OP_USER_LONG)
		value = fc_user_long(address, aux);
	else
		value = fc_user_long(address, 0) * FC_NS_PER_S + fc_user_long(address, 1);
	/* the first word of a request's struct open_how: flags, to which the kernel has added one */
	if (fc_is_kernel_copy(s, address) && aux == 0)
		value &= ~FC_O_LARGEFILE;
	if (!error)
		fc_add_u64(s, tag, value);
	return 0;
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
		if (ret >= 0 && second && !bpf_probe_read_user(&length, 4, (void *)second))
			fc_add_bytes(value, length, param, FC_SOCKADDR_BYTES);
		break;
	case FC_OP_DATA:
		fc_add_bytes(value, second, param, FC_DATA_BYTES);
		break;
	case FC_OP_DATA_IN:
		if (ret > 0)
			fc_add_bytes(value, ret, param, FC_DATA_BYTES);
		break;
	case FC_OP_DATA_OUT:
		fc_add_bytes(value, ret >= 0 ? ret : second, param, FC_DATA_BYTES);
		break;
	case FC_OP_IOVEC_IN:
		if (ret > 0)
			fc_add_iovec(value, second, ret, param);
		break;
	case FC_OP_IOVEC_OUT:
		fc_add_iovec(value, second, ret >= 0 ? ret : FC_DATA_BYTES, param);
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
		if (ret > 0)
			fc_add_msg_data(value, ret, param);
		break;
	case FC_OP_MSG_OUT:
		fc_add_msg_data(value, ret >= 0 ? ret : FC_DATA_BYTES, param);
		break;
	case FC_OP_MSG_NAME:
		fc_add_msg_name(value, param);
		break;
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

	if (fc_is_done(s, op, column))
		return 0;
	switch (op) {
	case FC_OP_TEXT:
		fc_add_text(value, param);
		break;
	case FC_OP_TEXT_IF:
		if ((__u32)fc_arg(s, arg2) == aux)
			fc_add_text(value, param);
		break;
	case FC_OP_TEXT_OUT:
		if (fc_event_of(s)->ret >= 0)
			fc_add_text(value, param);
		break;
	case FC_OP_PATH:
		fc_add_path_arg(s, param, value, arg2);
		break;
	case FC_OP_FD:
		if ((int)value >= 0 && (!aux || fc_event_of(s)->ret < 0))
			fc_add_op_file(s, kind, (int)value, step->arg, param);
		break;
	case FC_OP_FD_AT:
		if (fc_event_of(s)->ret >= 0 && !bpf_probe_read_user(&fd, 4, (void *)(value + aux)))
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
