/* What a process is: image, identity, arguments, cgroups; for exec, clone and new tasks.
 */
#ifndef FALCOC_PROBE_PROCESS_H
#define FALCOC_PROBE_PROCESS_H

#include "probe/file.h"
#include "probe/task.h"
#include "probe/writable.h"

#define FC_NS_PER_S 1000000000ull
#define FC_CTIME_QUERIED (1u << 31) /* flag of multigrain timestamps, since 6.13 */
#define FC_RLIMIT_NOFILE 7
#define FC_PAGE_KB 4	   /* x86-64 and the common arm64 configuration */
#define FC_SUBSYS_LIMIT 16 /* CGROUP_SUBSYS_COUNT is 12 to 14 */
#define FC_ARGV_LIMIT 512  /* arguments of a failed execve that are read */

static __always_inline __u64 fc_ctime_ns(struct inode *inode)
{
	if (bpf_core_field_exists(inode->i_ctime_sec))
		return BPF_CORE_READ(inode, i_ctime_sec) * FC_NS_PER_S +
		       (BPF_CORE_READ(inode, i_ctime_nsec) & ~FC_CTIME_QUERIED);
	struct inode___before_6_11 *newer = (void *)inode;
	if (bpf_core_field_exists(newer->__i_ctime))
		return BPF_CORE_READ(newer, __i_ctime.tv_sec) * FC_NS_PER_S +
		       BPF_CORE_READ(newer, __i_ctime.tv_nsec);
	struct inode___before_6_6 *older = (void *)inode;
	return BPF_CORE_READ(older, i_ctime.tv_sec) * FC_NS_PER_S +
	       BPF_CORE_READ(older, i_ctime.tv_nsec);
}

static __always_inline __u64 fc_mtime_ns(struct inode *inode)
{
	if (bpf_core_field_exists(inode->i_mtime_sec))
		return BPF_CORE_READ(inode, i_mtime_sec) * FC_NS_PER_S +
		       BPF_CORE_READ(inode, i_mtime_nsec);
	struct inode___before_6_11 *newer = (void *)inode;
	if (bpf_core_field_exists(newer->__i_mtime))
		return BPF_CORE_READ(newer, __i_mtime.tv_sec) * FC_NS_PER_S +
		       BPF_CORE_READ(newer, __i_mtime.tv_nsec);
	struct inode___before_6_6 *older = (void *)inode;
	return BPF_CORE_READ(older, i_mtime.tv_sec) * FC_NS_PER_S +
	       BPF_CORE_READ(older, i_mtime.tv_nsec);
}

/* enum of include/linux/mm_types_task.h */
enum { FC_MM_FILEPAGES, FC_MM_ANONPAGES, FC_MM_SWAPENTS, FC_MM_SHMEMPAGES };

static __always_inline __u64 fc_mm_counter(struct mm_struct *mm, int index)
{
	__s64 pages = 0;

	if (bpf_core_type_exists(struct mm_rss_stat)) {
		struct mm_struct___before_6_2 *older = (void *)mm;
		bpf_probe_read_kernel(
			&pages, sizeof(pages),
			__builtin_preserve_access_index(&older->rss_stat.count[index].counter));
	} else {
		void *counters = __builtin_preserve_access_index(&mm->rss_stat);
		bpf_probe_read_kernel(&pages, sizeof(pages),
				      counters + index * bpf_core_type_size(struct percpu_counter) +
					      bpf_core_field_offset(struct percpu_counter, count));
	}
	return pages < 0 ? 0 : pages;
}

/* kB: 0 total, 1 resident, 2 swapped */
static __always_inline __u64 fc_memory_kb(struct mm_struct *mm, __u32 what)
{
	if (!mm)
		return 0;
	if (what == 0)
		return BPF_CORE_READ(mm, total_vm) * FC_PAGE_KB;
	if (what == 2)
		return fc_mm_counter(mm, FC_MM_SWAPENTS) * FC_PAGE_KB;
	return (fc_mm_counter(mm, FC_MM_FILEPAGES) + fc_mm_counter(mm, FC_MM_ANONPAGES) +
		fc_mm_counter(mm, FC_MM_SHMEMPAGES)) *
	       FC_PAGE_KB;
}

