/* Relative paths that a program passed, joined to their directory, so that a filter can compare them. The directory's
 * path is built from its dentries as the record's is (path.h), and what `./` and `../` at the begin of a relative path
 * mean is what they mean as text, as user space takes them. What cannot be joined stays relative: unknown.
 *
 * For kernels since 6.2 (bpf_rdonly_cast), which also let a program that tail calls have functions; before, texts are
 * only put where they are looked for.
 */
#ifndef FALCOC_PROBE_JOIN_H
#define FALCOC_PROBE_JOIN_H

#include "probe/file.h"
#include "probe/scratch.h"
#include "probe/task.h"
#include "probe/truth.h"

#define FC_JOIN_DEPTH 32 /* components and mount crossings of a directory */
#define FC_JOIN_DOTS 8	 /* `./` and `../` in front of a relative path */

/* A pointer as one to a kernel structure that may be read without a helper; since 6.2, inlined. */
extern void *bpf_rdonly_cast(const void *pointer, __u32 btf_id) __ksym __weak;

/* A pointer that can be followed without a helper. */
#define fc_typed(type, address)                                                                    \
	((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

/* Counts the steps up into walk.node and what was passed of the text into walk.at. */
static __always_inline void fc_skip_dots(struct fc_scratch *s, struct fc_text *text)
{
	for (int i = 0; i < FC_JOIN_DOTS; i++) {
		__u64 at = *(volatile __u32 *)&s->walk.at;
		fc_fixed(at);
		if (at >= FC_FILTER_TEXT_BYTES)
			return;
		if (text->bytes[at] != '.')
			return;
		if (text->bytes[at + 1] == '/') {
			s->walk.at = at + 2;
		} else if (text->bytes[at + 1] == '.' && text->bytes[at + 2] == '/') {
			s->walk.at = at + 3;
			s->walk.node += 1;
		} else {
			return;
		}
	}
}

/* One round of fc_directory_path: a name or a mount crossing. */
__noinline int fc_directory_step(void)
{
	struct fc_scratch *s = fc_scratch();

	if (!s)
		return FC_STEP_CUT;
	__u64 at = s->walk.dentry, on = s->walk.vfsmount;
	if (!at || !on)
		return FC_STEP_CUT;
	if (at == s->walk.root_dentry && on == s->walk.root_vfsmount)
		return FC_STEP_DONE;
	struct dentry *dentry = fc_typed(struct dentry, at);
	struct vfsmount *vfsmount = fc_typed(struct vfsmount, on);
	if (at == (__u64)vfsmount->mnt_root) {
		struct mount *mount =
			fc_typed(struct mount, on - bpf_core_field_offset(struct mount, mnt));
		struct mount *parent = mount->mnt_parent;
		if (parent == mount || !parent)
			return FC_STEP_DONE;
		s->walk.dentry = (__u64)mount->mnt_mountpoint;
		s->walk.vfsmount = (__u64)parent + bpf_core_field_offset(struct mount, mnt);
		return FC_STEP_MORE;
	}
	__u64 parent = (__u64)dentry->d_parent;
	if (parent == at)
		return FC_STEP_CUT; /* in no tree */
	s->walk.dentry = parent;
	if (s->walk.node) {
		s->walk.node -= 1;
		return FC_STEP_MORE;
	}
	__u32 before = s->walk.begin;
	__u32 begin = fc_prepend(s, before, dentry->d_name.name, dentry->d_name.len);
	s->walk.begin = begin;
	return begin == before ? FC_STEP_CUT : FC_STEP_MORE;
}

/* Builds the path of the directory in s->path, without the last walk.node names. Where it begins is in walk.begin,
 * FC_TEXT_BYTES - 1 for the root. False: it cannot be told. */
static __always_inline bool fc_directory_path(struct fc_scratch *s, __u64 dentry, __u64 vfsmount,
					      struct fs_struct *fs)
{
	int step = FC_STEP_MORE;

	s->walk.dentry = dentry;
	s->walk.vfsmount = vfsmount;
	s->walk.root_dentry = (__u64)fs->root.dentry;
	s->walk.root_vfsmount = (__u64)fs->root.mnt;
	s->walk.begin = FC_TEXT_BYTES - 1;
	for (int i = 0; i < FC_JOIN_DEPTH && step == FC_STEP_MORE; i++)
		step = fc_directory_step();
	return step == FC_STEP_DONE;
}

/* Puts the directory's path and a slash in front of the text `passed`, into `text`. */
static __always_inline void fc_put_in_front(struct fc_scratch *s, struct fc_text *text,
					    struct fc_text *passed, __u32 begin)
{
	__u64 skipped = *(volatile __u32 *)&s->walk.at;
	__u64 rest = passed->size - skipped;
	__u64 length = FC_TEXT_BYTES - 1 - begin;

	fc_fixed(skipped);
	fc_fixed(rest);
	fc_fixed(length);
	if (skipped >= FC_FILTER_TEXT_BYTES || rest >= FC_FILTER_TEXT_BYTES ||
	    length >= FC_FILTER_TEXT_BYTES || length + 1 + rest >= FC_FILTER_TEXT_BYTES - 1)
		return;
	begin &= FC_TEXT_BYTES - 1;
	bpf_probe_read_kernel(text->bytes, length, &s->path[begin]);
	text->bytes[length] = '/';
	__u64 at = length + 1;
	fc_fixed(at);
	if (at > FC_FILTER_TEXT_BYTES)
		return;
	bpf_probe_read_kernel(&text->bytes[at], rest, &passed->bytes[skipped]);
	at += rest;
	fc_fixed(at);
	if (at > FC_FILTER_TEXT_BYTES)
		return;
	*(__u64 *)&text->bytes[at] = 0;
	text->size = at;
	text->state = FC_TEXT_JOINED;
}

/* Whether fc_add_aliases might find names beside this one. */
static __always_inline bool fc_may_have_aliases(struct fs_struct *fs, __u64 at, __u64 on)
{
	struct dentry *dentry = fc_typed(struct dentry, at);
	struct inode *inode = dentry->d_inode;
	struct dentry *root = fs->root.dentry;
	struct vfsmount *root_on = fs->root.mnt;
	struct mount *mount =
		fc_typed(struct mount, (__u64)root_on - bpf_core_field_offset(struct mount, mnt));
	struct mount *parent = mount->mnt_parent;

	if (on != (__u64)root_on && inode->i_sb == root->d_sb)
		return true;
	if ((inode->i_mode & FC_S_IFMT) == FC_S_IFREG && inode->i_nlink > 1)
		return true;
	if (mount->mnt.mnt_root != root)
		return true; /* chroot, as fc_is_chrooted says */
	return parent != mount && mount->mnt_mountpoint != parent->mnt.mnt_root;
}

/* Makes a text of the path that begins at `begin`. */
static __always_inline void fc_set_path(struct fc_scratch *s, struct fc_text *text, __u32 begin,
					bool has_aliases)
{
	__u64 length = FC_TEXT_BYTES - 1 - begin;

	fc_fixed(length);
	if (length >= FC_FILTER_TEXT_BYTES - 1)
		return;
	begin &= FC_TEXT_BYTES - 1;
	bpf_probe_read_kernel(text->bytes, length, &s->path[begin]);
	if (length == 0) {
		text->bytes[0] = '/';
		length = 1;
	}
	fc_fixed(length);
	if (length >= FC_FILTER_TEXT_BYTES)
		return;
	*(__u64 *)&text->bytes[length] = 0;
	text->size = length;
	text->state = has_aliases ? FC_TEXT_ODD : FC_TEXT_NORMAL;
}

/* Puts text `index` where those are that were joined or found, as it was passed. False: that is not what is to be
 * there, and for now nothing is known of it. */
static __always_inline bool fc_keep_text(struct fc_scratch *s, __u32 index)
{
	fc_fixed(index);
	if (index >= FC_FILTER_TEXTS)
		return true;
	struct fc_text *passed = &s->texts[index], *text = &s->texts[FC_FILTER_TEXTS + index];

	bpf_probe_read_kernel(text, sizeof(*text), passed);
	if (passed->directory != FC_TEXT_OF_RESULT &&
	    (passed->state != FC_TEXT_RELATIVE || passed->size == 0))
		return true;
	text->state = FC_TEXT_RELATIVE;
	text->size = 0;
	*(__u64 *)text->bytes = 0;
	return false;
}

/* Joins text `index` if it is relative, or finds it. */
static __always_inline void fc_join_text(struct fc_scratch *s, struct task_struct *task,
					 __u32 index)
{
	__u64 dentry, vfsmount;
	int fd = FC_AT_FDCWD;

	fc_fixed(index);
	if (index >= FC_FILTER_TEXTS)
		return;
	struct fc_text *passed = &s->texts[index], *text = &s->texts[FC_FILTER_TEXTS + index];
	struct fs_struct *fs = task->fs;
	__u32 argument = passed->directory;
	bool of_result = argument == FC_TEXT_OF_RESULT;
	if (fc_keep_text(s, index))
		return;
	if (of_result)
		fd = (int)fc_event_of(s)->ret;
	else if (argument < 6)
		fd = (int)fc_event_of(s)->args[argument];
	if (!fs)
		return;
	if (fd == FC_AT_FDCWD) {
		dentry = (__u64)fs->pwd.dentry;
		vfsmount = (__u64)fs->pwd.mnt;
	} else {
		struct file *file = fc_file_of_fd(task, fd);
		if (!file)
			return;
		dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
		vfsmount = (__u64)BPF_CORE_READ(file, f_path.mnt);
	}
	s->walk.at = 0;
	s->walk.node = 0;
	if (!of_result)
		fc_skip_dots(s, passed);
	if (!fc_directory_path(s, dentry, vfsmount, fs))
		return;
	/* read again: what is in a register the verifier follows along every way through the loop */
	if (*(volatile __u32 *)&passed->directory == FC_TEXT_OF_RESULT)
		fc_set_path(s, text, s->walk.begin, fc_may_have_aliases(fs, dentry, vfsmount));
	else
		fc_put_in_front(s, text, passed, s->walk.begin);
}

#endif
