/* Layout of the records that the probe puts into the ring buffer. Shared by BPF C and C++; plain C,
 * natural alignment, no pointers. A record is a struct fc_event followed by item_count items, each a
 * struct fc_item and its bytes padded to 8. The runtime decodes records as hostile input.
 */
#ifndef FALCOC_PROBE_ABI_H
#define FALCOC_PROBE_ABI_H

#ifdef __cplusplus
#include <cstdint>
typedef uint64_t fc_u64;
typedef int64_t fc_s64;
typedef uint32_t fc_u32;
typedef uint16_t fc_u16;
typedef uint8_t fc_u8;
#else
typedef __u64 fc_u64;
typedef __s64 fc_s64;
typedef __u32 fc_u32;
typedef __u16 fc_u16;
typedef __u8 fc_u8;
#endif

#define FC_ABI_VERSION 3

/* Event kinds: Falco's event code, or FC_GENERIC_BASE + Falco's syscall code for system calls
 * without an event of their own (EventKind in compiler/catalog/types.h). From FC_STATE_BASE on:
 * records for the process table only, never seen by rules. */
#define FC_GENERIC_BASE 512
#define FC_STATE_BASE 1024
#define FC_STATE_FORK (FC_STATE_BASE + 0) /* a task was created; task = the child */
#define FC_STATE_EXEC (FC_STATE_BASE + 1) /* an image was replaced, where no rule wants execve */
#define FC_SOCKETCALL (FC_STATE_BASE + 7) /* in syscall_kinds only: the kind is socketcall_kinds' */
#define FC_STATE_TASK                                                                              \
	(FC_STATE_BASE + 2) /* a process as it is, at the start: task = its main thread */
#define FC_STATE_LISTENER                                                                          \
	(FC_STATE_BASE + 3) /* FC_ITEM_FD: a listening socket that task has, at the start */
#define FC_KIND_COUNT 1032

#define FC_COMM_LEN 16
#define FC_SYSCALL_LIMIT 1024 /* native numbers per ABI, above every known one; a power of two */
#define FC_X32_FIRST 512      /* x86-64: from here on calls with x32's layout of structures */
#define FC_SOCKETCALL_LIMIT 32

/* fc_event.flags */
#define FC_EVENT_COMPAT32 0x1  /* issued through the 32-bit entry */
#define FC_EVENT_IO_URING 0x2  /* issued through io_uring */
#define FC_EVENT_TRUNCATED 0x4 /* an item did not fit and was cut or left out */
#define FC_EVENT_FAULT 0x8     /* some memory that a parameter points to was not readable */

/* fc_task.threads: the number, and whether the main thread is one of them */
#define FC_THREADS_COUNT 0x7fffffffu
#define FC_THREADS_LEADER_GONE 0x80000000u

/* Who acted, read from kernel objects at the event. */
struct fc_task {
	fc_u64 start_time_ns; /* of the thread group leader, boot clock: with pid the identity */
	fc_u64 cgroup_id;     /* of the v2 hierarchy, present on hybrid hosts too */
	fc_u32 tid, pid;      /* in the initial pid namespace */
	fc_u32 vtid, vpid;    /* in the task's own */
	fc_u32 ppid;	      /* process of the real parent */
	fc_u32 uid, gid;      /* effective, initial user namespace */
	fc_u32 exec_id;	      /* how often it and those it descends from have executed; 0 = never */
	fc_u32 threads;	      /* living ones of the process, FC_THREADS_* */
	fc_u32 reserved;
	char comm[FC_COMM_LEN]; /* NUL-terminated */
};

struct fc_event {
	fc_u32 size; /* of the whole record in bytes, multiple of 8 */
	fc_u16 kind;
	fc_u16 flags;
	fc_u64 time_ns; /* boot clock, at the hook */
	fc_s64 ret;	/* return value of a system call */
	fc_u64 args[6]; /* registers of a system call, zero-extended for the 32-bit ABI */
	fc_u16 cpu;
	fc_u16 syscall_nr;
	fc_u16 item_count;
	fc_u16 extractor; /* enum fc_extractor: the program that completes the record, for filters */
	/* What the filter of the kind found: rules that may match, one bit each or one for several
	 * (candidate_bit in compiler/ir/split/kernel_plan.h). */
	fc_u64 candidates;
	fc_u32 filter_generation; /* of the rules that the bits stand for; 0: no filter ran, all may match */
	fc_u32 reserved;
	struct fc_task task;
};