/* Device number of the controlling terminal as user space sees it (new_encode_dev), 0 = none. */
static __always_inline __u32 fc_tty(struct signal_struct *signal)
{
	struct tty_struct *tty = BPF_CORE_READ(signal, tty);

	if (!tty)
		return 0;
	__u32 major = BPF_CORE_READ(tty, driver, major);
	__u32 minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline struct pid_namespace *fc_pid_namespace(struct pid *pid)
{
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid *numbers = __builtin_preserve_access_index(&pid->numbers[0]);
	struct pid_namespace *ns = NULL;

	bpf_probe_read_kernel(&ns, sizeof(ns),
			      (void *)numbers + level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	return ns;
}

static __always_inline void fc_fill_identity(struct fc_exec *out, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *session = BPF_CORE_READ(signal, pids[PIDTYPE_SID]);
	struct pid *group = BPF_CORE_READ(signal, pids[PIDTYPE_PGID]);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);

	bpf_probe_read_kernel(&out->cap_inheritable, 8,
			      __builtin_preserve_access_index(&cred->cap_inheritable));
	bpf_probe_read_kernel(&out->cap_permitted, 8,
			      __builtin_preserve_access_index(&cred->cap_permitted));
	bpf_probe_read_kernel(&out->cap_effective, 8,
			      __builtin_preserve_access_index(&cred->cap_effective));
	out->uid = BPF_CORE_READ(cred, uid.val);
	out->euid = BPF_CORE_READ(cred, euid.val);
	out->suid = BPF_CORE_READ(cred, suid.val);
	out->gid = BPF_CORE_READ(cred, gid.val);
	out->egid = BPF_CORE_READ(cred, egid.val);
	out->sgid = BPF_CORE_READ(cred, sgid.val);
	out->loginuid = ~0u;
	if (bpf_core_field_exists(task->loginuid))
		out->loginuid = BPF_CORE_READ(task, loginuid.val);
	out->sid = fc_pid_number(session, true);
	out->pgid = fc_pid_number(group, true);
	out->vsid = fc_pid_number(session, false);
	out->vpgid = fc_pid_number(group, false);
	out->tty = fc_tty(signal);
	out->fd_limit = BPF_CORE_READ(signal, rlim[FC_RLIMIT_NOFILE].rlim_cur);
	if (pid) {
		struct pid_namespace *ns = fc_pid_namespace(pid);
		out->pidns_start_time_ns = BPF_CORE_READ(ns, child_reaper, start_boottime);
	}
}

static __always_inline void fc_fill_image(struct fc_exec *out, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	if (!mm)
		return;
	out->vm_size_kb = fc_memory_kb(mm, 0);
	out->vm_rss_kb = fc_memory_kb(mm, 1);
	out->vm_swap_kb = fc_memory_kb(mm, 2);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	if (!file)
		return;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);
	unsigned long magic = BPF_CORE_READ(sb, s_magic);
	__u32 layer = fc_overlay_layer(inode, magic);
	out->exe_ino = BPF_CORE_READ(inode, i_ino);
	out->exe_dev = BPF_CORE_READ(sb, s_dev);
	out->exe_ctime_ns = fc_ctime_ns(inode);
	out->exe_mtime_ns = fc_mtime_ns(inode);
	if (fc_is_writable((__u64)inode, (__u64)BPF_CORE_READ(task, cred)))
		out->flags |= FC_EXE_WRITABLE;
	if (layer == 1)
		out->flags |= FC_EXE_UPPER_LAYER;
	if (layer == 2)
		out->flags |= FC_EXE_LOWER_LAYER;
	if (fc_anon_kind(file, magic) == FC_ANON_MEMFD)
		out->flags |= FC_EXE_FROM_MEMFD;
}

/* Adds FC_ITEM_EXEC and FC_ITEM_CGROUP of a task, FC_ITEM_EXE_PATH with it if `with_image`. */
__noinline int fc_add_process(__u64 task_address, __u32 with_image)
{
	struct task_struct *task = (void *)task_address;
	struct fc_scratch *s = fc_scratch();

	if (!s || !task)
		return 0;
	struct fc_item *item = fc_item_begin(s, FC_ITEM_EXEC, 0);
	if (!item)
		return 0;
	struct fc_exec *out = fc_item_bytes(item);
	__builtin_memset(out, 0, sizeof(*out));
	fc_fill_identity(out, task);
	out->min_faults = BPF_CORE_READ(task, min_flt);
	out->maj_faults = BPF_CORE_READ(task, maj_flt);
	fc_fill_image(out, task);
	fc_item_end(s, item, sizeof(*out), 0);
	if (with_image) {
		struct file *file = BPF_CORE_READ(task, mm, exe_file);
		if (file)
			fc_add_path((__u64)BPF_CORE_READ(file, f_path.dentry),
				    (__u64)BPF_CORE_READ(file, f_path.mnt), FC_ITEM_EXE_PATH, 0);
	}
	return 0;
}

/* Adds one FC_ITEM_CGROUP per v1 controller and one for the v2 hierarchy. */
__noinline int fc_add_cgroups(__u64 task_address)
{
	struct task_struct *task = (void *)task_address;
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *unified = BPF_CORE_READ(set, dfl_cgrp);
	struct cgroup_root *unified_root = BPF_CORE_READ(unified, root);
	__u32 count = bpf_core_field_size(set->subsys) / sizeof(void *);
	struct cgroup_subsys_state **states = __builtin_preserve_access_index(&set->subsys[0]);

	fc_add_cgroup((__u64)BPF_CORE_READ(unified, kn), 0);
	for (__u32 i = 0; i < FC_SUBSYS_LIMIT; i++) {
		struct cgroup_subsys_state *state = NULL;
		if (i >= count)
			break;
		bpf_probe_read_kernel(&state, sizeof(state), &states[i]);
		if (!state)
			continue;
		struct cgroup *cgroup = BPF_CORE_READ(state, cgroup);
		if (!cgroup || BPF_CORE_READ(cgroup, root) == unified_root)
			continue;
		fc_add_cgroup((__u64)BPF_CORE_READ(cgroup, kn),
			      (__u64)BPF_CORE_READ(state, ss, legacy_name));
	}
	return 0;
}

#endif
