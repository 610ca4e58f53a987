/* The first half of an event in two (stash.h): the texts that were passed, and where no second half will come, what
 * can be told of the rest. Operations of their own, few of fc_run_op's, to keep the verifier's work small.
 */
#ifndef FALCOC_PROBE_BEGIN_H
#define FALCOC_PROBE_BEGIN_H

#include "probe/extract.h"
#include "probe/io_uring.h"

/* One operation of the plan of `kind`, if it belongs to the first half. */
__noinline int fc_run_begin_op(__u32 kind, __u32 index)
{
	struct fc_scratch *s = fc_scratch();
	__u64 row = kind, column = index;
	int first = 0;

	fc_fixed(row);
	fc_fixed(column);
	if (!s || row >= FC_KIND_COUNT || column >= FC_PLAN_OPS)
		return 0;
	const volatile struct fc_plan_op *step = &plans[row].ops[column];
	__u32 op = step->op, param = step->param;
	__u64 value = fc_arg(s, step->arg);

	if (!fc_is_of_begin(s, step))
		return 0;
	if (op == FC_OP_PATH)
		first = fc_add_path_arg(s, param, value, step->arg2);
	else if (op == FC_OP_SOCKADDR)
		fc_add_bytes(value, (__u32)fc_arg(s, step->arg2), param, FC_SOCKADDR_BYTES);
	else if (op == FC_OP_USER64)
		fc_add_number(value, op, step->aux, param);
	else
		first = fc_add_text(value, param);
	if (first == FC_UNREAD_TEXT)
		s->unread |= 1u << column;
	return 0;
}

/* One operation of those that need no result: the file that the call is about. */
__noinline int fc_run_assumed_op(__u32 kind, __u32 index)
{
	struct fc_scratch *s = fc_scratch();
	__u64 row = kind, column = index;

	fc_fixed(row);
	fc_fixed(column);
	if (!s || row >= FC_KIND_COUNT || column >= FC_PLAN_OPS)
		return 0;
	const volatile struct fc_plan_op *step = &plans[row].ops[column];
	int fd = fc_arg(s, step->arg);

	if (step->op == FC_OP_FD && step->arg != FC_ARG_RET && fd >= 0)
		fc_add_fd(fd, step->param, FC_ITEM_FD);
	return 0;
}

/* Reports a request before it is done, as if it succeeded. */
static __always_inline void fc_assume(struct fc_scratch *s, __u32 kind)
{
	for (__u32 i = 0; i < FC_PLAN_OPS; i++)
		fc_run_assumed_op(kind, i);
	fc_submit(s);
}

static __always_inline int fc_extract_begin(struct fc_scratch *s)
{
	__u32 kind = fc_event_of(s)->kind;
	for (__u32 i = 0; i < FC_PLAN_OPS; i++)
		fc_run_begin_op(kind, i);
	if (!fc_knows_requests() || !s->ring.request)
		fc_stash(s, fc_event_of(s)->task.tid, s->unread);
	else if (!fc_hold_request(s))
		fc_assume(s, kind);
	return 0;
}

#endif