/* Contents of items. Text ends with a NUL that fc_item.size counts. A parameter item (tag < FC_PARAM_LIMIT) holds
 *   text types                 the text as passed
 *   buffers                    the first bytes: FC_DATA_BYTES, or as many as user space asks for (data_bytes)
 *   SOCKADDR, SOCKTUPLE        the struct sockaddr as passed, FC_SOCKADDR_BYTES at most
 *   FDLIST                     array of struct fc_poll_fd
 *   DYN, quotactl, semop       the option, structure or text as passed (probe/extract_command.h)
 *   every other type           the value as one fc_u64, zero- or sign-extended
 */
#define FC_PARAM_LIMIT 0x100

/* Bits of wanted_kinds[kind], by which user space says what it wants. */
#define FC_WANT_EVENT 0x1
#define FC_WANT_STANDARD_FDS 0x2 /* with descriptors 0 to 2 of the process */
#define FC_WANT_AT_ENTRY 0x4	 /* with texts as they were at the call's entry */
#define FC_WANT_TRUE_NAMES 0x8	 /* with the other names of the event's file */
#define FC_WANT_FD_TABLE 0x10	 /* with FC_ITEM_FD_TABLE */
#define FC_WANT_POLLED_FDS 0x20	 /* poll and ppoll: with FC_ITEM_POLLED_FD */
#define FC_WANT_ROLES 0x40	 /* connect and accept: note who is the client (roles.h) */

/* fc_item.tag: index of the parameter in the event table whose value the item is, or one of these. */
#define FC_ITEM_CWD 0x100 /* text: working directory, if a relative path needs it */
#define FC_ITEM_DIR_PATH                                                                           \
	0x101		 /* text: path of a directory fd; fc_item.index = parameter with the path */
#define FC_ITEM_FD 0x102 /* struct fc_fd; index = parameter that holds the fd */
#define FC_ITEM_FD_PATH 0x103 /* text: path of that file from its dentries; index likewise */
#define FC_ITEM_FD_ALIAS                                                                           \
	0x104 /* text: another name of that file (truth.h). In kinds whose FC_WANT_TRUE_NAMES is set */
#define FC_ITEM_EXEC                                                                               \
	0x110 /* struct fc_exec: the new image, for FC_STATE_FORK the child's inheritance, for calls that change
	       * credentials or session what came of it */
#define FC_ITEM_EXE_PATH 0x111 /* text: path of the executable from its dentries */
#define FC_ITEM_FILENAME 0x112 /* text: path as given to execve */
#define FC_ITEM_ARGS 0x113     /* NUL-separated argv, argv[0] included */
#define FC_ITEM_ENV 0x114      /* NUL-separated environment */
#define FC_ITEM_CGROUP 0x115   /* text "controller=path"; v2: "=path"; one item per hierarchy */
#define FC_ITEM_FORK 0x116     /* struct fc_fork */
#define FC_ITEM_EXIT 0x117     /* struct fc_exit */
#define FC_ITEM_STANDARD_FD                                                                        \
	0x118 /* struct fc_fd of descriptor 0, 1 or 2, which fc_item.index says; mode 0 if it is
				   * closed. In kinds whose FC_WANT_STANDARD_FDS is set, as they are at the event */
#define FC_ITEM_STANDARD_FD_PATH 0x119 /* text: path of that file; index likewise */
#define FC_ITEM_FACTS 0x130 /* struct fc_known_facts, for checking (LiveOptions::report_facts) */
#define FC_ITEM_FD_TABLE                                                                           \
	0x120 /* struct fc_fd_table, then FC_FD_TYPE_* of each descriptor from 0 on, a byte each */
#define FC_ITEM_POLLED_FD                                                                          \
	0x122 /* struct fc_fd of a descriptor in a list of poll; index = its place there */
#define FC_ITEM_POLLED_FD_PATH 0x123 /* text: path of that file; index likewise */

/* fc_item.flags */
#define FC_ITEM_CUT 0x1	  /* longer in reality */
#define FC_ITEM_FAULT 0x2 /* user memory was not readable: size is 0 */

