/* Which side of a connection a socket is. connect makes a client, accept a server; the kernel forgets it, so it is
 * noted here when such a call ends, whether or not a rule wants the call. User space need not see it then.
 */
#ifndef FALCOC_PROBE_ROLES_H
#define FALCOC_PROBE_ROLES_H

#include "probe/abi.h"
#include "probe/kernel_types.h"

#define FC_EINPROGRESS 115

/* By address of the struct sock. A new socket may have that of an old one, so an entry counts only while the socket has
 * a peer: what has one has connected or was accepted since. Whose entry was pushed out is taken for one that was there
 * before the daemon. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FC_ROLES);
	__type(key, __u64);
	__type(value, __u32);
} roles SEC(".maps");

static __always_inline __u32 fc_role_of(__u64 sock)
{
	__u32 *role = bpf_map_lookup_elem(&roles, &sock);

	return role ? *role : FC_ROLE_UNKNOWN;
}

/* Behind connect (`connects`) or accept: notes the role of the socket in `file`. */
static __always_inline void fc_note_role(struct file *file, bool connects)
{
	__u32 role = connects ? FC_ROLE_CLIENT : FC_ROLE_SERVER;
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if ((BPF_CORE_READ(inode, i_mode) & FC_S_IFMT) != FC_S_IFSOCK)
		return;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	__u64 sock = (__u64)BPF_CORE_READ(socket, sk);
	if (sock)
		bpf_map_update_elem(&roles, &sock, &role, BPF_ANY);
}

#endif
