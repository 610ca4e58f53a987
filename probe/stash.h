/* Events in two halves. What must be caught while a call begins (texts that the caller could change meanwhile, or that
 * the kernel has let go of when it ends) is written into a record then; the record waits under a key until the call
 * ends, and is completed and submitted there. Used by io_uring (the key is the request's address) and by calls
 * whose arguments are caught at entry (the key is the thread's id).
 */
#ifndef FALCOC_PROBE_STASH_H
#define FALCOC_PROBE_STASH_H

#include "probe/scratch.h"

#define FC_STASH_BYTES 2048 /* most paths are short */
#define FC_LARGE_STASH_BYTES                                                                       \
	24576 /* two paths, their directories and the working directory at their limits */

struct fc_stash {
	__u8 record[FC_STASH_BYTES];
};
struct fc_large_stash {
	__u8 record[FC_LARGE_STASH_BYTES];
};

/* Not LRU: who fills it must not push out what others have begun. Without room, events are reported at once (io_uring)
 * or read at the end as all others (entry). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct fc_stash);
} stashes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct fc_large_stash);
} large_stashes SEC(".maps");

/* While a record is stashed, its header keeps in
 *   size       the bytes used
 *   extractor  whether the working directory is in it
 *   cpu        what the caller wants to know again, `note`
 * all of which are written anew when it is completed. Returns 0, or an error if there is no room. */
static __always_inline long fc_stash(struct fc_scratch *s, __u64 key, __u32 note)
{
	struct fc_event *event = fc_event_of(s);

	event->size = s->used;
	event->extractor = s->cwd_written;
	event->cpu = note;
	if (s->used <= FC_STASH_BYTES) {
		bpf_map_delete_elem(&large_stashes, &key); /* of a call that never ended */
		return bpf_map_update_elem(&stashes, &key, s->record, BPF_ANY);
	}
	bpf_map_delete_elem(&stashes, &key);
	if (s->used > FC_LARGE_STASH_BYTES)
		return -1;
	return bpf_map_update_elem(&large_stashes, &key, s->record, BPF_ANY);
}

/* Brings the stashed record back into the scratch space, with `note` in event.cpu. False: there is none. */
static __always_inline bool fc_unstash(struct fc_scratch *s, __u64 key)
{
	struct fc_event *from = bpf_map_lookup_elem(&stashes, &key);
	__u64 size = 0;

	if (from) {
		size = from->size;
		fc_fixed(size);
		if (size > FC_STASH_BYTES)
			return false;
		bpf_probe_read_kernel(s->record, size, from);
	} else {
		from = bpf_map_lookup_elem(&large_stashes, &key);
		if (!from)
			return false;
		size = from->size;
		fc_fixed(size);
		if (size > FC_LARGE_STASH_BYTES)
			return false;
		bpf_probe_read_kernel(s->record, size, from);
	}
	s->used = size;
	s->cwd_written = fc_event_of(s)->extractor;
	return true;
}

static __always_inline void fc_drop_stash(__u64 key)
{
	if (bpf_map_delete_elem(&stashes, &key) != 0)
		bpf_map_delete_elem(&large_stashes, &key);
}

/* What a completed record says of when and where. */
static __always_inline void fc_resume(struct fc_scratch *s, __s64 ret)
{
	struct fc_event *event = fc_event_of(s);

	event->ret = ret;
	event->time_ns = bpf_ktime_get_boot_ns();
	event->cpu = bpf_get_smp_processor_id();
	event->extractor = FC_EXTRACT_SYSCALL;
	s->compat = event->flags & FC_EVENT_COMPAT32;
	s->phase = FC_PHASE_END;
	s->text_count = 0;
	s->ring.request = s->ring.file = s->ring.new_file = 0;
}

#endif