struct fc_item {
	fc_u16 tag;
	fc_u8 flags;
	fc_u8 index;
	fc_u32 size; /* bytes that follow, without padding */
};

/* Limits of one item, bytes. Longer values are cut and marked. */
#define FC_TEXT_BYTES 4096 /* PATH_MAX: no system call takes a longer path */
#define FC_ARGS_BYTES                                                                              \
	16384		 /* argv and environment, each; longer command lines are rare and costly */
#define FC_DATA_BYTES 80 /* I/O data, Falco's default snap length; options of calls always */
#define FC_MOST_DATA_BYTES 8192 /* I/O data, if user space asks for it */
#define FC_SOCKADDR_BYTES 128	/* struct sockaddr_storage */
#define FC_CONTROL_BYTES                                                                           \
	1056		   /* control messages: SCM_RIGHTS with the 253 descriptors it can carry */
#define FC_POLL_LIMIT 16   /* descriptors of a poll, Falco's limit */
#define FC_PATH_DEPTH 128  /* components and mount crossings of one path */
#define FC_CGROUP_DEPTH 32 /* container engines make no deeper cgroup trees */

/* What the probe extracts for one event kind beyond the registers: a list of operations, made by user
 * space from the event table (runtime/capture/extraction_plan.cpp). */
enum fc_op {
	FC_OP_NONE,
	FC_OP_TEXT, /* text at arg */
	FC_OP_PATH, /* path at arg; relative to the directory fd in arg2 or to the working directory */
	FC_OP_SOCKADDR,	    /* struct sockaddr at arg of arg2 bytes */
	FC_OP_SOCKADDR_OUT, /* the same, filled by the kernel; arg2 points to the length */
	FC_OP_DATA,	    /* buffer at arg of arg2 bytes */
	FC_OP_DATA_IN,	    /* buffer at arg, length = return value */
	FC_OP_DATA_OUT,	    /* buffer at arg, length = return value, or arg2 on failure */
	FC_OP_IOVEC_IN,	    /* iovec array at arg with arg2 elements, length likewise */
	FC_OP_IOVEC_OUT,
	FC_OP_IOVEC_SIZE, /* sum of the lengths of an iovec array */
	FC_OP_MSG_IN,	  /* struct msghdr at arg: its data */
	FC_OP_MSG_OUT,
	FC_OP_MSG_NAME,	   /* struct msghdr at arg: its address */
	FC_OP_MSG_SIZE,	   /* struct msghdr at arg: size of its iovec array */
	FC_OP_MSG_CONTROL, /* struct msghdr at arg: its control messages */
	FC_OP_FD,    /* descriptor in arg (FC_ARG_RET: the return value): FC_ITEM_FD and its path */
	FC_OP_FD_AT, /* descriptor stored at user address arg + aux: likewise */
	FC_OP_USER32,	    /* 4 bytes at user address arg + aux, zero-extended */
	FC_OP_USER64,	    /* 8 bytes */
	FC_OP_USER_LONG,    /* aux-th long of the caller's ABI */
	FC_OP_TIMESPEC,	    /* struct timespec of the caller's ABI, as nanoseconds */
	FC_OP_CWD,	    /* FC_ITEM_CWD, unconditionally */
	FC_OP_MEMORY,	    /* size of the address space: aux 0 total, 1 resident, 2 swapped, kB */
	FC_OP_CAPABILITIES, /* of the caller: aux 0 inheritable, 1 permitted, 2 effective */
	FC_OP_IDENTITY,	    /* FC_ITEM_EXEC: credentials and session of the caller after the call */
	FC_OP_BACKLOG,	/* accept queue of the socket in arg: aux 0 percent, 1 length, 2 maximum */
	FC_OP_POLL_FDS, /* arg2 struct pollfd at arg */
	FC_OP_SOCKOPT,	/* option of arg2 bytes at arg; aux 1: arg2 points to the length */
	FC_OP_SEMBUF,	/* arg2 struct sembuf at arg, two at most */
	FC_OP_QUOTA,	/* quotactl: text of the parameter, or structure of the next */
	FC_OP_FSCONFIG, /* fsconfig: bytes of the parameter, or text of the next */
	FC_OP_KEYCTL,	/* keyctl: text at arg, if the operation has one there */
	FC_OP_PRCTL,	/* prctl: text of the parameter, or number of the next */
	FC_OP_PTRACE,	/* ptrace: what a request to look reported, stored at arg */
	FC_OP_COUNT
};
/* When an operation is run, by the return value. */
enum fc_when {
	FC_ALWAYS,
	FC_ON_SUCCESS, /* not negative */
	FC_ON_DATA,    /* positive */
	FC_ON_FAILURE, /* negative */
};

