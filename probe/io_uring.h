/* Requests through io_uring as the system calls they stand for: begun where the request is submitted (the kernel has
 * made its copies of paths, addresses and flags by then), completed where its result is posted. They skip the generated
 * filters, which read a caller's memory: they are few, and passing too much is always allowed.
 *
 * The structures have been so since 6.0; on older kernels, where the tracepoints do not name the request, user space
 * leaves these programs out (LiveSource::sees_io_uring).
 */
#ifndef FALCOC_PROBE_IO_URING_H
#define FALCOC_PROBE_IO_URING_H

#include "probe/extract.h"
#include "probe/stash.h"

#define FC_PF_IO_WORKER 0x10	  /* include/linux/sched.h: io-wq workers and polling threads */
#define FC_REQ_CQE_SKIP (1u << 6) /* IOSQE_CQE_SKIP_SUCCESS */
#define FC_FILE_INDEX_ALLOC (~0u) /* IORING_FILE_INDEX_ALLOC */
#define FC_SLOT_FLAGS 7ull	  /* low bits of file_ptr (io_uring/filetable.h) */
#define FC_EEXIST 17
#define FC_RING_TWINS 8 /* requests of one ring with the same user_data that are told apart */

/* A request by what its completion tells where it does not name the request: the n-th of those alike. */
struct fc_ring_key {
	__u64 ring, user_data, n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct fc_ring_key);
	__type(value, __u64); /* address of the request */
} ring_requests SEC(".maps");

/* Event kind by opcode, 0: nobody wants it. Written at run time. */
__u16 ring_kinds[FC_RING_OP_LIMIT];
/* Whether io_uring_complete has the queue entry as its third argument (since 6.13), else its user_data. */
const volatile __u8 complete_has_entry = 0; /* no bool: clang knows none of its C name in C++ */

/* Whether this kernel's requests look as these programs expect: what is not so is left out by the verifier. */
static __always_inline bool fc_knows_requests(void)
{
	struct io_kiocb *request = NULL;

	return bpf_core_field_exists(request->cqe);
}

static __always_inline __u64 fc_user_pointer(const void *pointer)
{
	return (__s64)pointer < 0 ? 0 : (__u64)pointer; /* see fc_is_kernel_copy */
}

static __always_inline void fc_fill_open(__u64 *args, struct io_open *open, __u32 opcode)
{
	args[0] = (__u32)BPF_CORE_READ(open, dfd);
	args[1] = (__u64)BPF_CORE_READ(open, filename, name);
	if (opcode == FC_RING_OPENAT2) {
		args[2] = (__u64)__builtin_preserve_access_index(&open->how);
		args[3] = bpf_core_type_size(struct open_how);
	} else {
		args[2] = BPF_CORE_READ(open, how.flags) & ~FC_O_LARGEFILE;
		args[3] = BPF_CORE_READ(open, how.mode);
	}
}

static __always_inline void fc_fill_names(__u64 *args, struct io_kiocb *request, __u32 opcode)
{
	struct io_rename *rename = (void *)request;
	struct io_link *link = (void *)request;
	struct io_unlink *unlink = (void *)request;
	struct io_mkdir *mkdir = (void *)request;

	switch (opcode) {
	case FC_RING_RENAMEAT:
		args[0] = (__u32)BPF_CORE_READ(rename, old_dfd);
		args[1] = (__u64)BPF_CORE_READ(rename, oldpath, name);
		args[2] = (__u32)BPF_CORE_READ(rename, new_dfd);
		args[3] = (__u64)BPF_CORE_READ(rename, newpath, name);
		args[4] = (__u32)BPF_CORE_READ(rename, flags);
		break;
	case FC_RING_LINKAT:
		args[0] = (__u32)BPF_CORE_READ(link, old_dfd);
		args[1] = (__u64)BPF_CORE_READ(link, oldpath, name);
		args[2] = (__u32)BPF_CORE_READ(link, new_dfd);
		args[3] = (__u64)BPF_CORE_READ(link, newpath, name);
		args[4] = (__u32)BPF_CORE_READ(link, flags);
		break;
	case FC_RING_SYMLINKAT:
		args[0] = (__u64)BPF_CORE_READ(link, oldpath, name);
		args[1] = (__u32)BPF_CORE_READ(link, new_dfd);
		args[2] = (__u64)BPF_CORE_READ(link, newpath, name);
		break;
	case FC_RING_UNLINKAT:
		args[0] = (__u32)BPF_CORE_READ(unlink, dfd);
		args[1] = (__u64)BPF_CORE_READ(unlink, filename, name);
		args[2] = (__u32)BPF_CORE_READ(unlink, flags);
		break;
	case FC_RING_MKDIRAT:
		args[0] = (__u32)BPF_CORE_READ(mkdir, dfd);
		args[1] = (__u64)BPF_CORE_READ(mkdir, filename, name);
		args[2] = BPF_CORE_READ(mkdir, mode);
		break;
	}
}

