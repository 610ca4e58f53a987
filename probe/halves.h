/* What the operations of a plan must know of events in two halves and of io_uring: which of them are due, whose
 * memory an argument points to, which file a descriptor means.
 */
#ifndef FALCOC_PROBE_HALVES_H
#define FALCOC_PROBE_HALVES_H

#include "probe/truth.h"

/* Whether an argument of an io_uring request is the kernel's own copy: io_uring.h lets no other address of the
 * kernel's half into the arguments. A system call's arguments are the caller's word: never. */
static __always_inline bool fc_is_kernel_copy(struct fc_scratch *s, __u64 address)
{
	return s->ring.request && (__s64)address < 0;
}

/* The file behind a descriptor of the event: a request's own, which need not be in the task's table. */
static __always_inline struct file *fc_file_of_op(struct fc_scratch *s, __s64 fd, bool is_result)
{
	__u64 of_ring = is_result ? s->ring.new_file : s->ring.file;

	return of_ring ? (struct file *)of_ring
		       : fc_file_of_fd((struct task_struct *)bpf_get_current_task(), fd);
}

/* Adds what is known of the file behind a descriptor of the event. */
static __always_inline void fc_add_op_file(struct fc_scratch *s, __u32 kind, __s64 fd, __u32 arg,
					   __u32 param)
{
	struct file *file = fc_file_of_op(s, fd, arg == FC_ARG_RET);

	fc_add_file((__u64)file, fd, param, FC_ITEM_FD);
	if (wanted_kinds[kind] & FC_WANT_TRUE_NAMES)
		fc_add_aliases((__u64)file, param);
}

/* Whether an operation belongs to the first half of an event in two. */
static __always_inline bool fc_is_of_begin(struct fc_scratch *s,
					   const volatile struct fc_plan_op *step)
{
	__u32 op = step->op;

	if (step->when != FC_ALWAYS)
		return false;
	/* USER64 is how openat2's struct open_how is read */
	return op == FC_OP_TEXT || op == FC_OP_PATH || op == FC_OP_SOCKADDR ||
	       (op == FC_OP_USER64 && s->ring.request);
}

/* Whether it was done then. */
static __always_inline bool fc_is_done(struct fc_scratch *s, const volatile struct fc_plan_op *step,
				       __u32 index)
{
	return s->phase == FC_PHASE_END && fc_is_of_begin(s, step) && !(s->unread >> index & 1);
}

#endif