#define FC_ARG_RET 6
#define FC_ARG_NONE 7
#define FC_PLAN_OPS 10

/* How often the reader of the ring is woken at most, and how often once more than one part in
 * FC_WAKEUP_FILL_SHARE of the ring is unread. */
#define FC_WAKEUP_NS 10000000ull
#define FC_WAKEUP_FULL_NS 1000000ull
#define FC_WAKEUP_FILL_SHARE 8

/* What completes a record. All but FC_EXTRACT_MESSAGES are one program at raw tracepoints, falcoc_extract: they share most
 * of what they call, and the verifier walks that once for each program. */
enum fc_extractor {
	FC_EXTRACT_SYSCALL,
	FC_EXTRACT_PROCESS, /* clone, fork and vfork, and executions that failed */
	FC_EXTRACT_EXEC,
	FC_EXTRACT_FORK,
	FC_EXTRACT_EXIT,
	FC_EXTRACT_BEGIN,    /* the first half of an event in two (stash.h) */
	FC_EXTRACT_MESSAGES, /* sendmmsg, recvmmsg: one record per message */
	FC_PROVIDE, /* no extractor: finds what s->wants says for the part of a filter that s->resume names */
	FC_EXTRACTOR_COUNT
};

/* Opcodes of io_uring requests whose arguments are known (enum io_uring_op of the kernel's ABI). */
#define FC_RING_OP_LIMIT 128
enum fc_ring_op {
	FC_RING_READV = 1,
	FC_RING_WRITEV = 2,
	FC_RING_READ_FIXED = 4,
	FC_RING_WRITE_FIXED = 5,
	FC_RING_SENDMSG = 9,
	FC_RING_RECVMSG = 10,
	FC_RING_ACCEPT = 13,
	FC_RING_CONNECT = 16,
	FC_RING_OPENAT = 18,
	FC_RING_CLOSE = 19,
	FC_RING_READ = 22,
	FC_RING_WRITE = 23,
	FC_RING_SEND = 26,
	FC_RING_RECV = 27,
	FC_RING_OPENAT2 = 28,
	FC_RING_SHUTDOWN = 34,
	FC_RING_RENAMEAT = 35,
	FC_RING_UNLINKAT = 36,
	FC_RING_MKDIRAT = 37,
	FC_RING_SYMLINKAT = 38,
	FC_RING_LINKAT = 39,
	FC_RING_SOCKET = 45,
	FC_RING_SEND_ZC = 47,
	FC_RING_SENDMSG_ZC = 48,
	FC_RING_BIND = 56,
	FC_RING_LISTEN = 57,
};

struct fc_plan_op {
	fc_u8 op; /* enum fc_op */
	fc_u8 param;
	fc_u8 arg, arg2;
	fc_u8 aux;
	fc_u8 when; /* enum fc_when */
};

struct fc_plan {
	fc_u8 extractor; /* enum fc_extractor */
	fc_u8 op_count;
	struct fc_plan_op ops[FC_PLAN_OPS];
};

/* What a file descriptor is, from struct file. */
struct fc_fd {
	fc_s64 fd;
	fc_u64 ino;
	fc_u64 socket_cookie; /* address of the struct sock: identity while it lives */
	fc_u64 peer_cookie;   /* AF_UNIX: of the other end, 0 if not connected */
	fc_u32 dev;	      /* kernel encoding: major << 20 | minor */
	fc_u32 mode;	      /* inode mode; 0 if the fd is not open */
	fc_u32 open_flags;    /* f_flags */
	fc_u16 anon_kind;     /* FC_ANON_* for files without a path */
	fc_u16 layer;	      /* overlayfs: 1 upper, 2 lower, 0 elsewhere */
	fc_u16 family;	      /* AF_*, 0 if not a socket */
	fc_u8 socket_type;    /* SOCK_* */
	fc_u8 protocol;	      /* IPPROTO_* */
	fc_u8 tcp_state;
	fc_u8 created; /* 1: this open created the file (FMODE_CREATED) */
	fc_u8 role;    /* FC_ROLE_*, of a socket that has a peer */
	fc_u8 reserved;
	fc_u16 local_port, remote_port; /* host order */
	fc_u8 local_addr[16]; /* IPv4 in the first 4; v4-mapped IPv6 is turned into IPv4 */
	fc_u8 remote_addr[16];
	char unix_path[108]; /* AF_UNIX: bound path of this or the peer socket */
	fc_u8 reserved2[8];
};

