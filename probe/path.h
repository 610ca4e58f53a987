/* Paths from kernel objects: dentries across mounts, up to the process's root, and cgroup nodes.
 *
 * The verifier looks at a global function once, whatever its callers know, and at a loop round by round. So
 * the body of a long loop is a global function and what it carries from round to round is in the scratch
 * space: the verifier then walks a call and a comparison per round.
 */
#ifndef FALCOC_PROBE_PATH_H
#define FALCOC_PROBE_PATH_H

#include "probe/scratch.h"

/* Prepends "/name" to the path in the scratch space that begins at `at`. Returns its new begin; the old
 * one if there is no room. */
static __always_inline __u32 fc_prepend(struct fc_scratch *s, __u32 at, const void *name,
					__u32 length)
{
	if (length > FC_PATH_NAME_BYTES - 1)
		length = FC_PATH_NAME_BYTES - 1;
	if (at < length + 1 || at > FC_TEXT_BYTES)
		return at;
	__u32 begin = at - length;
	fc_fixed(begin);
	begin &= FC_TEXT_BYTES - 1;
	bpf_probe_read_kernel(&s->path[begin], length, name);
	begin -= 1;
	begin &= FC_TEXT_BYTES - 1;
	s->path[begin] = '/';
	return begin;
}

/* Copies the path that begins at `at` into an item. */
static __always_inline void fc_add_built_path(struct fc_scratch *s, __u32 tag, __u32 index,
					      __u32 at, __u32 flags)
{
	struct fc_item *item = fc_item_begin(s, tag, index);

	if (!item)
		return;
	fc_fixed(at);
	at &= FC_TEXT_BYTES - 1;
	__u32 length = FC_TEXT_BYTES - at;
	fc_fixed(length);
	if (length > FC_TEXT_BYTES)
		return;
	bpf_probe_read_kernel(fc_item_bytes(item), length, &s->path[at]);
	fc_item_end(s, item, length, flags);
}

/* What a round of a walk says. */
enum fc_step { FC_STEP_MORE, FC_STEP_DONE, FC_STEP_CUT, FC_STEP_FAULT };

/* One round of fc_add_path: a name or a mount crossing. */
__noinline int fc_path_step(void)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return FC_STEP_CUT;
	struct dentry *dentry = (void *)s->walk.dentry;
	struct vfsmount *vfsmount = (void *)s->walk.vfsmount;
	if (s->walk.dentry == s->walk.root_dentry && s->walk.vfsmount == s->walk.root_vfsmount)
		return FC_STEP_DONE;
	if (s->walk.dentry == s->walk.mount_root) {
		struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
		struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
		if (parent == mount || !parent)
			return FC_STEP_DONE;
		s->walk.dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		s->walk.vfsmount = (__u64)__builtin_preserve_access_index(&parent->mnt);
		s->walk.mount_root = (__u64)BPF_CORE_READ(parent, mnt.mnt_root);
		return FC_STEP_MORE;
	}
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	__u32 before = s->walk.at;
	struct qstr name;
	BPF_CORE_READ_INTO(&name, dentry, d_name);
	s->walk.at = fc_prepend(s, before, name.name, name.len);
	if (s->walk.at == before)
		return FC_STEP_CUT;
	if (parent ==
	    dentry) { /* in no tree, as memfd files: no slash, which tells them from files */
		s->walk.at += 1;
		return FC_STEP_DONE;
	}
	s->walk.dentry = (__u64)parent;
	return FC_STEP_MORE;
}

static __always_inline void fc_walk_begin(struct fc_scratch *s)
{
	s->path[FC_TEXT_BYTES - 1] = 0;
	s->walk.at = FC_TEXT_BYTES - 1;
}

/* Where the path begins; that of a root is "/". */
static __always_inline __u32 fc_walk_end(struct fc_scratch *s)
{
	__u32 at = s->walk.at;

	return at == FC_TEXT_BYTES - 1 ? fc_prepend(s, at, NULL, 0) : at;
}

static __always_inline struct fs_struct *fc_fs(struct fc_scratch *s)
{
	struct task_struct *task = s && s->task ? (struct task_struct *)s->task
						: (struct task_struct *)bpf_get_current_task();

	return BPF_CORE_READ(task, fs);
}

/* Where a path begins. */
enum { FC_BELOW_ROOT, FC_BELOW_NAMESPACE };

/* Adds the path of a dentry on a mount: names up to the root of the current process or, `below` says, to that of its
 * mount namespace; for what lies outside of it, up to the root of everything. */
