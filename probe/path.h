/* Paths from kernel objects: dentries across mounts, up to the process's root, and cgroup nodes. The work is
 * done in global functions, so that the verifier looks at each once.
 */
#ifndef FALCOC_PROBE_PATH_H
#define FALCOC_PROBE_PATH_H

#include "probe/scratch.h"

/* Prepends "/name" to the path in the scratch space that begins at `at`. Returns its new begin; the old
 * one if there is no room. */
static __always_inline __u32 fc_prepend(struct fc_scratch *s, __u32 at, const void *name, __u32 length)
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
static __always_inline void fc_add_built_path(struct fc_scratch *s, __u32 tag, __u32 index, __u32 at,
					      __u32 flags)
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

/* Adds the path of a dentry on a mount as the current process sees it: names up to its root, or up to the
 * root of everything for what lies outside. */
__noinline int fc_add_path(__u64 dentry_address, __u64 mount_address, __u32 tag, __u32 index)
{
	struct dentry *dentry = (void *)dentry_address;
	struct vfsmount *vfsmount = (void *)mount_address;
	struct fc_scratch *s = fc_scratch();
	struct fs_struct *fs = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), fs);
	struct dentry *root_dentry = BPF_CORE_READ(fs, root.dentry);
	struct vfsmount *root_mount = BPF_CORE_READ(fs, root.mnt);
	__u32 at = FC_TEXT_BYTES - 1;
	__u32 flags = FC_ITEM_CUT;

	if (!s || !dentry || !vfsmount)
		return 0;
	s->path[FC_TEXT_BYTES - 1] = 0;
	for (int i = 0; i < FC_PATH_DEPTH; i++) {
		if (dentry == root_dentry && vfsmount == root_mount) {
			flags = 0;
			break;
		}
		if (dentry == BPF_CORE_READ(vfsmount, mnt_root)) {
			struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
			struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
			if (parent == mount || !parent) {
				flags = 0;
				break;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			vfsmount = __builtin_preserve_access_index(&parent->mnt);
			continue;
		}
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		__u32 before = at;
		at = fc_prepend(s, at, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len));
		if (at == before)
			break;
		if (parent == dentry) { /* outside of every tree: memfd, or unmounted */
			flags = 0;
			break;
		}
		dentry = parent;
	}
	if (at == FC_TEXT_BYTES - 1)
		at = fc_prepend(s, at, NULL, 0);
	fc_add_built_path(s, tag, index, at, flags);
	return 0;
}

/* Adds FC_ITEM_CGROUP "controller=path" for one cgroup node. */
__noinline int fc_add_cgroup(__u64 node_address, __u64 controller_name)
{
	struct kernfs_node *node = (void *)node_address;
	struct fc_scratch *s = fc_scratch();
	__u32 at = FC_TEXT_BYTES - 1;
	char name[16] = {};

	if (!s || !node)
		return 0;
	s->path[FC_TEXT_BYTES - 1] = 0;
	for (int i = 0; i < 32; i++) { /* cgroup trees deeper than this are not made by container engines */
		struct kernfs_node *parent;
		if (bpf_core_field_exists(node->__parent))
			parent = BPF_CORE_READ(node, __parent);
		else
			parent = BPF_CORE_READ((struct kernfs_node___before_6_15 *)node, parent);
		if (!parent)
			break;
		const char *node_name = BPF_CORE_READ(node, name);
		/* the name's length is not stored: read it at the front of the buffer first */
		long length = bpf_probe_read_kernel_str(&s->path[FC_TEXT_BYTES], FC_PATH_NAME_BYTES, node_name);
		if (length <= 1)
			break;
		__u32 before = at;
		at = fc_prepend(s, at, &s->path[FC_TEXT_BYTES], length - 1);
		if (at == before)
			break;
		node = parent;
	}
	if (at == FC_TEXT_BYTES - 1)
		at = fc_prepend(s, at, NULL, 0);

	long name_length = 1;
	if (controller_name)
		name_length = bpf_probe_read_kernel_str(name, sizeof(name), (void *)controller_name);
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
	fc_item_end(s, item, prefix + 1 + length, 0);
	return 0;
}

static __always_inline void fc_add_cwd(struct fc_scratch *s)
{
	struct fs_struct *fs = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), fs);

	if (s->cwd_written || !fs)
		return;
	s->cwd_written = 1;
	fc_add_path((__u64)BPF_CORE_READ(fs, pwd.dentry), (__u64)BPF_CORE_READ(fs, pwd.mnt), FC_ITEM_CWD, 0);
}

#endif
