/* Executions, forks and exits: the hooks that are always there, for what user space knows of processes follows them, and what
 * their records hold. Who includes it has fc_dispatch and fc_extract_unfiltered.
 */
#ifndef FALCOC_PROBE_LIFECYCLE_H
#define FALCOC_PROBE_LIFECYCLE_H

#include "probe/fd_table.h"
#include "probe/process.h"
#include "probe/scratch.h"
#include "probe/task.h"

/* TP_PROTO(struct task_struct *task, pid_t old_pid, struct linux_binprm *binprm) */
SEC("raw_tp/sched_process_exec")
int falcoc_exec(struct bpf_raw_tracepoint_args *ctx)
{
	struct linux_binprm *binprm = (struct linux_binprm *)ctx->args[2];
	/* the kernel rewrites the saved system call number while it starts the image; a descriptor path is
	 * what tells execveat */
	__u32 kind = BPF_CORE_READ(binprm, fdpath) ? FC_EVENT_KIND_EXECVEAT : FC_EVENT_KIND_EXECVE;

	if (!(wanted_kinds[kind] & FC_WANT_EVENT))
		kind = FC_STATE_EXEC;
	struct fc_scratch *s = fc_begin_process(kind);
	if (s)
		fc_dispatch(ctx, s, kind, FC_EXTRACT_EXEC, &filters, &extractors);
	return 0;
}

static __always_inline int fc_extract_exec(struct fc_scratch *s,
					   struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct linux_binprm *binprm = (struct linux_binprm *)ctx->args[2];
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	fc_add_process((__u64)task, 1);
	fc_add_cgroups((__u64)task);
	fc_add_cwd(s);
	struct fc_item *item = fc_item_begin(s, FC_ITEM_FILENAME, 0);
	if (item) {
		long size = bpf_probe_read_kernel_str(fc_item_bytes(item), FC_TEXT_BYTES,
						      BPF_CORE_READ(binprm, filename));
		fc_item_end(s, item, size > 0 ? size : 0, size > 0 ? 0 : FC_ITEM_FAULT);
	}
	__u64 begin = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
	fc_add_bytes(begin, end - begin, FC_ITEM_ARGS, FC_ARGS_BYTES);
	begin = BPF_CORE_READ(mm, env_start), end = BPF_CORE_READ(mm, env_end);
	fc_add_bytes(begin, end - begin, FC_ITEM_ENV, FC_ARGS_BYTES);
	fc_add_standard_fds(fc_event_of(s)->kind);
	fc_add_fd_table(fc_event_of(s)->kind);
	fc_submit(s);
	return 0;
}

/* TP_PROTO(struct task_struct *parent, struct task_struct *child) */
SEC("raw_tp/sched_process_fork")
int falcoc_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *child = (struct task_struct *)ctx->args[1];

	if (BPF_CORE_READ(child, tgid) == self_tgid) /* a thread */
		return 0;
	fc_extract_unfiltered(ctx, fc_begin_process(FC_STATE_FORK), FC_EXTRACT_FORK);
	return 0;
}

static __always_inline int fc_extract_fork(struct fc_scratch *s,
					   struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *parent = (struct task_struct *)ctx->args[0];
	struct task_struct *child = (struct task_struct *)ctx->args[1];

	fc_complete_for(s, child, false);
	struct fc_item *item = fc_item_begin(s, FC_ITEM_FORK, 0);
	if (item) {
		struct fc_fork *out = fc_item_bytes(item);
		out->parent_tid = BPF_CORE_READ(parent, pid);
		out->parent_pid = BPF_CORE_READ(parent, tgid);
		out->clone_flags = 0;
		fc_item_end(s, item, sizeof(*out), 0);
	}
	if (BPF_CORE_READ(child, pid) == BPF_CORE_READ(child, tgid)) { /* threads share all this */
		fc_add_process((__u64)child, 0);
		fc_add_cgroups((__u64)child);
	}
	fc_submit(s);
	return 0;
}

/* Who takes over the children of an exiting task: a thread of its own process, a subreaper, or the init of
 * its pid namespace. 0 if it has none. */
static __always_inline __u32 fc_reaper(struct task_struct *task, bool group_dead)
{
	struct list_head *children = __builtin_preserve_access_index(&task->children);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	if (BPF_CORE_READ(children, next) == children)
		return 0;
	if (!group_dead) {
		struct list_head *head = __builtin_preserve_access_index(&signal->thread_head);
		struct list_head *node = BPF_CORE_READ(head, next);
		for (int i = 0; i < 4 && node != head; i++) {
			struct task_struct *thread =
				(void *)node -
				bpf_core_field_offset(struct task_struct, thread_node);
			if (thread != task && !(BPF_CORE_READ(thread, flags) & FC_PF_EXITING))
				return BPF_CORE_READ(thread, pid);
			node = BPF_CORE_READ(node, next);
		}
	}
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid_namespace *ns = fc_pid_namespace(pid);
	struct task_struct *init = BPF_CORE_READ(ns, child_reaper);
	if (BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper)) {
		struct task_struct *ancestor = BPF_CORE_READ(task, real_parent);
		for (int i = 0; i < 16 && ancestor != init; i++) {
			struct signal_struct *of = BPF_CORE_READ(ancestor, signal);
			if (BPF_CORE_READ_BITFIELD_PROBED(of, is_child_subreaper))
				return BPF_CORE_READ(ancestor, pid);
			ancestor = BPF_CORE_READ(ancestor, real_parent);
		}
	}
	return BPF_CORE_READ(init, pid);
}

/* TP_PROTO(struct task_struct *task, …): every thread. */
SEC("raw_tp/sched_process_exit")
int falcoc_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];

	if (BPF_CORE_READ(task, tgid) == self_tgid)
		return 0;
	fc_extract_unfiltered(ctx, fc_begin_process(FC_EVENT_KIND_PROCEXIT), FC_EXTRACT_EXIT);
	return 0;
}

static __always_inline int fc_extract_exit(struct fc_scratch *s,
					   struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct fc_item *item = fc_item_begin(s, FC_ITEM_EXIT, 0);
	if (item) {
		struct fc_exit *out = fc_item_bytes(item);
		bool group_dead = BPF_CORE_READ(task, signal, live.counter) == 0;
		out->status = BPF_CORE_READ(task, exit_code);
		out->reaper_tid = fc_reaper(task, group_dead);
		out->group_dead = group_dead;
		fc_item_end(s, item, sizeof(*out), 0);
	}
	fc_add_standard_fds(FC_EVENT_KIND_PROCEXIT);
	fc_add_fd_table(FC_EVENT_KIND_PROCEXIT);
	fc_submit(s);
	return 0;
}

#endif
