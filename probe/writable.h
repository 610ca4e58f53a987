/* Whether a task may write the file that it runs, or may grant itself the right to: Falco's is_exe_writable.
 */
#ifndef FALCOC_PROBE_WRITABLE_H
#define FALCOC_PROBE_WRITABLE_H

#include "probe/scratch.h"

#define FC_SB_RDONLY 1
#define FC_S_IMMUTABLE (1 << 3)
#define FC_CAP_DAC_OVERRIDE (1ull << 1)
#define FC_CAP_FOWNER (1ull << 3)
#define FC_GROUP_STEPS 17 /* halves NGROUPS_MAX, 65536, down to nothing */
#define FC_EXTENTS 5	  /* UID_GID_MAP_MAX_BASE_EXTENTS; more lie elsewhere */

/* The kernel keeps supplementary groups sorted. */
__noinline int fc_in_groups(__u64 group_info_address, __u32 gid)
{
	struct group_info *groups = (void *)group_info_address;
	__u32 low = 0;
	__u32 high = groups ? BPF_CORE_READ(groups, ngroups) : 0;
	const char *gids =
		groups ? (const char *)__builtin_preserve_access_index(&groups->gid[0]) : NULL;

	for (int i = 0; i < FC_GROUP_STEPS && low < high; ++i) {
		__u32 middle = low + (high - low) / 2;
		__u32 found = 0;

		bpf_probe_read_kernel(&found, sizeof(found), gids + (__u64)middle * sizeof(found));
		if (found == gid)
			return 1;
		if (found < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* Whether a user namespace has a number for this one of the initial namespace. Capabilities count for files of
 * owners that it has alone. A map of more extents than lie in the map itself is taken to have all.
 */
static __always_inline bool fc_is_mapped(struct uid_gid_map *map, __u32 id)
{
	struct uid_gid_extent extents[FC_EXTENTS] = {};
	__u32 count = BPF_CORE_READ(map, nr_extents);

	if (count > FC_EXTENTS)
		return true;
	bpf_probe_read_kernel(extents, sizeof(extents),
			      __builtin_preserve_access_index(&map->extent[0]));
	for (__u32 i = 0; i < FC_EXTENTS; ++i) {
		if (i < count && id - extents[i].lower_first < extents[i].count)
			return true;
	}
	return false;
}

__noinline int fc_is_writable(__u64 inode_address, __u64 cred_address)
{
	struct inode *inode = (void *)inode_address;
	const struct cred *cred = (void *)cred_address;

	if (!inode || !cred)
		return 0;
	if (BPF_CORE_READ(inode, i_sb, s_flags) & FC_SB_RDONLY)
		return 0;
	if (BPF_CORE_READ(inode, i_flags) & FC_S_IMMUTABLE)
		return 0;
	__u32 uid = BPF_CORE_READ(inode, i_uid.val);
	__u32 gid = BPF_CORE_READ(inode, i_gid.val);
	if (uid == (__u32)-1 || gid == (__u32)-1)
		return 0;
	if (uid == BPF_CORE_READ(cred, fsuid.val))
		return 1; /* the owner may change the mode */
	__u32 mode = BPF_CORE_READ(inode, i_mode);
	if (gid == BPF_CORE_READ(cred, fsgid.val) ||
	    fc_in_groups((__u64)BPF_CORE_READ(cred, group_info), gid))
		mode >>= 3;
	if (mode & 2)
		return 1;
	__u64 caps = 0;
	bpf_probe_read_kernel(&caps, sizeof(caps),
			      __builtin_preserve_access_index(&cred->cap_effective));
	struct user_namespace *users = BPF_CORE_READ(cred, user_ns);
	if (!(caps & (FC_CAP_DAC_OVERRIDE | FC_CAP_FOWNER)) || !users)
		return 0;
	if (!fc_is_mapped(__builtin_preserve_access_index(&users->uid_map), uid))
		return 0;
	return (caps & FC_CAP_FOWNER) ||
	       fc_is_mapped(__builtin_preserve_access_index(&users->gid_map), gid);
}

#endif /* FALCOC_PROBE_WRITABLE_H */
