/* Facts about tasks: the cheap ones of every record's header, and ids in namespaces.
 */
#ifndef FALCOC_PROBE_TASK_H
#define FALCOC_PROBE_TASK_H

#include "probe/scratch.h"

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

static __always_inline __u64 fc_cgroup_id(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline void fc_fill_task(struct fc_task *out, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	const struct cred *cred = BPF_CORE_READ(task, cred);

	out->start_time_ns = BPF_CORE_READ(leader, start_boottime);
	out->cgroup_id = fc_cgroup_id(task);
	out->tid = BPF_CORE_READ(task, pid);
	out->pid = BPF_CORE_READ(task, tgid);
	out->vtid = fc_pid_number(BPF_CORE_READ(task, thread_pid), false);
	out->vpid = fc_pid_number(BPF_CORE_READ(leader, thread_pid), false);
	out->ppid = BPF_CORE_READ(task, real_parent, tgid);
	out->uid = BPF_CORE_READ(cred, euid.val);
	out->gid = BPF_CORE_READ(cred, egid.val);
	out->reserved = 0;
	bpf_probe_read_kernel_str(out->comm, sizeof(out->comm),
				  __builtin_preserve_access_index(&task->comm));
}

/* Starts a record about `task` in the scratch space of this CPU. */
static __always_inline struct fc_scratch *fc_begin(__u32 kind, struct task_struct *task)
{
	struct fc_scratch *s = fc_scratch();

	if (!s) {
		fc_lost(kind, FC_LOSS_SCRATCH);
		return NULL;
	}
	struct fc_event *event = fc_event_of(s);
	event->kind = kind;
	event->flags = 0;
	event->time_ns = bpf_ktime_get_boot_ns();
	event->ret = 0;
	__builtin_memset(event->args, 0, sizeof(event->args));
	event->cpu = bpf_get_smp_processor_id();
	event->syscall_nr = 0;
	event->item_count = 0;
	event->extractor = 0;
	fc_fill_task(&event->task, task);
	s->used = sizeof(*event);
	s->compat = 0;
	s->cwd_written = 0;
	return s;
}

#endif
