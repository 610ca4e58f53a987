/* The per-CPU record under construction and what the generated filters keep beside it. Shared by BPF C and
 * C++: filters are made in user space and read it at these offsets.
 */
#ifndef FALCOC_PROBE_SCRATCH_LAYOUT_H
#define FALCOC_PROBE_SCRATCH_LAYOUT_H

#include "probe/abi.h"

#define FC_RECORD_BYTES (128 * 1024)			      /* every item at its limit fits */
#define FC_RECORD_LAST (FC_RECORD_BYTES - FC_ARGS_BYTES - 64) /* an item may begin up to here */
#define FC_PATH_NAME_BYTES 256				      /* NAME_MAX + 1 */

/* Texts that a filter reads from the program's memory. A longer one is not looked at: few paths are, and each
 * byte is one more for the verifier to walk. */
#define FC_FILTER_TEXTS 3
#define FC_FILTER_TEXT_BYTES 256
/* What a filter found out about texts, a bit for each question; the first word is not 0 if any bit is set. */
#define FC_FILTER_FOUND_WORDS 32
/* Filters are made of parts that follow each other; slot 0 is nobody's. Two rulesets have room. */
#define FC_FILTER_PARTS 4096

/* fc_text.state */
#define FC_TEXT_UNREADABLE 0x1 /* no address, or memory that is not there */
#define FC_TEXT_LONG 0x2       /* FC_FILTER_TEXT_BYTES or more, the NUL included */
#define FC_TEXT_RELATIVE 0x4   /* does not begin with a slash; the empty text too */
#define FC_TEXT_ODD 0x8	       /* absolute; a component is empty, `.` or `..` */
#define FC_TEXT_NORMAL 0x10    /* absolute, and cleaning it up would change nothing */
#define FC_TEXT_JOINED                                                                             \
	0x20 /* was relative and has its directory now; what of the above is not known yet */

/* fc_text.directory: no text of the program, but the path of the file whose descriptor the call returned. Its state is
 * FC_TEXT_NORMAL if the file has no other name, FC_TEXT_ODD if it may have. */
#define FC_TEXT_OF_RESULT 8

/* fc_scratch.wants: what FC_PROVIDE is to find */
#define FC_WANTS_FACTS 0x1
#define FC_WANTS_JOINED 0x2 /* of text 0, shifted left for the others */
#define FC_WANTS_DESCRIPTOR 0x10

struct fc_text {
	fc_u64 address; /* in the program */
	fc_u32 state;	/* FC_TEXT_* */
	fc_u32 size;	/* without the NUL; 0 if unreadable or long, and then the text is empty */
	fc_u32 last_slash; /* index; 0 if there is no other */
	fc_u32 directory; /* argument with the descriptor of the directory, FC_ARG_NONE: the working directory, or FC_TEXT_OF_RESULT */
	fc_u8 bytes[FC_FILTER_TEXT_BYTES + 16]; /* NULs behind the text, to a whole word */
};

/* The event's descriptor, for filters. */
struct fc_descriptor {
	fc_u32 known;	 /* 0: nothing is known of it */
	fc_u8 type;	 /* FC_FD_TYPE_*; closed ones have nothing else */
	fc_u8 argument;	 /* register that it is in, FC_ARG_RET or FC_ARG_NONE; the filter says so */
	fc_u8 if_failed; /* the same for a call that failed */
	fc_u8 named;	 /* FC_NAMED_* */
	struct fc_fd fd;
};

/* Whether an end of a connection has an address that rules have a name for (named_addresses). */
#define FC_NAMED_UNKNOWN 0
#define FC_NAMED_NONE 1
#define FC_NAMED_SOME 2
/* Which addresses there are names for. */
#define FC_NAMES_NONE 0
#define FC_NAMES_SOME 1
#define FC_NAMES_TOO_MANY 2 /* for the map */
#define FC_NAMED_ADDRESSES 4096

/* A copy of a text's bytes in small letters; in front of it and behind it there is room for a word. */
struct fc_folded {
	fc_u64 before;
	fc_u8 bytes[FC_FILTER_TEXT_BYTES + 16];
};

struct fc_scratch {
	fc_u32 used;
	fc_u32 compat;	    /* the 32-bit ABI's pointers and longs */
	fc_u32 cwd_written; /* FC_ITEM_CWD is in the record */
	fc_u32 phase;	    /* enum fc_phase */
	fc_u32 unread;	    /* bit per operation: BEGIN could not read the text, END tries again */
	fc_u32 text_count;  /* texts that the filter of this event has read */
	fc_u32 resume;	    /* slot of filter_parts that FC_PROVIDE goes on with */
	fc_u32 wants;	    /* FC_WANTS_* */
	fc_u64 task;	    /* whose paths are read; 0: the current one */
	struct {	    /* of an io_uring request, 0 in system calls (io_uring.h) */
		fc_u64 request;
		fc_u64 file; /* struct file that it works on, 0: none, or named by a descriptor */
		fc_u64 new_file; /* that it put into the ring's own table */
	} ring;
	struct {	      /* what a loop carries from round to round (path.h) */
		fc_u32 at;    /* begin of the path in `path`; bytes of strings written */
		fc_u32 begin; /* of the path of a directory in `path` */
		fc_u64 dentry, vfsmount, root_dentry, root_vfsmount;
		fc_u64 mount_root; /* of vfsmount */
		fc_u64 node;	   /* of a cgroup */
	} walk;
	struct { /* what the records of one sendmmsg or recvmmsg have in common (messages.h) */
		fc_u64 address; /* of the array */
		fc_u32 used, item_count;
	} messages;
	struct fc_known_facts facts;	 /* written by falcoc_provide, for the filter behind it */
	struct fc_descriptor descriptor; /* likewise */
	fc_u32 found[FC_FILTER_FOUND_WORDS];
	fc_u8 key[FC_FILTER_TEXT_BYTES]; /* what a filter looks up in a set of its own */
	struct fc_text
		texts[2 *
		      FC_FILTER_TEXTS]; /* as passed; then as falcoc_provide joined or found them */
	struct fc_folded
		folded[2 * FC_FILTER_TEXTS]; /* of each of these, where a filter asks for it */
	fc_u8 record[FC_RECORD_BYTES];	     /* struct fc_event, then items */
	fc_u8 path[FC_TEXT_BYTES +
		   FC_PATH_NAME_BYTES]; /* a path grows backwards from FC_TEXT_BYTES */
	fc_u64 rejected[FC_KIND_COUNT]; /* events that filters dropped, by kind; never reset */
};

#endif
