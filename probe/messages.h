/* sendmmsg and recvmmsg: an event per message, as in Falco, whose result is the length of that message.
 */
#ifndef FALCOC_PROBE_MESSAGES_H
#define FALCOC_PROBE_MESSAGES_H

#include "probe/extract.h"

#define FC_MESSAGE_LIMIT 1024 /* UIO_MAXIOV: the kernel takes no more */
#define FC_MESSAGE_FD_PARAM 1 /* index of the parameter fd in both events */

/* Bytes of a struct mmsghdr: the header's longs, the length, padding. */
static __always_inline __u32 fc_message_bytes(struct fc_scratch *s)
{
	return s->compat ? FC_MSG_LONGS * 4 + 4 : (FC_MSG_LONGS + 1) * 8;
}

/* Completes and submits the record of message `index`. */
__noinline int fc_message_step(__u32 kind, __u32 index)
{
	struct fc_scratch *s = fc_scratch();
	__u32 length = 0;

	if (!s)
		return 0;
	struct fc_event *event = fc_event_of(s);
	__u64 address = s->messages.address + index * fc_message_bytes(s);
	s->used = s->messages.used;
	event->item_count = s->messages.item_count;
	event->flags &= ~(FC_EVENT_TRUNCATED | FC_EVENT_FAULT);
	event->args[1] = address;
	if (bpf_probe_read_user(&length, sizeof(length),
				(void *)(address + FC_MSG_LONGS * (s->compat ? 4 : 8))) != 0)
		fc_mark_fault(s);
	event->ret = length;
	fc_run_plan(kind);
	fc_add_standard_fds(kind);
	fc_submit(s);
	return 0;
}

static __always_inline void fc_extract_messages(struct fc_scratch *s, __u32 kind)
{
	struct fc_event *event = fc_event_of(s);
	__s64 count = event->ret;

	if (count <= 0) { /* nothing was sent or received: what the call is about, no message */
		fc_add_fd((int)event->args[0], FC_MESSAGE_FD_PARAM, FC_ITEM_FD);
		fc_add_standard_fds(kind);
		fc_submit(s);
		return;
	}
	s->messages.address = event->args[1];
	s->messages.used = s->used;
	s->messages.item_count = event->item_count;
	for (__u32 i = 0; i < FC_MESSAGE_LIMIT; i++) {
		if (i >= count)
			break;
		fc_message_step(kind, i);
	}
}

#endif
