/* The probe: raw tracepoints of system call exits, executions, forks and exits. Each event is checked against
 * what is wanted, its cheap facts are written down, its filter is called, and what passes is completed
 * and submitted.
 *
 * On kernels before 5.10 a program may have tail calls or subprograms, not both: hooks that tail call are
 * fully inlined, extractors call functions and never tail call.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "probe/descriptor.h"
#include "probe/abi.h"
#include "probe/at_entry.h"
#include "probe/begin.h"
#include "probe/extract.h"
#include "probe/facts.h"
#include "probe/fd_table.h"
#include "probe/io_uring.h"
#include "probe/join.h"
#include "probe/messages.h"
#include "probe/process.h"
#include "probe/registers.h"
#include "probe/scratch.h"
#include "probe/socketcall.h"
#include "probe/task.h"
#include "probe/tracepoints.h"

char LICENSE[] SEC("license") = "GPL";

/* The filter of the kind, or without one the extractor, of programs of the caller's type. Does not return if
 * either exists. */
static __always_inline void fc_dispatch(void *ctx, struct fc_scratch *s, __u32 kind,
					__u32 extractor, void *filters_of_type,
					void *extractors_of_type)
{
	fc_event_of(s)->extractor = extractor;
	bpf_tail_call(ctx, filters_of_type, kind);
	bpf_tail_call(ctx, extractors_of_type, extractor);
	fc_lost(kind, FC_LOSS_TAIL_CALL);
}

/* The same for what no filter decides. */
static __always_inline void fc_extract_unfiltered(void *ctx, struct fc_scratch *s, __u32 extractor)
{
	if (!s)
		return;
	fc_event_of(s)->extractor = extractor;
	bpf_tail_call(ctx, &extractors, extractor);
	fc_lost(fc_event_of(s)->kind, FC_LOSS_TAIL_CALL);
}

/* What every system call pays: one look into the table by number, for both ABIs at once. */
static __always_inline bool fc_is_wanted(__u32 nr)
{
	return nr < FC_SYSCALL_LIMIT && *(__u32 *)syscall_kinds[nr] != 0;
}

/* The event kind of a system call that ends, 0: this one is not wanted after all. */
static __always_inline __u32 fc_kind_of_exit(struct task_struct *task, struct pt_regs *regs,
					     __u32 nr, __s64 ret, bool direct)
{
	__u32 compat = fc_is_compat(task, direct);
	__u32 kind = syscall_kinds[nr & (FC_SYSCALL_LIMIT - 1)][compat & 1];

	if (kind == FC_SOCKETCALL)
		kind = fc_socketcall_kind(fc_first_arg(regs, compat, direct));
	if (kind >= FC_KIND_COUNT)
		return 0;
	if (FC_GET(direct, task, tgid) == self_tgid)
		return 0;
	if (ret == 0 && (kind == FC_EVENT_KIND_EXECVE || kind == FC_EVENT_KIND_EXECVEAT))
		return 0; /* sched_process_exec has reported it with the new image */
	return kind;
}

/* Starts the record of a system call that ends. */
static __always_inline struct fc_scratch *fc_begin_exit(__u32 kind, struct task_struct *task,
							struct pt_regs *regs, __u32 nr, __s64 ret,
							bool direct)
{
	__u32 compat = fc_is_compat(task, direct);
	struct fc_scratch *s = fc_begin(kind);

	if (!s)
		return NULL;
	struct fc_event *event = fc_event_of(s);
	event->ret = ret;
	event->syscall_nr = nr;
	if (compat)
		event->flags = FC_EVENT_COMPAT32;
	s->compat = compat || nr >= FC_X32_FIRST;
	fc_fill_args(event->args, regs, compat, direct);
	if (syscall_kinds[nr & (FC_SYSCALL_LIMIT - 1)][compat & 1] == FC_SOCKETCALL)
		fc_socketcall_args(event->args);
	return s;
}

/* Of connect, accept and accept4. */
static __always_inline void fc_note_role_of_call(struct fc_scratch *s, struct task_struct *task,
						 __u32 kind)
{
	struct fc_event *event = fc_event_of(s);
	bool connects = kind == FC_EVENT_KIND_CONNECT;
	__s64 ret = event->ret;

	if (connects ? ret != 0 && ret != -FC_EINPROGRESS : ret < 0)
		return;
	struct file *file = fc_file_of_fd(task, connects ? (int)event->args[0] : ret);
	if (file)
		fc_note_role(file, connects);
}

