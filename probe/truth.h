/* Other names of an open file, by which a rule knows it whatever name the program took: hard links, the name
 * that a bind mount hides, the name outside of a chroot.
 */
#ifndef FALCOC_PROBE_TRUTH_H
#define FALCOC_PROBE_TRUTH_H

#include "probe/file.h"

#define FC_ALIAS_LIMIT 8 /* names looked at of a file with hard links */
#define FC_S_IFREG 0100000

/* The process's root directory. Not struct path, whose layout is the kernel's. */
struct fc_root {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* Whether the process sees less than its mount namespace: chroot(2), not a container's pivot_root(2). */
static __always_inline bool fc_is_chrooted(struct fc_root root)
{
	struct mount *mount = (void *)root.mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (BPF_CORE_READ(mount, mnt.mnt_root) != root.dentry)
		return true;
	return parent != mount &&
	       BPF_CORE_READ(mount, mnt_mountpoint) != BPF_CORE_READ(parent, mnt.mnt_root);
}

/* Adds the name that a file has below the process's root directory if mounts are left out of account: what a bind
 * mount of a part of the same file system hides. Nothing if it lies elsewhere. */
static __always_inline void fc_add_unmounted_path(struct fc_scratch *s, struct dentry *dentry,
						  struct fc_root root, __u32 index)
{
	int step = FC_STEP_MORE;

	fc_walk_begin(s);
	s->walk.dentry = (__u64)dentry;
	s->walk.vfsmount = s->walk.root_vfsmount = (__u64)root.mnt;
	s->walk.root_dentry = (__u64)root.dentry;
	s->walk.mount_root = 0; /* no crossing */
	for (int i = 0; i < FC_PATH_DEPTH && step == FC_STEP_MORE; i++)
		step = fc_path_step();
	if (step == FC_STEP_DONE && s->walk.dentry == s->walk.root_dentry)
		fc_add_built_path(s, FC_ITEM_FD_ALIAS, index, fc_walk_end(s), 0);
}

/* Adds the names of the other hard links that the kernel has in its cache: those that were looked up lately. */
static __always_inline void fc_add_links(struct dentry *own, struct inode *inode,
					 struct vfsmount *mount, __u32 index)
{
	struct hlist_node *node = BPF_CORE_READ(inode, i_dentry.first);

	for (int i = 0; i < FC_ALIAS_LIMIT && node; i++) {
		struct dentry *alias =
			(void *)node - bpf_core_field_offset(struct dentry, d_u.d_alias);
		if (alias != own)
			fc_add_path((__u64)alias, (__u64)mount, FC_ITEM_FD_ALIAS, index);
		node = BPF_CORE_READ(node, next);
	}
}

/* Adds FC_ITEM_FD_ALIAS for each name of the file besides its path. */
__noinline int fc_add_aliases(__u64 file_address, __u32 index)
{
	struct fc_scratch *s = fc_scratch();
	struct file *file = (void *)file_address;
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	if (!s || !file)
		return 0;
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct fc_root root = {
		.mnt = BPF_CORE_READ(task, fs, root.mnt),
		.dentry = BPF_CORE_READ(task, fs, root.dentry),
	};
	struct dentry *root_dentry = root.dentry;
	if (!root.mnt || !inode)
		return 0;
	if (mount != root.mnt && BPF_CORE_READ(inode, i_sb) == BPF_CORE_READ(root_dentry, d_sb))
		fc_add_unmounted_path(s, dentry, root, index);
	if (fc_is_chrooted(root))
		fc_add_path_below((__u64)dentry, (__u64)mount, FC_ITEM_FD_ALIAS, index,
				  FC_BELOW_NAMESPACE);
	if ((BPF_CORE_READ(inode, i_mode) & FC_S_IFMT) == FC_S_IFREG &&
	    BPF_CORE_READ(inode, i_nlink) > 1)
		fc_add_links(dentry, inode, mount, index);
	return 0;
}

#endif
