/* Process facts (abi.h): finds those of the task that acts and compares what they were found for with what the task is.
 *
 * User space writes the entries through shared memory while programs read them. Each is written from first_stamp to
 * last_stamp and read the other way round: equal stamps mean that nobody wrote in between.
 */
#ifndef FALCOC_PROBE_FACTS_H
#define FALCOC_PROBE_FACTS_H

#include "probe/process.h"
#include "probe/scratch.h"
#include "probe/task.h"

/* Buckets of FC_FACT_WAYS neighbours; a pid belongs to one bucket. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FC_FACT_SLOTS);
	__type(key, __u32);
	__type(value, struct fc_facts);
} facts SEC(".maps");

/* Entries of another generation are not valid: how user space makes all unknown at once. 0: none are. */
__u32 facts_generation;
/* Of fc_ancestry_step. Set before loading. */
const volatile __u64 ancestry_key;

#define fc_compiler_barrier() asm volatile("" ::: "memory")

static __always_inline struct fc_facts *fc_facts_entry(__u32 pid)
{
	__u32 bucket = (pid % FC_FACT_BUCKETS) * FC_FACT_WAYS;

	for (__u32 way = 0; way < FC_FACT_WAYS; way++) {
		__u32 index = bucket + way;
		struct fc_facts *entry = bpf_map_lookup_elem(&facts, &index);
		if (entry && entry->pid == pid)
			return entry;
	}
	return NULL;
}

/* Sum over all ancestors; 0 if there are too many, or one of them is about to leave its children to another. */
static __always_inline __u64 fc_ancestry(struct task_struct *task, bool direct)
{
	struct task_struct *leader = FC_GET(direct, task, group_leader);
	__u64 sum = FC_ANCESTRY_BEGIN;

	for (int i = 0; i < FC_ANCESTORS; i++) {
		struct task_struct *parent = FC_GET(direct, leader, real_parent);
		leader = FC_GET(direct, parent, group_leader);
		__u32 pid = FC_GET(direct, leader, tgid);
		if (pid == 0)
			return sum;
		struct signal_struct *signal = FC_GET(direct, leader, signal);
		if (FC_GET(direct, signal, live.counter) == 0)
			return 0;
		sum = fc_ancestry_step(sum, ancestry_key, pid,
				       FC_GET(direct, leader, start_boottime),
				       FC_GET(direct, leader, self_exec_id));
	}
	return 0;
}

static __always_inline bool fc_has_privileges(struct fc_facts *entry, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	__u64 inheritable = 0, permitted = 0, effective = 0;
	__u32 loginuid = ~0u;

	bpf_probe_read_kernel(&inheritable, 8,
			      __builtin_preserve_access_index(&cred->cap_inheritable));
	bpf_probe_read_kernel(&permitted, 8, __builtin_preserve_access_index(&cred->cap_permitted));
	bpf_probe_read_kernel(&effective, 8, __builtin_preserve_access_index(&cred->cap_effective));
	if (bpf_core_field_exists(task->loginuid))
		loginuid = BPF_CORE_READ(task, loginuid.val);
	return entry->cap_inheritable == inheritable && entry->cap_permitted == permitted &&
	       entry->cap_effective == effective && entry->loginuid == loginuid;
}

static __always_inline bool fc_has_session(struct fc_facts *entry, struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	return entry->sid == fc_pid_number(BPF_CORE_READ(signal, pids[PIDTYPE_SID]), true) &&
	       entry->pgid == fc_pid_number(BPF_CORE_READ(signal, pids[PIDTYPE_PGID]), true) &&
	       entry->tty == fc_tty(signal);
}

/* What of FC_FACTS_* is not any more what it was, of all that the entry's facts depend on. */
static __always_inline __u32 fc_facts_differ(struct fc_facts *entry, struct task_struct *task,
					     bool direct)
{
	struct css_set *cgroups = FC_GET(direct, task, cgroups);
	struct cgroup *cgroup = FC_GET(direct, cgroups, dfl_cgrp);
	struct kernfs_node *node = FC_GET(direct, cgroup, kn);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	__u64 words = *(__u64 *)entry->dependencies;
	__u32 differ = 0, depend;

	words |= words >> 32;
	words |= words >> 16;
	depend = (words | words >> 8) & 0xff;
	if (entry->uid != BPF_CORE_READ(cred, euid.val) ||
	    entry->gid != BPF_CORE_READ(cred, egid.val))
		differ |= FC_FACTS_CREDENTIALS;
	if (entry->cgroup_id != FC_GET(direct, node, id))
		differ |= FC_FACTS_CGROUPS;
	if (depend & FC_FACTS_PRIVILEGES && !fc_has_privileges(entry, task))
		differ |= FC_FACTS_PRIVILEGES;
	if (depend & FC_FACTS_SESSION && !fc_has_session(entry, task))
		differ |= FC_FACTS_SESSION;
	if (depend & FC_FACTS_ANCESTORS) {
		__u64 sum = fc_ancestry(task, direct);
		if (sum == 0 || sum != entry->ancestry)
			differ |= FC_FACTS_ANCESTORS;
	}
	return differ;
}

/* Writes what is known of the task to s->facts. */
static __always_inline void fc_find_facts(struct fc_scratch *s, struct task_struct *task,
					  bool direct)
{
	struct task_struct *leader = FC_GET(direct, task, group_leader);
	struct fc_known_facts *known = &s->facts;
	__u32 pid = FC_GET(direct, task, tgid);
	struct fc_facts *entry = fc_facts_entry(pid);

	known->ruleset = 0;
	if (!entry)
		return;
	__u64 stamp = *(volatile __u64 *)&entry->last_stamp;
	fc_compiler_barrier();
	__u32 ruleset = entry->ruleset;
	if (entry->start_time_ns != FC_GET(direct, leader, start_boottime) ||
	    entry->exec_id != (__u32)FC_GET(direct, task, self_exec_id) ||
	    entry->generation != facts_generation)
		return;
	__u32 differ = fc_facts_differ(entry, task, direct);
	for (int i = 0; i < FC_FACT_WORDS; i++) {
		__u64 unknown = entry->dependencies[i] & differ ? ~0ull : 0;
		known->may_be_true[i] = entry->may_be_true[i] | unknown;
		known->may_be_false[i] = entry->may_be_false[i] | unknown;
	}
	fc_compiler_barrier();
	if (*(volatile __u64 *)&entry->first_stamp == stamp && entry->pid == pid)
		known->ruleset = ruleset;
}

#endif