/* Requests on a descriptor, which is the first argument already. The sixth of a message's words is left out: what a
 * request has no word for is 0 as a system call would pass it. */
static __always_inline void fc_fill_socket_op(__u64 *args, struct io_kiocb *request, __u32 opcode)
{
	struct io_connect *connect = (void *)request;
	struct io_accept *accept = (void *)request;
	struct io_sr_msg *message = (void *)request;
	struct io_socket *socket = (void *)request;
	struct io_shutdown *shutdown = (void *)request;

	switch (opcode) {
	case FC_RING_CONNECT:
		args[1] = fc_user_pointer(BPF_CORE_READ(connect, addr));
		args[2] = (__u32)BPF_CORE_READ(connect, addr_len);
		break;
	case FC_RING_ACCEPT:
		args[1] = fc_user_pointer(BPF_CORE_READ(accept, addr));
		args[2] = fc_user_pointer(BPF_CORE_READ(accept, addr_len));
		args[3] = (__u32)BPF_CORE_READ(accept, flags);
		break;
	case FC_RING_SEND:
	case FC_RING_SEND_ZC:
	case FC_RING_RECV:
		args[1] = fc_user_pointer(BPF_CORE_READ(message, buf));
		args[2] = (__u32)BPF_CORE_READ(message, len);
		args[3] = BPF_CORE_READ(message, msg_flags);
		break;
	case FC_RING_SENDMSG:
	case FC_RING_SENDMSG_ZC:
	case FC_RING_RECVMSG:
		args[1] = fc_user_pointer(BPF_CORE_READ(message, umsg));
		args[2] = BPF_CORE_READ(message, msg_flags);
		break;
	case FC_RING_SHUTDOWN:
		args[1] = (__u32)BPF_CORE_READ(shutdown, how);
		break;
	case FC_RING_SOCKET:
		args[0] = (__u32)BPF_CORE_READ(socket, domain);
		args[1] = (__u32)BPF_CORE_READ(socket, type);
		args[2] = (__u32)BPF_CORE_READ(socket, protocol);
		break;
	}
}

static __always_inline void fc_fill_newer_op(__u64 *args, struct io_kiocb *request, __u32 opcode)
{
	struct io_bind *bind = (void *)request;
	struct io_listen *listen = (void *)request;

	/* the address is in the request's own memory, a struct io_async_msghdr whose layout changes often: the socket
	 * tells it when the call is done */
	if (opcode == FC_RING_BIND && bpf_core_type_exists(struct io_bind))
		args[2] = (__u32)BPF_CORE_READ(bind, addr_len);
	if (opcode == FC_RING_LISTEN && bpf_core_type_exists(struct io_listen))
		args[1] = (__u32)BPF_CORE_READ(listen, backlog);
}

static __always_inline void fc_fill_transfer(__u64 *args, struct io_kiocb *request, __u32 opcode)
{
	struct io_rw *transfer = (void *)request;

	switch (opcode) {
	case FC_RING_READ:
	case FC_RING_READ_FIXED:
	case FC_RING_READV:
	case FC_RING_WRITE:
	case FC_RING_WRITE_FIXED:
	case FC_RING_WRITEV:
		args[1] = fc_user_pointer((void *)BPF_CORE_READ(transfer, addr));
		args[2] = BPF_CORE_READ(transfer, len);
	}
}

/* The arguments as the system call's: in the scratch record. */
__noinline int fc_fill_request(__u64 request_address, __u32 opcode)
{
	struct fc_scratch *s = fc_scratch();
	struct io_kiocb *request = (void *)request_address;

	if (!s)
		return 0;
	__u64 *args = fc_event_of(s)->args;
	args[0] = (__u32)BPF_CORE_READ(request, cqe.fd);
	if (opcode == FC_RING_OPENAT || opcode == FC_RING_OPENAT2) {
		fc_fill_open(args, (void *)request, opcode);
		return 0;
	}
	fc_fill_names(args, request, opcode);
	fc_fill_socket_op(args, request, opcode);
	fc_fill_newer_op(args, request, opcode);
	fc_fill_transfer(args, request, opcode);
	return 0;
}