__noinline int fc_add_path_below(__u64 dentry_address, __u64 mount_address, __u32 tag, __u32 index,
				 __u32 below)
{
	struct fc_scratch *s = fc_scratch();
	struct fs_struct *fs = fc_fs(s);
	int step = FC_STEP_MORE;

	if (!s || !dentry_address || !mount_address)
		return 0;
	fc_walk_begin(s);
	s->walk.dentry = dentry_address;
	s->walk.vfsmount = mount_address;
	s->walk.mount_root = (__u64)BPF_CORE_READ((struct vfsmount *)mount_address, mnt_root);
	s->walk.root_dentry = s->walk.root_vfsmount = 0;
	if (below == FC_BELOW_ROOT) {
		s->walk.root_dentry = (__u64)BPF_CORE_READ(fs, root.dentry);
		s->walk.root_vfsmount = (__u64)BPF_CORE_READ(fs, root.mnt);
	}
	for (int i = 0; i < FC_PATH_DEPTH && step == FC_STEP_MORE; i++)
		step = fc_path_step();
	fc_add_built_path(s, tag, index, fc_walk_end(s), step == FC_STEP_DONE ? 0 : FC_ITEM_CUT);
	return 0;
}

/* As the current process sees it. */
static __always_inline void fc_add_path(__u64 dentry, __u64 mount, __u32 tag, __u32 index)
{
	fc_add_path_below(dentry, mount, tag, index, FC_BELOW_ROOT);
}

/* One round of fc_add_cgroup: a node. */
__noinline int fc_cgroup_step(void)
{
	struct fc_scratch *s = fc_scratch();
	struct kernfs_node *parent;

	if (!s)
		return FC_STEP_CUT;
	struct kernfs_node *node = (void *)s->walk.node;
	if (bpf_core_field_exists(node->__parent))
		parent = BPF_CORE_READ(node, __parent);
	else
		parent = BPF_CORE_READ((struct kernfs_node___before_6_15 *)node, parent);
	if (!parent)
		return FC_STEP_DONE;
	const char *name = BPF_CORE_READ(node, name);
	/* the name's length is not stored: read it at the front of the buffer first */
	long length = bpf_probe_read_kernel_str(&s->path[FC_TEXT_BYTES], FC_PATH_NAME_BYTES, name);
	if (length <= 1)
		return FC_STEP_DONE;
	__u32 before = s->walk.at;
	s->walk.at = fc_prepend(s, before, &s->path[FC_TEXT_BYTES], length - 1);
	if (s->walk.at == before)
		return FC_STEP_CUT;
	s->walk.node = (__u64)parent;
	return FC_STEP_MORE;
}

/* Adds FC_ITEM_CGROUP "controller=path" for one cgroup node. */
__noinline int fc_add_cgroup(__u64 node_address, __u64 controller_name)
{
	struct fc_scratch *s = fc_scratch();
	char name[16] = {};
	int step = FC_STEP_MORE;

	if (!s || !node_address)
		return 0;
	fc_walk_begin(s);
	s->walk.node = node_address;
	for (int i = 0; i < FC_CGROUP_DEPTH && step == FC_STEP_MORE; i++)
		step = fc_cgroup_step();
	__u32 at = fc_walk_end(s);

	long name_length = 1;
	if (controller_name)
		name_length =
			bpf_probe_read_kernel_str(name, sizeof(name), (void *)controller_name);
	if (name_length < 1 || name_length > 16)
		return 0;
	struct fc_item *item = fc_item_begin(s, FC_ITEM_CGROUP, 0);
	if (!item)
		return 0;
	char *bytes = fc_item_bytes(item);
	__u32 prefix = name_length - 1;
	fc_fixed(prefix);
	prefix &= 15;
	__builtin_memcpy(bytes, name, sizeof(name));
	bytes[prefix] = '=';
	at &= FC_TEXT_BYTES - 1;
	__u32 length = FC_TEXT_BYTES - at;
	fc_fixed(length);
	if (length > FC_TEXT_BYTES)
		return 0;
	bpf_probe_read_kernel(bytes + prefix + 1, length, &s->path[at]);
	fc_item_end(s, item, prefix + 1 + length, step == FC_STEP_DONE ? 0 : FC_ITEM_CUT);
	return 0;
}

static __always_inline void fc_add_cwd(struct fc_scratch *s)
{
	struct fs_struct *fs = fc_fs(s);

	if (s->cwd_written || !fs)
		return;
	s->cwd_written = 1;
	fc_add_path((__u64)BPF_CORE_READ(fs, pwd.dentry), (__u64)BPF_CORE_READ(fs, pwd.mnt),
		    FC_ITEM_CWD, 0);
}

#endif
