// The source column of events.def, expanded.
#include "compiler/catalog/parameter_source.h"

#include <algorithm>
#include <array>

namespace falcoc {
namespace {

// The words of the column as constants and constexpr functions.
namespace sources {
constexpr ParamSource UNSET{SourceKind::UNSET};
constexpr ParamSource RET{SourceKind::RET};
constexpr ParamSource ZERO{SourceKind::ZERO};
constexpr ParamSource RECEIVED{SourceKind::RECEIVED};
constexpr ParamSource HOOK{SourceKind::HOOK};
constexpr ParamSource QUOTA_PATH{SourceKind::QUOTA_PATH};
constexpr ParamSource QUOTA{SourceKind::QUOTA};
constexpr ParamSource FSCONFIG_TEXT{SourceKind::FSCONFIG_TEXT};
constexpr ParamSource PROC_CWD{SourceKind::PROC_CWD};
constexpr ParamSource FD_LAYER{SourceKind::FD_LAYER};
constexpr ParamSource FD_DEV{SourceKind::FD_DEV};
constexpr ParamSource FD_INO{SourceKind::FD_INO};
constexpr ParamSource FD_PATH{SourceKind::FD_PATH};
constexpr ParamSource SOCKET_COOKIE{SourceKind::SOCKET_COOKIE};
constexpr ParamSource PEER_COOKIE{SourceKind::PEER_COOKIE};
constexpr ParamSource TUPLE{SourceKind::TUPLE};
constexpr ParamSource TASK_TID{SourceKind::TASK_TID};
constexpr ParamSource TASK_PID{SourceKind::TASK_PID};
constexpr ParamSource TASK_PPID{SourceKind::TASK_PPID};
constexpr ParamSource TASK_VTID{SourceKind::TASK_VTID};
constexpr ParamSource TASK_VPID{SourceKind::TASK_VPID};
constexpr ParamSource TASK_COMM{SourceKind::TASK_COMM};
constexpr ParamSource TASK_UID{SourceKind::TASK_UID};
constexpr ParamSource TASK_GID{SourceKind::TASK_GID};
constexpr ParamSource PROC_EXE{SourceKind::PROC_EXE};
constexpr ParamSource PROC_ARGS{SourceKind::PROC_ARGS};
constexpr ParamSource PROC_ENV{SourceKind::PROC_ENV};
constexpr ParamSource PROC_CGROUPS{SourceKind::PROC_CGROUPS};
constexpr ParamSource PROC_EXE_PATH{SourceKind::PROC_EXE_PATH};
constexpr ParamSource PROC_FILENAME{SourceKind::PROC_FILENAME};
constexpr ParamSource PROC_FD_LIMIT{SourceKind::PROC_FD_LIMIT};
constexpr ParamSource PROC_MAJ_FAULTS{SourceKind::PROC_MAJ_FAULTS};
constexpr ParamSource PROC_MIN_FAULTS{SourceKind::PROC_MIN_FAULTS};
constexpr ParamSource PROC_TTY{SourceKind::PROC_TTY};
constexpr ParamSource PROC_VPGID{SourceKind::PROC_VPGID};
constexpr ParamSource PROC_PGID{SourceKind::PROC_PGID};
constexpr ParamSource PROC_LOGIN_UID{SourceKind::PROC_LOGIN_UID};
constexpr ParamSource PROC_EXE_FLAGS{SourceKind::PROC_EXE_FLAGS};
constexpr ParamSource PROC_EXE_INO{SourceKind::PROC_EXE_INO};
constexpr ParamSource PROC_EXE_CTIME{SourceKind::PROC_EXE_CTIME};
constexpr ParamSource PROC_EXE_MTIME{SourceKind::PROC_EXE_MTIME};
constexpr ParamSource PROC_PIDNS_START{SourceKind::PROC_PIDNS_START};
constexpr ParamSource EXIT_STATUS{SourceKind::EXIT_STATUS};
constexpr ParamSource EXIT_CODE{SourceKind::EXIT_CODE};
constexpr ParamSource EXIT_SIGNAL{SourceKind::EXIT_SIGNAL};
constexpr ParamSource EXIT_CORE{SourceKind::EXIT_CORE};
constexpr ParamSource EXIT_REAPER{SourceKind::EXIT_REAPER};
constexpr ParamSource SYSCALL_CODE{SourceKind::SYSCALL_CODE};
constexpr ParamSource SYSCALL_NR{SourceKind::SYSCALL_NR};
constexpr ParamSource ARG(uint8_t a) { return {SourceKind::ARG, a}; }
constexpr ParamSource INT_ARG(uint8_t a) { return {SourceKind::INT_ARG, a}; }
constexpr ParamSource WIDE_ARG(uint8_t a, uint8_t b) { return {SourceKind::WIDE_ARG, a, b}; }
constexpr ParamSource ARG_IF(uint8_t a, uint8_t b, uint8_t c) {
  return {SourceKind::ARG_IF, a, b, c};
}
constexpr ParamSource TEXT_OUT(uint8_t a) { return {SourceKind::TEXT_OUT, a}; }
constexpr ParamSource DATA(uint8_t a, uint8_t b) { return {SourceKind::DATA, a, b}; }
constexpr ParamSource DATA_IN(uint8_t a, uint8_t b) { return {SourceKind::DATA_IN, a, b}; }
constexpr ParamSource DATA_OUT(uint8_t a, uint8_t b) { return {SourceKind::DATA_OUT, a, b}; }
constexpr ParamSource IOV_IN(uint8_t a, uint8_t b) { return {SourceKind::IOV_IN, a, b}; }
constexpr ParamSource IOV_OUT(uint8_t a, uint8_t b) { return {SourceKind::IOV_OUT, a, b}; }
constexpr ParamSource IOV_SIZE(uint8_t a, uint8_t b) { return {SourceKind::IOV_SIZE, a, b}; }
constexpr ParamSource MSG_IN(uint8_t a) { return {SourceKind::MSG_IN, a}; }
constexpr ParamSource MSG_OUT(uint8_t a) { return {SourceKind::MSG_OUT, a}; }
constexpr ParamSource MSG_SIZE(uint8_t a) { return {SourceKind::MSG_SIZE, a}; }
constexpr ParamSource MSG_CONTROL(uint8_t a) { return {SourceKind::MSG_CONTROL, a}; }
constexpr ParamSource USER64_OUT(uint8_t a, uint8_t b) { return {SourceKind::USER64_OUT, a, b}; }
constexpr ParamSource RLIMIT_OUT(uint8_t a, uint8_t b) { return {SourceKind::RLIMIT_OUT, a, b}; }
constexpr ParamSource POLL_FDS(uint8_t a, uint8_t b) { return {SourceKind::POLL_FDS, a, b}; }
constexpr ParamSource PRCTL_TEXT(uint8_t a) { return {SourceKind::PRCTL_TEXT, a}; }
constexpr ParamSource SOCKOPT_NAME(uint8_t a, uint8_t b) {
  return {SourceKind::SOCKOPT_NAME, a, b};
}
constexpr ParamSource SOCKOPT(uint8_t a, uint8_t b, uint8_t c) {
  return {SourceKind::SOCKOPT, a, b, c};
}
constexpr ParamSource SEMBUF(uint8_t a) { return {SourceKind::SEMBUF, a}; }
constexpr ParamSource FSCONFIG(uint8_t a, uint8_t b) { return {SourceKind::FSCONFIG, a, b}; }
constexpr ParamSource KEYCTL(uint8_t a) { return {SourceKind::KEYCTL, a}; }
constexpr ParamSource USER32(uint8_t a, uint8_t b) { return {SourceKind::USER32, a, b}; }
constexpr ParamSource USER64(uint8_t a, uint8_t b) { return {SourceKind::USER64, a, b}; }
constexpr ParamSource USER_LONG(uint8_t a, uint8_t b) { return {SourceKind::USER_LONG, a, b}; }
constexpr ParamSource USER_FD(uint8_t a, uint8_t b) { return {SourceKind::USER_FD, a, b}; }
constexpr ParamSource TIMESPEC(uint8_t a) { return {SourceKind::TIMESPEC, a}; }
constexpr ParamSource OPEN_HOW_FLAGS(uint8_t a) { return {SourceKind::OPEN_HOW_FLAGS, a}; }
constexpr ParamSource OPEN_HOW_MODE(uint8_t a) { return {SourceKind::OPEN_HOW_MODE, a}; }
constexpr ParamSource OPEN_FLAGS(uint8_t a) { return {SourceKind::OPEN_FLAGS, a}; }
constexpr ParamSource OPEN_MODE(uint8_t a, uint8_t b) { return {SourceKind::OPEN_MODE, a, b}; }
constexpr ParamSource MOUNT_FLAGS(uint8_t a) { return {SourceKind::MOUNT_FLAGS, a}; }
constexpr ParamSource BACKLOG(uint8_t a) { return {SourceKind::BACKLOG, a}; }
constexpr ParamSource TUPLE_TO(uint8_t a) { return {SourceKind::TUPLE_TO, a}; }
constexpr ParamSource TUPLE_FROM(uint8_t a) { return {SourceKind::TUPLE_FROM, a}; }
constexpr ParamSource TUPLE_MSG(uint8_t a) { return {SourceKind::TUPLE_MSG, a}; }
constexpr ParamSource PROC_CAPABILITIES(uint8_t a) { return {SourceKind::PROC_CAPABILITIES, a}; }
constexpr ParamSource MEMORY(uint8_t a) { return {SourceKind::MEMORY, a}; }
constexpr ParamSource CAPABILITIES(uint8_t a) { return {SourceKind::CAPABILITIES, a}; }
constexpr ParamSource PTRACE_ADDR(uint8_t a) { return {SourceKind::PTRACE_ADDR, a}; }
constexpr ParamSource PTRACE_DATA(uint8_t a) { return {SourceKind::PTRACE_DATA, a}; }
constexpr ParamSource PRCTL_NUMBER(uint8_t a, uint8_t b) {
  return {SourceKind::PRCTL_NUMBER, a, b};
}
}  // namespace sources

using namespace sources;

constexpr ParamSource kSources[] = {
#define EVENT(...)
#define PARAM(event, name, type, format, extra, source) source,
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
};

/// Start of each event's sources, by event code.
std::array<uint16_t, kGenericBase> build_starts() {
  std::array<uint16_t, kGenericBase> starts{};
  uint16_t next = 0;
  for (const EventInfo& info : events()) {
    starts[static_cast<size_t>(info.code)] = next;
    next = static_cast<uint16_t>(next + info.params.size());
  }
  return starts;
}

}  // namespace

std::span<const ParamSource> param_sources(EventCode code) {
  static const auto kStarts = build_starts();
  const EventInfo* info = find_event(code);
  if (info == nullptr) return {};
  return std::span(kSources).subspan(kStarts[static_cast<size_t>(code)], info->params.size());
}

}  // namespace falcoc