/* Stashes the record that was begun, findable by request, and by what its completion tells. False: there is no room. */
static __always_inline bool fc_stash_request(struct fc_scratch *s)
{
	struct io_kiocb *request = (void *)s->ring.request;
	struct fc_ring_key key = {
		.ring = (__u64)BPF_CORE_READ(request, ctx),
		.user_data = BPF_CORE_READ(request, cqe.user_data),
	};
	__u64 address = s->ring.request;

	for (__u32 n = 0; n < FC_RING_TWINS; n++) {
		key.n = n;
		/* before 6.4 an int, whose upper half is left undefined */
		int error = (int)bpf_map_update_elem(&ring_requests, &key, &address, BPF_NOEXIST);
		if (error == -FC_EEXIST) {
			__u64 *other = bpf_map_lookup_elem(&ring_requests, &key);
			/* of a request that never completed, whose memory is used again */
			error = other && *other == address ? 0 : error;
		}
		if (error == -FC_EEXIST)
			continue;
		if (error || fc_stash(s, address, n) == 0)
			return !error;
		bpf_map_delete_elem(&ring_requests, &key);
		return false;
	}
	return false;
}

/* Behind the first half of a request: kept until it completes. False where no completion will be seen: the caller asked
 * for none of a success, or there is no room. What is reported instead says that it succeeded. */
static __always_inline bool fc_hold_request(struct fc_scratch *s)
{
	__u64 *args = fc_event_of(s)->args;
	struct io_kiocb *request = (void *)s->ring.request;

	for (int i = 0; i < 6; i++)
		args[i] = (__s64)args[i] < 0 ? 0 : args[i]; /* the kernel's addresses */
	if (BPF_CORE_READ(request, flags) & FC_REQ_CQE_SKIP)
		return false;
	return fc_stash_request(s);
}

/* struct file that a request put into its ring's table instead of the task's; 0 if it has not. */
static __always_inline __u64 fc_ring_slot_file(struct io_kiocb *request, __s64 result)
{
	__u32 opcode = BPF_CORE_READ(request, opcode);
	struct io_ring_ctx *ring = BPF_CORE_READ(request, ctx);
	struct io_ring_ctx___before_6_13 *older = (void *)ring;
	__u64 slot = 0, file = 0;

	if (opcode == FC_RING_OPENAT || opcode == FC_RING_OPENAT2)
		slot = BPF_CORE_READ((struct io_open *)request, file_slot);
	else if (opcode == FC_RING_ACCEPT)
		slot = BPF_CORE_READ((struct io_accept *)request, file_slot);
	else if (opcode == FC_RING_SOCKET)
		slot = BPF_CORE_READ((struct io_socket *)request, file_slot);
	if (!slot || result < 0)
		return 0;
	slot = slot == FC_FILE_INDEX_ALLOC ? (__u64)result : slot - 1;
	if (bpf_core_type_exists(struct io_rsrc_node) &&
	    bpf_core_field_exists(ring->file_table.data)) {
		struct io_rsrc_node **nodes = BPF_CORE_READ(ring, file_table.data.nodes);
		struct io_rsrc_node *node = NULL;
		if (slot >= BPF_CORE_READ(ring, file_table.data.nr))
			return 0;
		bpf_probe_read_kernel(&node, sizeof(node), &nodes[slot]);
		file = node ? BPF_CORE_READ(node, file_ptr) : 0;
	} else if (bpf_core_field_exists(older->nr_user_files)) {
		struct io_fixed_file *files = BPF_CORE_READ(older, file_table.files);
		if (slot >= BPF_CORE_READ(older, nr_user_files))
			return 0;
		bpf_probe_read_kernel(&file, sizeof(file), (void *)files + slot * sizeof(__u64));
	}
	return file & ~FC_SLOT_FLAGS;
}

static __always_inline bool fc_ring_is_compat(struct io_kiocb *request)
{
	struct io_ring_ctx *ring = BPF_CORE_READ(request, ctx);

	return BPF_CORE_READ_BITFIELD_PROBED(ring, compat);
}

