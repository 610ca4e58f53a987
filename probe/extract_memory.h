/* Reading the caller's memory: texts, bytes, numbers, arrays of segments, messages. One global function per family
 * keeps the verifier's work small.
 */
#ifndef FALCOC_PROBE_EXTRACT_MEMORY_H
#define FALCOC_PROBE_EXTRACT_MEMORY_H

#include "probe/halves.h"
#include "probe/process.h"

/* O_LARGEFILE, which io_uring adds to the flags of its opens */
#if defined(__TARGET_ARCH_x86)
#define FC_O_LARGEFILE 0100000ull
#else
#define FC_O_LARGEFILE 0400000ull
#endif
#define FC_IOV_SIZE_LIMIT 64 /* segments summed up */
#define FC_IOV_LIMIT 8	     /* segments looked at; the data is cut at data_bytes anyway */

/* How much of what is read and written is kept; set before the program is loaded. */
const volatile __u32 data_bytes = FC_DATA_BYTES;

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

/* Reads the n-th long of the caller's ABI at a user address. */
__noinline __u64 fc_user_long(__u64 address, __u32 n)
{
	struct fc_scratch *s = fc_scratch();
	__u64 value = 0;

	if (!s)
		return 0;
	long error = s->compat ? bpf_probe_read_user(&value, 4, (void *)(address + n * 4))
			       : bpf_probe_read_user(&value, 8, (void *)(address + n * 8));
	if (error)
		fc_mark_fault(s);
	return value;
}

_Static_assert(2 * FC_MOST_DATA_BYTES <= FC_ARGS_BYTES,
	       "what the verifier takes an offset and a length for");

/* Appends a segment to the data that begins at record offset `begin` and has `used` bytes. Returns how many
 * it has then. */
__noinline int fc_append_data(__u64 base, __u64 length, __u32 begin, __u32 used)
{
	struct fc_scratch *s = fc_scratch();
	__u64 at = begin, offset = used, most = data_bytes;

	fc_fixed(at);
	fc_fixed(offset);
	if (!s || at > FC_RECORD_LAST || offset >= most || offset > FC_MOST_DATA_BYTES)
		return used;
	__u64 part = most - offset;
	if (part > length)
		part = length;
	fc_fixed(part);
	/* both together have room behind the last item: see the assertion below */
	if (part > FC_MOST_DATA_BYTES)
		return used;
	if (bpf_probe_read_user(&s->record[at + offset], part, (void *)base) != 0) {
		fc_mark_fault(s);
		return used;
	}
	return offset + part;
}

/* Adds the data of an iovec array: at most data_bytes of at most `size` bytes. */
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
	if (used > FC_MOST_DATA_BYTES)
		used = FC_MOST_DATA_BYTES;
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
enum {
	FC_MSG_NAME,
	FC_MSG_NAMELEN,
	FC_MSG_IOV,
	FC_MSG_IOVLEN,
	FC_MSG_CONTROL,
	FC_MSG_CONTROLLEN,
	FC_MSG_FLAGS,
	FC_MSG_LONGS
};

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

__noinline int fc_add_msg_control(__u64 address, __u32 tag)
{
	struct fc_scratch *s = fc_scratch();

	if (!s || !address)
		return 0;
	fc_add_bytes(fc_user_long(address, FC_MSG_CONTROL),
		     fc_user_long(address, FC_MSG_CONTROLLEN), tag, FC_CONTROL_BYTES);
	return 0;
}

/* Adds one number read from user memory; none if it cannot be read, which is shown as 0. */
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
	if (error)
		fc_mark_fault(s);
	else
		fc_add_u64(s, tag, value);
	return 0;
}

#endif
