/* socketcall(2), by which 32-bit x86 programs do everything with sockets: a number, and the arguments in an array.
 */
#ifndef FALCOC_PROBE_SOCKETCALL_H
#define FALCOC_PROBE_SOCKETCALL_H

#include "probe/scratch.h"

/* Event kind by the call's number, 0: nobody wants it. Written at run time. */
__u16 socketcall_kinds[FC_SOCKETCALL_LIMIT];

/* How many words each call reads of its array; the kernel's table, net/socket.c. */
static const __u8 fc_socketcall_words[FC_SOCKETCALL_LIMIT] = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4,
							      6, 6, 2, 5, 5, 3, 3, 4, 5, 4};

static __always_inline __u32 fc_socketcall_kind(__u32 call)
{
	return call < FC_SOCKETCALL_LIMIT ? socketcall_kinds[call & (FC_SOCKETCALL_LIMIT - 1)] : 0;
}

/* Turns the arguments of socketcall into those of the call it makes. */
static __always_inline void fc_socketcall_args(__u64 *args)
{
	__u32 words[6] = {};
	__u64 size = 4 * fc_socketcall_words[args[0] & (FC_SOCKETCALL_LIMIT - 1)];

	fc_fixed(size);
	if (size <= sizeof(words))
		bpf_probe_read_user(words, size, (void *)args[1]);
	for (int i = 0; i < 6; i++)
		args[i] = words[i];
}

#endif
