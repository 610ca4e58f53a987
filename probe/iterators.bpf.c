/* What runs when the daemon starts: every process and every listening socket as a record, without /proc. An object
 * of its own, so that it has scratch space of its own: the probe's hooks are attached by then and may interrupt it.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "probe/abi.h"
#include "probe/process.h"
#include "probe/scratch.h"
#include "probe/task.h"

char LICENSE[] SEC("license") = "GPL";

/* The kernel hands the output over in pieces of 32 KiB; what does not fit into one is an error. Command lines and
 * environments that would make a record larger are cut, and user space completes them. */
#define FC_SNAPSHOT_BYTES (30 * 1024)
#define FC_SNAPSHOT_TEXT 8192
#define FC_TCP_LISTEN 10

/* Copies memory of `task` into an item; larger texts are cut. */
static __always_inline void fc_copy_text(struct fc_scratch *s, struct task_struct *task,
					 __u64 begin, __u64 end, __u32 tag)
{
	__u64 size = end - begin;

	if (end <= begin)
		return;
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return;
	__u32 length = size > FC_SNAPSHOT_TEXT ? FC_SNAPSHOT_TEXT : size;
	fc_fixed(length);
	if (length > FC_SNAPSHOT_TEXT)
		return;
	if (bpf_copy_from_user_task(fc_item_bytes(item), length, (void *)begin, task, 0) != 0)
		fc_item_end(s, item, 0, FC_ITEM_FAULT);
	else
		fc_item_end(s, item, length, size > length ? FC_ITEM_CUT : 0);
}

/* The begin of a record about a process, null if it is not the process's main thread. */
static __always_inline struct fc_scratch *fc_begin_snapshot(struct task_struct *task, __u32 kind)
{
	if (!task || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return NULL;
	struct fc_scratch *s = fc_begin_process(kind);
	if (s) {
		fc_complete_for(s, task, false);
		fc_event_of(s)->task.exec_id = fc_exec_id_at_least(task);
		s->task = (__u64)task;
	}
	return s;
}

static __always_inline void fc_add_snapshot(struct fc_scratch *s)
{
	/* global functions take numbers: what was a pointer is one when it is read from memory */
	__u64 task = *(volatile __u64 *)&s->task;

	fc_add_process(task, 1);
	fc_add_cwd(s);
	fc_add_cgroups(task);
}

static __always_inline void fc_write_snapshot(struct seq_file *seq, struct fc_scratch *s)
{
	__u64 size = s->used;

	fc_fixed(size);
	if (size > FC_SNAPSHOT_BYTES)
		return;
	fc_event_of(s)->size = size;
	bpf_seq_write(seq, s->record, size);
}

/* With command line and environment: kernels from 5.19 on let iterators read them. */
SEC("iter.s/task")
int falcoc_snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct fc_scratch *s = fc_begin_snapshot(task, FC_STATE_TASK);

	if (!s || !task)
		return 0;
	fc_add_snapshot(s);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	if (mm) {
		__u32 before = s->used, items = fc_event_of(s)->item_count;
		fc_copy_text(s, task, BPF_CORE_READ(mm, arg_start), BPF_CORE_READ(mm, arg_end),
			     FC_ITEM_ARGS);
		fc_copy_text(s, task, BPF_CORE_READ(mm, env_start), BPF_CORE_READ(mm, env_end),
			     FC_ITEM_ENV);
		if (s->used > FC_SNAPSHOT_BYTES) {
			s->used = before;
			fc_event_of(s)->item_count = items;
		}
	}
	fc_write_snapshot(ctx->meta->seq, s);
	return 0;
}

/* Without: user space reads them. */
SEC("iter/task")
int falcoc_snapshot_before_5_19(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct fc_scratch *s = fc_begin_snapshot(task, FC_STATE_TASK);

	if (!s)
		return 0;
	fc_add_snapshot(s);
	fc_write_snapshot(ctx->meta->seq, s);
	return 0;
}

/* Listening sockets of IP: who accepts a connection that is older than the daemon, serves. */
SEC("iter/task_file")
int falcoc_listeners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file || (BPF_CORE_READ(file, f_inode, i_mode) & FC_S_IFMT) != FC_S_IFSOCK)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_state) != FC_TCP_LISTEN)
		return 0;
	__u32 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != FC_AF_INET && family != FC_AF_INET6)
		return 0;
	struct fc_scratch *s = fc_begin_snapshot(task, FC_STATE_LISTENER);
	if (!s)
		return 0;
	struct fc_item *item = fc_item_begin(s, FC_ITEM_FD, 0);
	if (!item)
		return 0;
	struct fc_fd *out = fc_item_bytes(item);
	__builtin_memset(out, 0, sizeof(*out));
	out->fd = ctx->fd;
	out->mode = FC_S_IFSOCK;
	fc_fill_socket(out, file);
	fc_item_end(s, item, sizeof(*out), 0);
	fc_write_snapshot(ctx->meta->seq, s);
	return 0;
}