/* What becomes of a system call that ends, by programs of the caller's type. */
static __always_inline void fc_wanted_exit(void *ctx, struct task_struct *task,
					   struct pt_regs *regs, __u32 nr, __s64 ret, bool direct,
					   void *filters_of_type, void *extractors_of_type)
{
	__u32 kind = fc_kind_of_exit(task, regs, nr, ret, direct);

	if (!kind || kind >= FC_KIND_COUNT)
		return;
	if (fc_resume_call(kind, task, nr, ret, direct)) {
		bpf_tail_call(ctx, extractors_of_type, FC_EXTRACT_SYSCALL);
		fc_lost(kind, FC_LOSS_TAIL_CALL);
		return;
	}
	struct fc_scratch *s = fc_begin_exit(kind, task, regs, nr, ret, direct);
	if (!s)
		return;
	__u32 wants = wanted_kinds[kind];
	if (wants & FC_WANT_ROLES) {
		fc_note_role_of_call(s, task, kind);
		if (!(wants & FC_WANT_EVENT))
			return;
	}
	fc_dispatch(ctx, s, kind, plans[kind].extractor, filters_of_type, extractors_of_type);
}

/* TP_PROTO(struct pt_regs *regs, long ret). Of the two programs user space loads one: this where the kernel
 * has bpf_rdonly_cast, which makes the first look twice as cheap. */
SEC("raw_tp/sys_exit")
int falcoc_sys_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs =
		bpf_rdonly_cast((void *)ctx->args[0], bpf_core_type_id_kernel(struct pt_regs));
	__u32 nr = FC_SYSCALL_NR(regs->fc_syscall_field);

	if (fc_is_wanted(nr))
		fc_wanted_exit(ctx, bpf_get_current_task_btf(), regs, nr, ctx->args[1], true,
			       &filters, &extractors);
	return 0;
}

SEC("raw_tp/sys_exit")
int falcoc_sys_exit_before_6_2(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u32 nr = FC_SYSCALL_NR(BPF_CORE_READ(regs, fc_syscall_field));

	if (fc_is_wanted(nr))
		fc_wanted_exit(ctx, (struct task_struct *)bpf_get_current_task(), regs, nr,
			       ctx->args[1], false, &filters, &extractors);
	return 0;
}

static __always_inline int fc_extract_syscall(struct fc_scratch *s)
{
	__u32 kind = fc_event_of(s)->kind;

	if (kind >= FC_KIND_COUNT)
		return 0;
	fc_run_plan(kind);
	fc_add_standard_fds(kind);
	fc_add_fd_table(kind);
	fc_add_polled_fds(kind);
	fc_submit(s);
	return 0;
}

static __always_inline int fc_extract_all_messages(struct fc_scratch *s)
{
	__u32 kind = fc_event_of(s)->kind;

	if (kind < FC_KIND_COUNT)
		fc_extract_messages(s, kind);
	return 0;
}

/* clone, fork and vfork from both sides, and executions that failed: facts of the calling process. */
static __always_inline int fc_extract_process(struct fc_scratch *s)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fc_event *event = fc_event_of(s);
	__u32 kind = event->kind;
	if (kind >= FC_KIND_COUNT)
		return 0;
	fc_add_process((__u64)task, 1);
	fc_add_cgroups((__u64)task);
	fc_add_cwd(s);
	if (kind == FC_EVENT_KIND_EXECVE || kind == FC_EVENT_KIND_EXECVEAT) {
		__u32 first = kind == FC_EVENT_KIND_EXECVEAT;
		fc_add_text(event->args[first], FC_ITEM_FILENAME);
		fc_add_strings(event->args[first + 1], FC_ITEM_ARGS);
		fc_add_strings(event->args[first + 2], FC_ITEM_ENV);
	} else {
		__u64 begin = BPF_CORE_READ(task, mm, arg_start),
		      end = BPF_CORE_READ(task, mm, arg_end);
		fc_add_bytes(begin, end - begin, FC_ITEM_ARGS, FC_ARGS_BYTES);
		fc_run_plan(kind); /* clone3 keeps its flags in memory */
	}
	fc_add_standard_fds(kind);
	fc_add_fd_table(kind);
	fc_submit(s);
	return 0;
}

/* One kind of record at system call exits, by a program of its own. */
#define FC_SYSCALL_EXTRACTOR(section, name, function)                                              \
	SEC(section) int name(void *ctx)                                                           \
	{                                                                                          \
		struct fc_scratch *s = fc_scratch();                                               \
                                                                                                   \
		if (!s)                                                                            \
			return 0;                                                                  \
		if (s->phase != FC_PHASE_END) /* a record in two halves has its header already */  \
			fc_complete(s);                                                            \
		return function(s);                                                                \
	}

FC_SYSCALL_EXTRACTOR("raw_tp", falcoc_extract_messages, fc_extract_all_messages)
/* tail calls stay within a type of program */
FC_SYSCALL_EXTRACTOR("?fexit", falcoc_fexit_extract_syscall, fc_extract_syscall)
FC_SYSCALL_EXTRACTOR("?fexit", falcoc_fexit_extract_messages, fc_extract_all_messages)
FC_SYSCALL_EXTRACTOR("?fexit", falcoc_fexit_extract_process, fc_extract_process)

#include "probe/fexit.h"