/* Which side of a connection a socket is. */
#define FC_ROLE_UNKNOWN 0
#define FC_ROLE_CLIENT 1
#define FC_ROLE_SERVER 2
#define FC_ROLES 32768 /* sockets whose role is known at once */

#define FC_ANON_NONE 0
#define FC_ANON_EVENTFD 1
#define FC_ANON_EVENTPOLL 2
#define FC_ANON_SIGNALFD 3
#define FC_ANON_TIMERFD 4
#define FC_ANON_INOTIFY 5
#define FC_ANON_BPF 6
#define FC_ANON_USERFAULTFD 7
#define FC_ANON_IO_URING 8
#define FC_ANON_PIDFD 9
#define FC_ANON_MEMFD 10
#define FC_ANON_OTHER 11

/* A descriptor that is polled, and what it is: as much of struct fc_fd as its letter in a list needs. */
struct fc_poll_fd {
	fc_s64 fd;
	fc_u16 requested, returned; /* the kernel's POLL* bits */
	fc_u16 anon_kind, family;   /* as in struct fc_fd */
	fc_u32 mode;
	fc_u32 reserved;
};

/* All descriptors of a process. */
struct fc_fd_table {
	fc_u64 limit;	   /* RLIMIT_NOFILE */
	fc_u64 open_count; /* of all, also those beyond FC_FD_TABLE_TYPES */
};
#define FC_FD_TABLE_TYPES                                                                          \
	1024 /* descriptors whose types are told; the item is cut if there may be more */
#define FC_POLLED_FDS 16 /* descriptors of one poll that are told, Falco's limit */

/* Type of a descriptor in one byte: FC_ANON_* from 1 on, and */
#define FC_FD_TYPE_CLOSED 0
#define FC_FD_TYPE_MODE 16   /* + file type of the inode's mode, shifted to 0 … 15 */
#define FC_FD_TYPE_SOCKET 32 /* + AF_* */
#define FC_FD_TYPE_COUNT 96

/* fc_exec.flags: Falco's execve_flags (flags.def) */
#define FC_EXE_WRITABLE 1
#define FC_EXE_UPPER_LAYER 2
#define FC_EXE_FROM_MEMFD 4
#define FC_EXE_LOWER_LAYER 8

/* Image and identity of a process, at exec and for a new task. */
struct fc_exec {
	fc_u64 cap_inheritable, cap_permitted, cap_effective; /* kernel bits */
	fc_u64 exe_ino;
	fc_u64 exe_ctime_ns, exe_mtime_ns; /* since the epoch */
	fc_u64 pidns_start_time_ns;	   /* start of the pid namespace's init, boot clock */
	fc_u64 fd_limit;
	fc_u32 exe_dev;
	fc_u32 flags; /* FC_EXE_* */
	fc_u32 uid, euid, suid, gid, egid, sgid;
	fc_u32 loginuid;    /* ~0 = unset */
	fc_u32 sid, pgid;   /* initial pid namespace */
	fc_u32 vsid, vpgid; /* the task's own */
	fc_u32 tty; /* Falco's proc.tty: device number of the controlling terminal, 0 = none */
	fc_u32 vm_size_kb, vm_rss_kb, vm_swap_kb;
	fc_u32 reserved;
	fc_u64 min_faults, maj_faults;
};

struct fc_fork {
	fc_u32 parent_tid, parent_pid;
	fc_u64 clone_flags; /* kernel bits, 0 if unknown */
};

struct fc_exit {
	fc_s64 status;	   /* exit code as wait(2) reports it */
	fc_u32 reaper_tid; /* who inherits the children, 0 = nobody */
	fc_u32 group_dead; /* 1: the last thread of the process */
};