/* TP_PROTO(struct io_kiocb *request, …): io_uring_submit_req since 6.4, io_uring_submit_sqe before. */
SEC("raw_tp")
int falcoc_ring_submit(struct bpf_raw_tracepoint_args *ctx)
{
	struct io_kiocb *request = (struct io_kiocb *)ctx->args[0];
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 opcode = BPF_CORE_READ(request, opcode);
	__u32 kind = ring_kinds[opcode & (FC_RING_OP_LIMIT - 1)];

	if (!kind || kind >= FC_KIND_COUNT || opcode >= FC_RING_OP_LIMIT)
		return 0;
	if (BPF_CORE_READ(task, tgid) == self_tgid)
		return 0;
	/* a ring with a polling thread: that is a thread of the process, but none that its program knows of */
	if (BPF_CORE_READ(task, flags) & FC_PF_IO_WORKER)
		task = BPF_CORE_READ(task, group_leader);
	struct fc_scratch *s = fc_begin_process(kind);
	if (!s)
		return 0;
	fc_complete_for(s, task, false);
	fc_event_of(s)->flags = FC_EVENT_IO_URING;
	if (fc_ring_is_compat(request)) {
		fc_event_of(s)->flags |= FC_EVENT_COMPAT32;
		s->compat = 1;
	}
	s->ring.request = (__u64)request;
	s->phase = FC_PHASE_BEGIN;
	fc_fill_request((__u64)request, opcode);
	bpf_tail_call(ctx, &extractors, FC_EXTRACT_BEGIN);
	fc_lost(kind, FC_LOSS_TAIL_CALL);
	return 0;
}

/* Completes the record of a request. `is_last`: nothing more comes of it. */
static __always_inline void fc_finish_request(void *ctx, __u64 address, __s64 result, bool is_last)
{
	struct io_kiocb *request = (void *)address;
	struct fc_scratch *s = fc_scratch();

	if (!s || !fc_unstash(s, address))
		return;
	struct fc_event *event = fc_event_of(s);
	if (is_last) {
		struct fc_ring_key key = {
			.ring = (__u64)BPF_CORE_READ(request, ctx),
			.user_data = BPF_CORE_READ(request, cqe.user_data),
			.n = event->cpu,
		};
		bpf_map_delete_elem(&ring_requests, &key);
		fc_drop_stash(address);
	}
	fc_resume(s, result);
	s->unread = 0;
	s->ring.request = address;
	s->ring.file = (__u64)BPF_CORE_READ(request, file);
	s->ring.new_file = fc_ring_slot_file(request, result);
	bpf_tail_call(ctx, &extractors, FC_EXTRACT_SYSCALL);
	fc_lost(event->kind, FC_LOSS_TAIL_CALL);
}

/* Completes the record of a request that is known by its ring and user_data only: one of those alike whose result is
 * this one. A multishot request posts many results before its last. */
static __always_inline void fc_finish_named(void *ctx, __u64 ring, __u64 user_data, __s64 result,
					    bool is_last)
{
	struct fc_ring_key key = {.ring = ring, .user_data = user_data};
	__u64 found = 0;

	for (__u32 n = 0; n < FC_RING_TWINS && !found; n++) {
		key.n = n;
		__u64 *request = bpf_map_lookup_elem(&ring_requests, &key);
		if (request &&
		    (!is_last || BPF_CORE_READ((struct io_kiocb *)*request, cqe.res) == result))
			found = *request;
	}
	if (found)
		fc_finish_request(ctx, found, result, is_last);
}

/* TP_PROTO(struct io_ring_ctx *ring, struct io_kiocb *request, …). No request: a multishot one's result. */
SEC("raw_tp/io_uring_complete")
int falcoc_ring_complete(struct bpf_raw_tracepoint_args *ctx)
{
	struct io_kiocb *request = (struct io_kiocb *)ctx->args[1];

	if (request) {
		fc_finish_request(ctx, (__u64)request, BPF_CORE_READ(request, cqe.res), true);
	} else if (complete_has_entry) {
		struct io_uring_cqe *entry = (struct io_uring_cqe *)ctx->args[2];
		fc_finish_named(ctx, ctx->args[0], BPF_CORE_READ(entry, user_data),
				BPF_CORE_READ(entry, res), false);
	} else {
		fc_finish_named(ctx, ctx->args[0], ctx->args[2], (__s32)ctx->args[3], false);
	}
	return 0;
}

/* TP_PROTO(struct io_ring_ctx *ring, u64 user_data, s32 result, …): the result found no room in the completion
 * queue, and there is no io_uring_complete of it. */
SEC("raw_tp/io_uring_cqe_overflow")
int falcoc_ring_overflow(struct bpf_raw_tracepoint_args *ctx)
{
	fc_finish_named(ctx, ctx->args[0], ctx->args[1], (__s32)ctx->args[2], true);
	return 0;
}

#endif
