/* Arguments caught while the call begins: of calls that work on names and leave no kernel object that tells them when
 * they end (unlink, rename, chmod …), whose texts another thread could change meanwhile. The hook at the tracepoint
 * costs every system call a little, so user space attaches it only if such a kind is wanted
 * (LiveOptions::arguments_at_entry), and where the kernel allows it hooks the functions behind these calls instead
 * (runtime/capture/entry_functions.h).
 *
 * What is not in memory then (the kernel is about to fetch it, this program cannot) is read at the end as ever.
 *
 * An event in two halves skips its generated filter: that would look at the caller's memory at the end, and reject
 * what the record says.
 */
#ifndef FALCOC_PROBE_AT_ENTRY_H
#define FALCOC_PROBE_AT_ENTRY_H

#include "probe/registers.h"
#include "probe/stash.h"

/* Which calls are caught, by native number and ABI. Written at run time. */
__u8 calls_at_entry[FC_SYSCALL_LIMIT][2] __attribute__((aligned(2)));

/* The same of the programs at functions: an array holds programs of one type. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_EXTRACTOR_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} entry_extractors SEC(".maps");

/* Begins the record of a call that begins, by programs of the caller's type. */
static __always_inline int fc_enter(void *ctx, struct pt_regs *regs, __u32 nr,
				    void *extractors_of_type)
{
	if (nr >= FC_SYSCALL_LIMIT || *(__u16 *)calls_at_entry[nr] == 0)
		return 0;
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 compat = fc_is_compat(task, false);
	__u32 kind = syscall_kinds[nr & (FC_SYSCALL_LIMIT - 1)][compat & 1];
	if (!calls_at_entry[nr & (FC_SYSCALL_LIMIT - 1)][compat & 1] || !kind ||
	    kind >= FC_KIND_COUNT || BPF_CORE_READ(task, tgid) == self_tgid)
		return 0;
	struct fc_scratch *s = fc_begin(kind);
	if (!s)
		return 0;
	fc_complete_for(s, task, false);
	struct fc_event *event = fc_event_of(s);
	event->syscall_nr = nr;
	if (compat) {
		event->flags = FC_EVENT_COMPAT32;
		s->compat = 1;
	}
	fc_fill_args(event->args, regs, compat, false);
	s->phase = FC_PHASE_BEGIN;
	bpf_tail_call(ctx, extractors_of_type, FC_EXTRACT_BEGIN);
	fc_lost(kind, FC_LOSS_TAIL_CALL);
	return 0;
}

/* TP_PROTO(struct pt_regs *regs, long nr) */
SEC("raw_tp/sys_enter")
int falcoc_sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	return fc_enter(ctx, (struct pt_regs *)ctx->args[0], FC_SYSCALL_NR(ctx->args[1]),
			&extractors);
}

/* long __x64_sys_NAME(const struct pt_regs *regs) and its like; user space loads it for each */
SEC("?fentry")
int falcoc_fentry(__u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];

	return fc_enter(ctx, regs, FC_SYSCALL_NR(regs->fc_syscall_field), &entry_extractors);
}

/* Whether this call was begun at its entry: then its record is back in the scratch space, to be completed. */
static __always_inline bool fc_resume_call(__u32 kind, struct task_struct *task, __u32 nr,
					   __s64 ret, bool direct)
{
	if (!(wanted_kinds[kind] & FC_WANT_AT_ENTRY))
		return false;
	__u64 tid = FC_GET(direct, task, pid);
	struct fc_scratch *s = fc_scratch();
	if (!s || !fc_unstash(s, tid))
		return false;
	fc_drop_stash(tid);
	s->unread = fc_event_of(s)->cpu;
	if (fc_event_of(s)->kind != kind || fc_event_of(s)->syscall_nr != nr)
		return false; /* left by a thread that died in its call */
	fc_resume(s, ret);
	return true;
}

#endif
