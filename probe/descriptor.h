/* What filters ask of the event's descriptor, found where the probe would look for the record.
 */
#ifndef FALCOC_PROBE_DESCRIPTOR_H
#define FALCOC_PROBE_DESCRIPTOR_H

#include "probe/file.h"
#include "probe/scratch.h"

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
}

#endif
