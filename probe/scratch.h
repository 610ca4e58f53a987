/* Maps of the probe and the per-CPU record under construction. Raw tracepoints run with preemption off, and
 * fexit programs are used only on kernels that do not preempt themselves, so one record per CPU is enough.
 */
#ifndef FALCOC_PROBE_SCRATCH_H
#define FALCOC_PROBE_SCRATCH_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "probe/abi.h"
#include "probe/kernel_types.h"
#include "probe/scratch_layout.h"

/* Keeps the compiler from reordering or duplicating a value whose bounds were just checked. */
#define fc_fixed(value) asm volatile("" : "+r"(value))

/* Whether the whole event is told, or one half of it (stash.h). */
enum fc_phase { FC_PHASE_WHOLE, FC_PHASE_BEGIN, FC_PHASE_END };

/* Not per-CPU: those are limited to 32 KiB. User space sets max_entries to the number of CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fc_scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Index kind * FC_LOSS_COUNT + reason. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FC_KIND_COUNT *FC_LOSS_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} losses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FC_KIND_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} submitted SEC(".maps");

/* Generated filters by event kind; an empty slot passes everything. A filter that passes an event tail
 * calls the extractor that the record names, one that rejects returns. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_KIND_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} filters SEC(".maps");

/* Parts of filters: what one that does not fit into a program goes on with, and what falcoc_provide tail calls. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_FILTER_PARTS);
	__type(key, __u32);
	__type(value, __u32);
} filter_parts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_EXTRACTOR_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} extractors SEC(".maps");

/* The same for programs of the type of fexit.h: an array holds programs of one type. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_KIND_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} fexit_filters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FC_EXTRACTOR_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} fexit_extractors SEC(".maps");

/* Event kind by native number and ABI (0 native, 1 32-bit); 0: nobody wants it. Written at run time. */
__u16 syscall_kinds[FC_SYSCALL_LIMIT][2] __attribute__((aligned(8)));
/* What of each kind rules want: FC_WANT_* bits. */
__u8 wanted_kinds[FC_KIND_COUNT];
/* The process that watches, as falcoc_find_self found it; 0: none. What it does itself is not reported: it
 * would watch itself reporting. */
int self_tgid;
/* Sum of all losses: what user space looks at once a second before it reads the counters one by one. */
__u64 lost_events;
/* When the reader was last woken, boot clock. */
__u64 last_wakeup_ns;
/* Set before loading, constant afterwards. */
const volatile struct fc_plan plans[FC_KIND_COUNT] = {};

static __always_inline struct fc_scratch *fc_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&scratches, &cpu);
}

static __always_inline struct fc_event *fc_event_of(struct fc_scratch *s)
{
	return (struct fc_event *)s->record;
}

static __always_inline void fc_count(void *map, __u32 index)
{
	__u64 *counter = bpf_map_lookup_elem(map, &index);
	if (counter)
		*counter += 1;
}

static __always_inline void fc_lost(__u32 kind, enum fc_loss reason)
{
	fc_count(&losses, kind * FC_LOSS_COUNT + reason);
	if (reason != FC_LOSS_FAULT)
		__sync_fetch_and_add(&lost_events, 1);
}

/* Begins an item; its bytes follow the returned header, FC_ARGS_BYTES of room. Null: no room left, the
 * record is marked. */
static __always_inline struct fc_item *fc_item_begin(struct fc_scratch *s, __u32 tag, __u32 index)
{
	__u32 at = s->used;

	fc_fixed(at);
	if (at > FC_RECORD_LAST) {
		fc_event_of(s)->flags |= FC_EVENT_TRUNCATED;
		return NULL;
	}
	struct fc_item *item = (struct fc_item *)&s->record[at];
	item->tag = tag;
	item->flags = 0;
	item->index = index;
	item->size = 0;
	return item;
}

static __always_inline void *fc_item_bytes(struct fc_item *item)
{
	return item + 1;
}

/* Says that memory of the caller could not be read. */
static __always_inline void fc_mark_fault(struct fc_scratch *s)
{
	fc_event_of(s)->flags |= FC_EVENT_FAULT;
}

static __always_inline void fc_item_end(struct fc_scratch *s, struct fc_item *item, __u32 size,
					__u32 flags)
{
	item->size = size;
	item->flags = flags;
	s->used += sizeof(*item) + ((size + 7) & ~7u);
	fc_event_of(s)->item_count++;
	if (flags & FC_ITEM_CUT)
		fc_event_of(s)->flags |= FC_EVENT_TRUNCATED;
	if (flags & FC_ITEM_FAULT)
		fc_mark_fault(s);
}

static __always_inline void fc_add_u64(struct fc_scratch *s, __u32 tag, __u64 value)
{
	struct fc_item *item = fc_item_begin(s, tag, 0);
	if (!item)
		return;
	*(__u64 *)fc_item_bytes(item) = value;
	fc_item_end(s, item, sizeof(value), 0);
}

/* Waking the reader costs more than all the rest of an event, so it is done for the first event after a pause,
 * and then at most once per interval; a reader that has just read comes back by itself in the meantime. */
static __always_inline __u64 fc_wakeup_flags(__u64 now)
{
	__u64 unread = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	__u64 interval = unread > bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / FC_WAKEUP_FILL_SHARE
				 ? FC_WAKEUP_FULL_NS
				 : FC_WAKEUP_NS;

	if (now - last_wakeup_ns < interval)
		return BPF_RB_NO_WAKEUP;
	last_wakeup_ns = now;
	return BPF_RB_FORCE_WAKEUP; /* without force, unread records would keep the reader asleep */
}

/* Puts the finished record into the ring. */
static __always_inline void fc_submit(struct fc_scratch *s)
{
	struct fc_event *event = fc_event_of(s);
	__u32 kind = event->kind;
	__u64 flags = fc_wakeup_flags(event->time_ns);
	__u64 size = s->used;

	fc_fixed(size);
	if (size > FC_RECORD_BYTES) {
		fc_lost(kind, FC_LOSS_SCRATCH);
		return;
	}
	event->size = size;
	if (bpf_ringbuf_output(&ring, s->record, size, flags) != 0) {
		fc_lost(kind, FC_LOSS_RING_FULL);
		return;
	}
	fc_count(&submitted, kind);
	if (event->flags & FC_EVENT_FAULT)
		fc_lost(kind, FC_LOSS_FAULT);
}

#endif
