/* System calls in saved registers: numbers, arguments, and which entry they came through.
 */
#ifndef FALCOC_PROBE_REGISTERS_H
#define FALCOC_PROBE_REGISTERS_H

#include "probe/task.h"

#if defined(__TARGET_ARCH_x86)
#define FC_TS_COMPAT 0x2 /* arch/x86/include/asm/thread_info.h */
#define FC_X32_BIT 0x40000000
#define FC_SYSCALL_NR(value) ((__u32)(value) & ~FC_X32_BIT)
#define fc_syscall_field orig_ax
#else
#define FC_TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */
#define FC_SYSCALL_NR(value) ((__u32)(value))
#define fc_syscall_field syscallno
#endif

/* Whether the task's system call came through the 32-bit entry. */
static __always_inline __u32 fc_is_compat(struct task_struct *task, bool direct)
{
#if defined(__TARGET_ARCH_x86)
	return (FC_GET(direct, task, thread_info.status) & FC_TS_COMPAT) != 0;
#else
	return FC_GET(direct, task, thread_info.flags) >> FC_TIF_32BIT & 1;
#endif
}

static __always_inline void fc_fill_args(__u64 *args, struct pt_regs *regs, bool compat,
					 bool direct)
{
#if defined(__TARGET_ARCH_x86)
	if (compat) {
		args[0] = (__u32)FC_GET(direct, regs, bx);
		args[1] = (__u32)FC_GET(direct, regs, cx);
		args[2] = (__u32)FC_GET(direct, regs, dx);
		args[3] = (__u32)FC_GET(direct, regs, si);
		args[4] = (__u32)FC_GET(direct, regs, di);
		args[5] = (__u32)FC_GET(direct, regs, bp);
		return;
	}
	args[0] = FC_GET(direct, regs, di);
	args[1] = FC_GET(direct, regs, si);
	args[2] = FC_GET(direct, regs, dx);
	args[3] = FC_GET(direct, regs, r10);
	args[4] = FC_GET(direct, regs, r8);
	args[5] = FC_GET(direct, regs, r9);
#else
	args[0] = FC_GET(direct, regs, orig_x0);
	args[1] = FC_GET(direct, regs, regs[1]);
	args[2] = FC_GET(direct, regs, regs[2]);
	args[3] = FC_GET(direct, regs, regs[3]);
	args[4] = FC_GET(direct, regs, regs[4]);
	args[5] = FC_GET(direct, regs, regs[5]);
	for (int i = 0; compat && i < 6; i++)
		args[i] = (__u32)args[i];
#endif
}

/* The first argument alone. */
static __always_inline __u32 fc_first_arg(struct pt_regs *regs, bool compat, bool direct)
{
#if defined(__TARGET_ARCH_x86)
	return compat ? FC_GET(direct, regs, bx) : FC_GET(direct, regs, di);
#else
	return FC_GET(direct, regs, orig_x0);
#endif
}

#endif
