/* System calls hooked one by one, where they return: a call that nobody wants costs nothing at all. User space
 * loads falcoc_fexit once per function of the kernel that serves a wanted call, and chooses these hooks or the
 * tracepoint (runtime/capture/hooks.h).
 *
 * What the tracepoint sees and the functions do not: the new task's return from clone, which begins behind the
 * function, and calls that a seccomp filter has answered in the function's place. Two more hooks see those.
 *
 * All programs of an array must hook functions of one prototype (since 6.12, and in older kernels that are still
 * maintained). So those two, and the programs at functions that are declared differently (calls without
 * parameters), extract by themselves, without a filter.
 *
 * bpf_task_pt_regs is of 5.15; before 5.12 fexit on functions that sleep was not safe.
 */
#ifndef FALCOC_PROBE_FEXIT_H
#define FALCOC_PROBE_FEXIT_H

#include "probe/io_uring.h"
#include "probe/scratch.h"
#include "probe/task.h"

/* include/linux/sched.h: tasks that never return to user space */
#define FC_PF_USER_WORKER 0x4000
#define FC_PF_KTHREAD 0x200000

#if defined(__TARGET_ARCH_x86)
#define fc_return_field ax
#else
#define fc_return_field regs[0]
#endif

/* How many parameters __secure_computing has: 1, none since 6.15. Set before loading. */
const volatile __u32 secure_computing_params = 1;

/* long __x64_sys_NAME(const struct pt_regs *regs) and its like: the argument, then the result */
SEC("?fexit")
int falcoc_fexit(__u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	__u32 nr = FC_SYSCALL_NR(regs->fc_syscall_field);

	if (fc_is_wanted(nr))
		fc_wanted_exit(ctx, bpf_get_current_task_btf(), regs, nr, ctx[1], true,
			       &fexit_filters, &fexit_extractors);
	return 0;
}

/* Completes a record begun here; null is allowed. */
static __always_inline int fc_extract_here(struct fc_scratch *s)
{
	if (!s)
		return 0;
	__u32 kind = fc_event_of(s)->kind;
	if (kind >= FC_KIND_COUNT)
		return 0;
	fc_complete(s);
	switch (plans[kind].extractor) {
	case FC_EXTRACT_PROCESS:
		return fc_extract_process(s);
	case FC_EXTRACT_MESSAGES:
		return fc_extract_all_messages(s);
	default:
		return fc_extract_syscall(s);
	}
}

/* Begins the record of a call that ends, as its registers say. Null: it is not wanted. */
static __always_inline struct fc_scratch *fc_begin_alone(struct task_struct *task,
							 struct pt_regs *regs, __u32 nr, __s64 ret)
{
	__u32 kind = fc_kind_of_exit(task, regs, nr, ret, true);

	if (!kind || kind >= FC_KIND_COUNT)
		return NULL;
	return fc_begin_exit(kind, task, regs, nr, ret, true);
}

/* For functions that are declared differently: each of these programs is loaded for one. */
#define FC_FEXIT_ALONE(n)                                                                          \
	SEC("?fexit") int falcoc_fexit_alone_##n(__u64 *ctx)                                       \
	{                                                                                          \
		struct pt_regs *regs = (struct pt_regs *)ctx[0];                                   \
		__u32 nr = FC_SYSCALL_NR(regs->fc_syscall_field);                                  \
                                                                                                   \
		if (!fc_is_wanted(nr))                                                             \
			return 0;                                                                  \
		return fc_extract_here(                                                            \
			fc_begin_alone(bpf_get_current_task_btf(), regs, nr, ctx[1]));             \
	}

FC_FEXIT_ALONE(0)
FC_FEXIT_ALONE(1)
FC_FEXIT_ALONE(2)
FC_FEXIT_ALONE(3)
FC_FEXIT_ALONE(4)
FC_FEXIT_ALONE(5)

/* Begins the record of the current task's system call, as its registers say. Null: it is not wanted. */
static __always_inline struct fc_scratch *fc_begin_current(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	__u32 nr = FC_SYSCALL_NR(regs->fc_syscall_field);
	__s64 ret = regs->fc_return_field;

	if (!fc_is_wanted(nr))
		return NULL;
	if (fc_is_compat(task, true))
		ret = (__s32)ret;
	return fc_begin_alone(task, regs, nr, ret);
}

/* void schedule_tail(struct task_struct *prev): the first that a new task does. Tasks of the kernel's own have
 * no registers, which reads as another call than clone. */
SEC("?fexit/schedule_tail")
int falcoc_fexit_child(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (task->flags & (FC_PF_KTHREAD | FC_PF_IO_WORKER | FC_PF_USER_WORKER))
		return 0;
	struct fc_scratch *s = fc_begin_current(task);
	if (!s)
		return 0;
	__u32 kind = fc_event_of(s)->kind;
	if (kind < FC_KIND_COUNT && plans[kind].extractor == FC_EXTRACT_PROCESS) {
		fc_complete(s);
		fc_extract_process(s);
	}
	return 0;
}

/* int __secure_computing(…): -1 where the system call is not made */
SEC("?fexit/__secure_computing")
int falcoc_fexit_denied(__u64 *ctx)
{
	__u64 result;

	/* written out: the verifier wants each read of the context at a fixed place */
	if (secure_computing_params == 0)
		asm volatile("%0 = *(u64 *)(%1 + 0)" : "=r"(result) : "r"(ctx));
	else
		asm volatile("%0 = *(u64 *)(%1 + 8)" : "=r"(result) : "r"(ctx));
	if ((int)result != -1)
		return 0;
	return fc_extract_here(fc_begin_current(bpf_get_current_task_btf()));
}

#endif
