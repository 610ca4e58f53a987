/* What filters ask of the event's descriptor, found where the probe would look for the record.
 */
#ifndef FALCOC_PROBE_DESCRIPTOR_H
#define FALCOC_PROBE_DESCRIPTOR_H

#include "probe/file.h"
#include "probe/scratch.h"

/* Addresses behind the names of hosts that rules compare with (fd.sip.name): all that user space ever took into use, IPv4 ones
 * mapped to IPv6. It puts them here before it does. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FC_NAMED_ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u8[16]);
	__type(value, __u8);
} named_addresses SEC(".maps");

/* FC_NAMES_*. Written at run time. */
__u8 names;

static __always_inline bool fc_has_name(struct fc_fd *fd, const __u8 *address)
{
	__u8 key[16] = {[10] = 0xff, [11] = 0xff};

	if (fd->family == FC_AF_INET)
		__builtin_memcpy(key + 12, address, 4);
	else
		__builtin_memcpy(key, address, sizeof(key));
	return bpf_map_lookup_elem(&named_addresses, key) != NULL;
}

static __always_inline __u32 fc_named(struct fc_fd *fd)
{
	if (names == FC_NAMES_TOO_MANY)
		return FC_NAMED_UNKNOWN;
	if (names == FC_NAMES_NONE)
		return FC_NAMED_NONE;
	if (fd->family != FC_AF_INET && fd->family != FC_AF_INET6)
		return FC_NAMED_NONE;
	return fc_has_name(fd, fd->local_addr) || fc_has_name(fd, fd->remote_addr) ? FC_NAMED_SOME
										   : FC_NAMED_NONE;
}

/* FC_FD_TYPE_* of a descriptor that is open. */
static __always_inline __u32 fc_type_of(struct fc_fd *fd)
{
	if (fd->anon_kind != FC_ANON_NONE)
		return fd->anon_kind;
	if (fd->family)
		return FC_FD_TYPE_SOCKET + (fd->family & 63);
	return FC_FD_TYPE_MODE + (fd->mode >> 12 & 15);
}

/* Fills s->descriptor. Of requests of io_uring nothing is known: no filter runs on them. */
static __always_inline void fc_find_descriptor(struct fc_scratch *s, struct task_struct *task)
{
	struct fc_descriptor *found = &s->descriptor;
	struct fc_event *event = fc_event_of(s);
	__s64 ret = event->ret;
	__u32 argument = ret >= 0 ? found->argument : found->if_failed;
	unsigned long magic;
	int fd = -1;

	found->type = FC_FD_TYPE_CLOSED;
	found->named = FC_NAMED_UNKNOWN;
	__builtin_memset(&found->fd, 0, sizeof(found->fd));
	found->known = 1;
	if (argument == FC_ARG_RET)
		fd = ret;
	else if (argument < 6)
		fd = event->args[argument];
	if (fd < 0)
		return;
	struct file *file = fc_file_of_fd(task, fd);
	if (!file)
		return;
	fc_fill_fd(&found->fd, file, &magic);
	found->type = fc_type_of(&found->fd);
	found->named = fc_named(&found->fd);
}

#endif
