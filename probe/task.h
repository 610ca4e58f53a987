/* Facts about tasks: the cheap ones of every record's header, and ids in namespaces.
 */
#ifndef FALCOC_PROBE_TASK_H
#define FALCOC_PROBE_TASK_H

#include "probe/scratch.h"

/* Reads a field. `direct`, a constant: the pointer came typed from the kernel (bpf_get_current_task_btf or
 * bpf_rdonly_cast and what they lead to), so that no helper is needed. */
#define FC_GET(direct, pointer, field) ((direct) ? (pointer)->field : BPF_CORE_READ(pointer, field))

/* Number of a struct pid in its own namespace; the initial one if `initial`. 0 if there is no pid. */
static __always_inline __u32 fc_pid_number(struct pid *pid, bool initial)
{
	if (!pid)
		return 0;
	__u32 level = initial ? 0 : BPF_CORE_READ(pid, level);
	struct upid *numbers = __builtin_preserve_access_index(&pid->numbers[0]);
	int number = 0;
	bpf_probe_read_kernel(&number, sizeof(number),
			      (void *)numbers + level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return number;
}

#define FC_PF_EXITING 0x4 /* include/linux/sched.h */

static __always_inline __u32 fc_threads(struct task_struct *task, struct task_struct *leader,
					bool direct)
{
	struct signal_struct *signal = FC_GET(direct, task, signal);
	__u32 count = FC_GET(direct, signal, live.counter) & FC_THREADS_COUNT;

	if (leader != task && FC_GET(direct, leader, flags) & FC_PF_EXITING)
		count |= FC_THREADS_LEADER_GONE;
	return count;
}

/* The image that a process certainly has, looked at from outside: while it executes its memory is the new one's already, with
 * nothing in it yet, and so is the count at the end. What is told of it then counts as that of the image before: out of
 * date as soon as it does anything. */
static __always_inline __u32 fc_exec_id_at_least(struct task_struct *task)
{
	__u32 exec_id = BPF_CORE_READ(task, self_exec_id);
	bool executes = bpf_core_field_exists(task->in_execve) &&
			BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);

	return executes && exec_id ? exec_id - 1 : exec_id;
}

static __always_inline void fc_fill_task(struct fc_task *out, struct task_struct *task, bool direct)
{
	struct task_struct *leader = FC_GET(direct, task, group_leader);
	struct task_struct *parent = FC_GET(direct, task, real_parent);
	struct css_set *cgroups = FC_GET(direct, task, cgroups);
	struct cgroup *cgroup = FC_GET(direct, cgroups, dfl_cgrp);
	struct kernfs_node *node = FC_GET(direct, cgroup, kn);
	const struct cred *cred =
		BPF_CORE_READ(task, cred); /* RCU-tagged: refused as typed by some kernels */

	out->start_time_ns = FC_GET(direct, leader, start_boottime);
	out->cgroup_id = FC_GET(direct, node, id);
	out->tid = FC_GET(direct, task, pid);
	out->pid = FC_GET(direct, task, tgid);
	out->vtid = fc_pid_number(FC_GET(direct, task, thread_pid), false);
	out->vpid = leader == task ? out->vtid
				   : fc_pid_number(FC_GET(direct, leader, thread_pid), false);
	out->ppid = FC_GET(direct, parent, tgid);
	out->uid = BPF_CORE_READ(cred, euid.val);
	out->gid = BPF_CORE_READ(cred, egid.val);
	out->exec_id = FC_GET(direct, task, self_exec_id);
	out->threads = fc_threads(task, leader, direct);
	out->reserved = 0;
	bpf_probe_read_kernel_str(out->comm, sizeof(out->comm),
				  __builtin_preserve_access_index(&task->comm));
}

/* The header of a record but for what fc_complete_event adds, nothing in it yet. */
static __always_inline void fc_fill_event(struct fc_event *event, __u32 kind)
{
	event->kind = kind;
	event->flags = 0;
	event->ret = 0;
	event->syscall_nr = 0;
	event->item_count = 0;
	event->filter_generation = 0;
}

/* Starts a record in the scratch space of this CPU: all but what fc_complete adds. */
static __always_inline struct fc_scratch *fc_begin(__u32 kind)
{
	struct fc_scratch *s = fc_scratch();

	if (!s) {
		fc_lost(kind, FC_LOSS_SCRATCH);
		return NULL;
	}
	fc_fill_event(fc_event_of(s), kind);
	s->used = sizeof(struct fc_event);
	s->compat = 0;
	s->cwd_written = 0;
	s->text_count = 0;
	s->resume = 0;
	s->wants = FC_WANTS_FACTS;
	s->phase = FC_PHASE_WHOLE;
	s->unread = 0;
	s->ring.request = s->ring.file = s->ring.new_file = 0;
	return s;
}

/* The same for what is no system call. */
static __always_inline struct fc_scratch *fc_begin_process(__u32 kind)
{
	struct fc_scratch *s = fc_begin(kind);

	if (s)
		__builtin_memset(fc_event_of(s)->args, 0, sizeof(fc_event_of(s)->args));
	return s;
}

static __always_inline void fc_complete_event(struct fc_event *event, struct task_struct *task,
					      bool direct)
{
	event->time_ns = bpf_ktime_get_boot_ns();
	event->cpu = bpf_get_smp_processor_id();
	event->reserved = 0;
	fc_fill_task(&event->task, task, direct);
}

static __always_inline void fc_complete_for(struct fc_scratch *s, struct task_struct *task,
					    bool direct)
{
	fc_complete_event(fc_event_of(s), task, direct);
}

/* The costlier part of the header, about the current task: for events that passed their filter. */
static __always_inline void fc_complete(struct fc_scratch *s)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		fc_complete_for(s, bpf_get_current_task_btf(), true);
	else
		fc_complete_for(s, (struct task_struct *)bpf_get_current_task(), false);
}

#endif
