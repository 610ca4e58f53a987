// Where each event parameter of the live source comes from: the `source` column of events.def as
// data. Knows the catalog only; the probe's plan and the decoder are made from it.
#pragma once

#include <cstdint>
#include <span>

#include "compiler/catalog/catalog.h"

namespace falcoc {

enum class SourceKind : uint8_t {
  UNSET,
  RET,
  ARG,
  INT_ARG,
  WIDE_ARG,
  ARG_IF,
  ZERO,
  RECEIVED,
  HOOK,
  TEXT_OUT,
  DATA,
  DATA_IN,
  DATA_OUT,
  IOV_IN,
  IOV_OUT,
  IOV_SIZE,
  MSG_IN,
  MSG_OUT,
  MSG_SIZE,
  MSG_CONTROL,
  USER32,
  USER64,
  USER64_OUT,
  USER_LONG,
  USER_FD,
  TIMESPEC,
  RLIMIT_OUT,
  POLL_FDS,
  OPEN_HOW_FLAGS,
  OPEN_HOW_MODE,
  OPEN_FLAGS,
  OPEN_MODE,
  FD_LAYER,
  MOUNT_FLAGS,
  FD_DEV,
  FD_INO,
  FD_PATH,
  SOCKET_COOKIE,
  PEER_COOKIE,
  BACKLOG,
  TUPLE,
  TUPLE_TO,
  TUPLE_FROM,
  TUPLE_MSG,
  TASK_TID,
  TASK_PID,
  TASK_PPID,
  TASK_VTID,
  TASK_VPID,
  TASK_COMM,
  TASK_UID,
  TASK_GID,
  PROC_EXE,
  PROC_ARGS,
  PROC_ENV,
  PROC_CGROUPS,
  PROC_EXE_PATH,
  PROC_CWD,
  PROC_FILENAME,
  PROC_FD_LIMIT,
  PROC_MAJ_FAULTS,
  PROC_MIN_FAULTS,
  PROC_TTY,
  PROC_VPGID,
  PROC_PGID,
  PROC_LOGIN_UID,
  PROC_EXE_FLAGS,
  PROC_CAPABILITIES,
  PROC_EXE_INO,
  PROC_EXE_CTIME,
  PROC_EXE_MTIME,
  PROC_PIDNS_START,
  MEMORY,
  CAPABILITIES,
  EXIT_STATUS,
  EXIT_CODE,
  EXIT_SIGNAL,
  EXIT_CORE,
  EXIT_REAPER,
  SYSCALL_CODE,
  SYSCALL_NR,
  PTRACE_ADDR,
  PTRACE_DATA,
  PRCTL_TEXT,
  PRCTL_NUMBER,
  SOCKOPT_NAME,
  SOCKOPT,
  SEMBUF,
  QUOTA_PATH,
  QUOTA,
  FSCONFIG,
  FSCONFIG_TEXT,
  KEYCTL,
  COUNT,
};

/// One cell of the column; the meaning of a, b and c is at the top of events.def.
struct ParamSource {
  SourceKind kind = SourceKind::UNSET;
  uint8_t a = 0;
  uint8_t b = 0;
  uint8_t c = 0;
};

/// Sources of the event's parameters, in their order; empty if no current event has this code.
std::span<const ParamSource> param_sources(EventCode code);

}  // namespace falcoc
