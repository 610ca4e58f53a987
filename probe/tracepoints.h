/* Events that are no system calls: delivered signals, task switches, page faults. Each is frequent, so user space
 * attaches its hook only while a rule wants it. No filter runs on them.
 */
#ifndef FALCOC_PROBE_TRACEPOINTS_H
#define FALCOC_PROBE_TRACEPOINTS_H

#include "probe/event_kinds.h"
#include "probe/process.h"
#include "probe/task.h"

/* include/uapi/asm-generic/siginfo.h, signal.h */
#define FC_SIGHUP 1
#define FC_SIGINT 2
#define FC_SIGQUIT 3
#define FC_SIGKILL 9
#define FC_SIGTERM 15
#define FC_SIGCHLD 17
#define FC_SIGTSTP 20
#define FC_SIGRTMIN 32

/* Who sent the signal, in the receiver's pid namespace; 0 where the signal does not tell. All members of
 * the union that name a process begin with it. */
static __always_inline __u32 fc_signal_sender(int number, struct kernel_siginfo *info)
{
	int code = BPF_CORE_READ(info, si_code);
	bool tells = number == FC_SIGKILL || number == FC_SIGCHLD || number >= FC_SIGRTMIN;

	switch (number) {
	case FC_SIGTERM:
	case FC_SIGHUP:
	case FC_SIGINT:
	case FC_SIGTSTP:
	case FC_SIGQUIT:
		tells = code <= 0; /* sent by a process, not by the kernel */
		break;
	}
	return tells ? BPF_CORE_READ(info, _sifields._kill._pid) : 0;
}

/* TP_PROTO(int sig, struct kernel_siginfo *info, struct k_sigaction *ka) */
SEC("raw_tp/signal_deliver")
int falcoc_signal_deliver(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct kernel_siginfo *info = (struct kernel_siginfo *)ctx->args[1];
	int number = ctx->args[0];

	if (BPF_CORE_READ(task, tgid) == self_tgid)
		return 0;
	struct fc_scratch *s = fc_begin_process(FC_EVENT_KIND_SIGNALDELIVER);
	if (!s)
		return 0;
	fc_complete_for(s, task, false);
	fc_add_u64(s, 0, fc_signal_sender(number, info));
	fc_add_u64(s, 2, number);
	fc_submit(s);
	return 0;
}

/* TP_PROTO(bool preempt, struct task_struct *prev, struct task_struct *next, …): an event of `prev` */
SEC("raw_tp/sched_switch")
int falcoc_sched_switch(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *previous = (struct task_struct *)ctx->args[1];
	struct task_struct *next = (struct task_struct *)ctx->args[2];

	if (BPF_CORE_READ(previous, tgid) == self_tgid)
		return 0;
	struct fc_scratch *s = fc_begin_process(FC_EVENT_KIND_SWITCH);
	if (!s)
		return 0;
	fc_complete_for(s, previous, false);
	struct mm_struct *mm = BPF_CORE_READ(previous, mm);
	fc_add_u64(s, 0, BPF_CORE_READ(next, pid));
	fc_add_u64(s, 1, BPF_CORE_READ(previous, maj_flt));
	fc_add_u64(s, 2, BPF_CORE_READ(previous, min_flt));
	fc_add_u64(s, 3, fc_memory_kb(mm, 0));
	fc_add_u64(s, 4, fc_memory_kb(mm, 1));
	fc_add_u64(s, 5, fc_memory_kb(mm, 2));
	fc_submit(s);
	return 0;
}

#if defined(__TARGET_ARCH_x86)
#define fc_instruction_field ip
#else
#define fc_instruction_field pc
#endif

struct fc_number_item {
	struct fc_item item;
	__u64 value;
};

struct fc_page_fault {
	struct fc_event event;
	struct fc_number_item numbers[3]; /* address, instruction, error code */
};

/* The other programs fault themselves, reading memory that is not there, and the scratch record is theirs then:
 * this one writes straight into the ring. */
static __always_inline int fc_page_fault(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct pt_regs *regs = (struct pt_regs *)ctx->args[1];

	if (BPF_CORE_READ(task, tgid) == self_tgid)
		return 0;
	struct fc_page_fault *out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out) {
		fc_lost(FC_EVENT_KIND_PAGE_FAULT, FC_LOSS_RING_FULL);
		return 0;
	}
	__u64 values[3] = {ctx->args[0], BPF_CORE_READ(regs, fc_instruction_field), ctx->args[2]};
	__builtin_memset(out, 0, sizeof(*out));
	fc_fill_event(&out->event, FC_EVENT_KIND_PAGE_FAULT);
	fc_complete_event(&out->event, task, false);
	out->event.size = sizeof(*out);
	out->event.item_count = 3;
	for (int i = 0; i < 3; i++) {
		out->numbers[i].item.tag = i;
		out->numbers[i].item.size = sizeof(__u64);
		out->numbers[i].value = values[i];
	}
	bpf_ringbuf_submit(out, fc_wakeup_flags(out->event.time_ns));
	fc_count(&submitted, FC_EVENT_KIND_PAGE_FAULT);
	return 0;
}

/* TP_PROTO(unsigned long address, struct pt_regs *regs, unsigned long error_code); x86 */
SEC("raw_tp/page_fault_user")
int falcoc_page_fault_user(struct bpf_raw_tracepoint_args *ctx)
{
	return fc_page_fault(ctx);
}

SEC("raw_tp/page_fault_kernel")
int falcoc_page_fault_kernel(struct bpf_raw_tracepoint_args *ctx)
{
	return fc_page_fault(ctx);
}

#endif