/* What a filter tail calls that needs more than registers and texts. Cheap tests come first, so this is a step of its
 * own. Of the two programs user space loads one, as with the exit hooks; the older joins nothing: what is relative then
 * stays unknown. */
static __always_inline void fc_go_on(void *ctx, struct fc_scratch *s)
{
	bpf_tail_call(ctx, &filter_parts, s->resume);
	bpf_tail_call(ctx, &extractors, fc_event_of(s)->extractor);
	fc_lost(fc_event_of(s)->kind, FC_LOSS_TAIL_CALL);
}

SEC("raw_tp")
int falcoc_provide(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return 0;
	__u32 wants = s->wants;
	if (wants & (FC_WANTS_FACTS | FC_WANTS_DESCRIPTOR)) {
		if (wants & FC_WANTS_FACTS)
			fc_find_facts(s, task, true);
		if (wants & FC_WANTS_DESCRIPTOR)
			fc_find_descriptor(s, task);
	} else if (wants) { /* one text, then this program again: the verifier walks it once */
		__u32 index = wants & FC_WANTS_JOINED ? 0 : wants & FC_WANTS_JOINED << 1 ? 1 : 2;
		s->wants = wants & ~(FC_WANTS_JOINED << index);
		fc_join_text(s, task, index);
		if (s->wants)
			bpf_tail_call(ctx, &extractors, FC_PROVIDE);
	}
	fc_go_on(ctx, s);
	return 0;
}

SEC("raw_tp")
int falcoc_provide_before_6_2(struct bpf_raw_tracepoint_args *ctx)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return 0;
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 wants = s->wants;
	if (wants & FC_WANTS_FACTS)
		fc_find_facts(s, task, false);
	if (wants & FC_WANTS_DESCRIPTOR)
		fc_find_descriptor(s, task);
	if (!(wants & (FC_WANTS_FACTS | FC_WANTS_DESCRIPTOR)))
		for (__u32 index = 0; index < FC_FILTER_TEXTS; index++)
			if (s->wants & FC_WANTS_JOINED << index)
				fc_keep_text(s, index);
	fc_go_on(ctx, s);
	return 0;
}

/* In place of a filter: passes everything, with what the filter would have known. */
SEC("raw_tp")
int falcoc_report_facts(struct bpf_raw_tracepoint_args *ctx)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return 0;
	struct fc_item *item = fc_item_begin(s, FC_ITEM_FACTS, 0);
	if (item) {
		bpf_probe_read_kernel(fc_item_bytes(item), sizeof(s->facts), &s->facts);
		fc_item_end(s, item, sizeof(s->facts), 0);
	}
	bpf_tail_call(ctx, &extractors, fc_event_of(s)->extractor);
	fc_lost(fc_event_of(s)->kind, FC_LOSS_TAIL_CALL);
	return 0;
}

#include "probe/lifecycle.h"

/* Completes records, all but those of several messages. */
SEC("raw_tp")
int falcoc_extract(struct bpf_raw_tracepoint_args *ctx)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return 0;
	if (s->phase == FC_PHASE_BEGIN)
		return fc_extract_begin(s);
	__u32 extractor = fc_event_of(s)->extractor;
	if (extractor == FC_EXTRACT_FORK) /* about another task */
		return fc_extract_fork(s, ctx);
	if (s->phase != FC_PHASE_END) /* a record in two halves has its header already */
		fc_complete(s);
	switch (extractor) {
	case FC_EXTRACT_EXEC:
		return fc_extract_exec(s, ctx);
	case FC_EXTRACT_EXIT:
		return fc_extract_exit(s, ctx);
	case FC_EXTRACT_PROCESS:
		return fc_extract_process(s);
	default:
		return fc_extract_syscall(s);
	}
}

SEC("?fentry")
int falcoc_fentry_begin(void *ctx)
{
	struct fc_scratch *s = fc_scratch();

	return s ? fc_extract_begin(s) : 0;
}

static __always_inline void fc_write_identity(struct seq_file *seq, struct task_struct *leader)
{
	struct fc_identity out = {
		.start_time_ns = BPF_CORE_READ(leader, start_boottime),
		.cgroup_id = BPF_CORE_READ(leader, cgroups, dfl_cgrp, kn, id),
		.pid = BPF_CORE_READ(leader, tgid),
		.exec_id = fc_exec_id_at_least(leader),
	};
	if (out.pid)
		bpf_seq_write(seq, &out, sizeof(out));
}

/* Every process that runs already, and its parent: kernels leave out the first process that there is. */
SEC("iter/task")
int falcoc_identities(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || task->pid != task->tgid)
		return 0;
	fc_write_identity(ctx->meta->seq, task);
	fc_write_identity(ctx->meta->seq, BPF_CORE_READ(task, real_parent, group_leader));
	return 0;
}

/* Run once by user space, on itself: only the kernel knows the pid it has in the initial pid namespace. */
SEC("raw_tp")
int falcoc_find_self(struct bpf_raw_tracepoint_args *ctx)
{
	self_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