/* Process facts: what rules ask of a process alone, evaluated by user space when the process changes, one bit each
 * (compiler/ir/facts.h numbers them). Under every process, by its pid in the initial namespace, lies what was
 * found and what the process was then. The probe compares that with what the process is now, field by field; there
 * is no other version that could be forgotten to be counted up. What differs makes the facts that depend on it unknown.
 *
 * Entry i of the map belongs to a process whose pid modulo FC_FACT_BUCKETS is i / FC_FACT_WAYS. */
#define FC_FACT_WORDS 8 /* 64 facts each; kFactWords in compiler/ir/facts.h */
#define FC_FACT_BUCKETS 4096
#define FC_FACT_WAYS 4 /* processes with one bucket; a fifth one's facts are unknown */
#define FC_FACT_SLOTS (FC_FACT_BUCKETS * FC_FACT_WAYS)

/* fc_facts.dependencies, beyond start_time_ns and exec_id, which all facts depend on */
#define FC_FACTS_CREDENTIALS 0x1 /* uid, gid */
#define FC_FACTS_PRIVILEGES 0x2	 /* capabilities, loginuid */
#define FC_FACTS_SESSION 0x4	 /* sid, pgid, tty */
#define FC_FACTS_CGROUPS 0x8	 /* cgroup_id */
#define FC_FACTS_ANCESTORS 0x10	 /* ancestry */

struct fc_facts {
	fc_u64 first_stamp; /* written first, */
	fc_u32 pid;	    /* 0: the entry is free */
	fc_u32 exec_id;
	fc_u64 start_time_ns;
	fc_u32 generation; /* facts_generation of the probe when they were found; others are not valid */
	fc_u32 ruleset;	 /* whose numbering; not 0 */
	fc_u32 uid, gid; /* effective */
	fc_u32 loginuid;
	fc_u32 sid, pgid, tty;
	fc_u64 cgroup_id;
	fc_u64 cap_inheritable, cap_permitted, cap_effective;
	fc_u64 ancestry;		   /* fc_ancestry_step over all ancestors, 0: not known */
	fc_u8 dependencies[FC_FACT_WORDS]; /* FC_FACTS_*: what each word depends on */
	fc_u64 may_be_true[FC_FACT_WORDS];
	fc_u64 may_be_false[FC_FACT_WORDS];
	fc_u64 reserved[2]; /* to four cache lines */
	fc_u64 last_stamp;  /* written last: the same number, another one every time */
};

/* What a filter sees of them: the valid ones, both bits set for all others. If `ruleset` is not the one that the filter
 * was made for, all are unknown to it. */
struct fc_known_facts {
	fc_u64 may_be_true[FC_FACT_WORDS];
	fc_u64 may_be_false[FC_FACT_WORDS];
	fc_u32 ruleset; /* 0: nothing is known */
	fc_u32 reserved;
};

/* Who a process is, of those that run already: what falcoc_identities writes one after the other. */
struct fc_identity {
	fc_u64 start_time_ns; /* the rest as in struct fc_task */
	fc_u64 cgroup_id;
	fc_u32 pid;
	fc_u32 exec_id;
};

/* Ancestors looked at; with more of them facts about ancestors are unknown. */
#define FC_ANCESTORS 32
#define FC_ANCESTRY_BEGIN 1 /* the sum without ancestors */

/* One step of fc_facts.ancestry, from the parent up. `key` is odd and random, so that nobody can choose ancestors that
 * give the same sum as others. */
static inline fc_u64 fc_ancestry_step(fc_u64 sum, fc_u64 key, fc_u64 pid, fc_u64 start_time_ns,
				      fc_u64 exec_id)
{
	sum = (sum ^ start_time_ns) * key;
	sum ^= sum >> 32;
	sum = (sum ^ (pid << 32 | (exec_id & 0xffffffff))) * key;
	return sum ^ sum >> 29;
}

/* Why an event could not be delivered, or not wholly; index of the loss counters. */
enum fc_loss {
	FC_LOSS_RING_FULL,
	FC_LOSS_SCRATCH,   /* record larger than the scratch space */
	FC_LOSS_TAIL_CALL, /* the next program is missing */
	FC_LOSS_HOOK_BUSY, /* the hook was running on this CPU already (counted by the kernel) */
	FC_LOSS_FAULT, /* delivered, but memory of the caller was not readable (FC_EVENT_FAULT) */
	FC_LOSS_COUNT
};

#endif
