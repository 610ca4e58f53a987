/* What the arguments of keyctl's operations are (include/uapi/linux/keyctl.h, security/keys/keyctl.c; as Falco
 * reports them). Shared by BPF C and C++.
 */
#ifndef FALCOC_PROBE_KEYCTL_H
#define FALCOC_PROBE_KEYCTL_H

#include "probe/abi.h"

struct fc_keyctl_shape {
	fc_u8 count; /* arguments behind the operation, 4 at most */
	fc_u8 texts; /* bit n: argument n, from 1 as in the call's registers, is a text */
};

#define FC_KEYCTL_TEXT(n) (1 << (n))

/* Index: operation. */
static const struct fc_keyctl_shape fc_keyctl_shapes[] = {
	{2, 0},					    /* GET_KEYRING_ID */
	{1, FC_KEYCTL_TEXT(1)},			    /* JOIN_SESSION_KEYRING */
	{3, 0},					    /* UPDATE */
	{1, 0},					    /* REVOKE */
	{3, 0},					    /* CHOWN */
	{2, 0},					    /* SETPERM */
	{3, 0},					    /* DESCRIBE */
	{1, 0},					    /* CLEAR */
	{2, 0},					    /* LINK */
	{2, 0},					    /* UNLINK */
	{4, FC_KEYCTL_TEXT(2) | FC_KEYCTL_TEXT(3)}, /* SEARCH */
	{3, 0},					    /* READ */
	{4, 0},					    /* INSTANTIATE */
	{3, 0},					    /* NEGATE */
	{1, 0},					    /* SET_REQKEY_KEYRING */
	{2, 0},					    /* SET_TIMEOUT */
	{1, 0},					    /* ASSUME_AUTHORITY */
	{3, 0},					    /* GET_SECURITY */
	{0, 0},					    /* SESSION_TO_PARENT */
	{4, 0},					    /* REJECT */
	{4, 0},					    /* INSTANTIATE_IOV */
	{1, 0},					    /* INVALIDATE */
	{2, 0},					    /* GET_PERSISTENT */
	{4, 0},					    /* DH_COMPUTE */
	{3, FC_KEYCTL_TEXT(3)},			    /* PKEY_QUERY */
	{4, FC_KEYCTL_TEXT(2)},			    /* PKEY_ENCRYPT */
	{4, FC_KEYCTL_TEXT(2)},			    /* PKEY_DECRYPT */
	{4, FC_KEYCTL_TEXT(2)},			    /* PKEY_SIGN */
	{4, FC_KEYCTL_TEXT(2)},			    /* PKEY_VERIFY */
	{3, FC_KEYCTL_TEXT(2) | FC_KEYCTL_TEXT(3)}, /* RESTRICT_KEYRING */
	{4, 0},					    /* MOVE */
	{2, 0},					    /* CAPABILITIES */
	{3, 0},					    /* WATCH_KEY */
};

#define FC_KEYCTL_OPERATIONS (sizeof(fc_keyctl_shapes) / sizeof(fc_keyctl_shapes[0]))

#endif
