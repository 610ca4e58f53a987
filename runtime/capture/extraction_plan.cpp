// Event table to probe operations.
#include "runtime/capture/extraction_plan.h"

#include <algorithm>
#include <optional>

#include "compiler/catalog/parameter_source.h"
#include "runtime/capture/doors.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::EventFlag;
using falcoc::EventInfo;
using falcoc::ParamSource;
using falcoc::ParamType;
using falcoc::SourceKind;

/// How a source that reads memory becomes an operation: which of its numbers are arguments.
struct SourceOp {
  SourceKind kind;
  fc_op op;
  bool second_is_arg;  ///< b is an argument (FC_OP's arg2), else it is aux
  fc_when when = FC_ALWAYS;
};

constexpr SourceOp kSourceOps[] = {
    {SourceKind::TEXT_OUT, FC_OP_TEXT, true, FC_ON_SUCCESS},
    {SourceKind::DATA, FC_OP_DATA, true},
    {SourceKind::DATA_IN, FC_OP_DATA_IN, true, FC_ON_DATA},
    {SourceKind::DATA_OUT, FC_OP_DATA_OUT, true},
    {SourceKind::IOV_IN, FC_OP_IOVEC_IN, true, FC_ON_DATA},
    {SourceKind::IOV_OUT, FC_OP_IOVEC_OUT, true},
    {SourceKind::IOV_SIZE, FC_OP_IOVEC_SIZE, true},
    {SourceKind::MSG_IN, FC_OP_MSG_IN, true, FC_ON_DATA},
    {SourceKind::MSG_OUT, FC_OP_MSG_OUT, true},
    {SourceKind::MSG_SIZE, FC_OP_MSG_SIZE, true},
    {SourceKind::MSG_CONTROL, FC_OP_MSG_CONTROL, true, FC_ON_DATA},
    {SourceKind::USER32, FC_OP_USER32, false},
    {SourceKind::USER64, FC_OP_USER64, false},
    {SourceKind::USER64_OUT, FC_OP_USER64, false, FC_ON_SUCCESS},
    {SourceKind::USER_LONG, FC_OP_USER_LONG, false},
    {SourceKind::USER_FD, FC_OP_FD_AT, false, FC_ON_SUCCESS},
    {SourceKind::TIMESPEC, FC_OP_TIMESPEC, false},
    {SourceKind::RLIMIT_OUT, FC_OP_USER_LONG, false, FC_ON_SUCCESS},
    {SourceKind::TUPLE_MSG, FC_OP_MSG_NAME, true},
    {SourceKind::POLL_FDS, FC_OP_POLL_FDS, true},
    {SourceKind::SOCKOPT, FC_OP_SOCKOPT, true},
    {SourceKind::FSCONFIG, FC_OP_FSCONFIG, true, FC_ON_SUCCESS},
    {SourceKind::PRCTL_TEXT, FC_OP_PRCTL, true},
    {SourceKind::PTRACE_DATA, FC_OP_PTRACE, true, FC_ON_SUCCESS},
};

/// quotactl(cmd, special, id, addr), semop(id, operations, count).
constexpr uint8_t kQuotaAddress = 3;
constexpr uint8_t kSemaphoreOperations = 1;
constexpr uint8_t kSemaphoreCount = 2;

/// Offsets in struct open_how (include/uapi/linux/openat2.h).
constexpr uint8_t kOpenHowFlags = 0;
constexpr uint8_t kOpenHowMode = 8;

/// Calls after which the process table wants the working directory, or credentials and session.
constexpr EventCode kDirectoryCalls[] = {EventCode::CHDIR, EventCode::FCHDIR, EventCode::CHROOT};
constexpr EventCode kIdentityCalls[] = {
    EventCode::SETUID,    EventCode::SETGID,    EventCode::SETREUID, EventCode::SETREGID,
    EventCode::SETRESUID, EventCode::SETRESGID, EventCode::CAPSET,   EventCode::UNSHARE,
    EventCode::SETNS,     EventCode::SETSID,    EventCode::SETPGID,
};

bool contains(std::span<const EventCode> codes, EventCode code) {
  return std::ranges::find(codes, code) != codes.end();
}

class PlanBuilder {
 public:
  explicit PlanBuilder(const EventInfo& info) : info_(info), sources_(param_sources(info.code)) {}

  fc_plan build() {
    plan_.extractor = is_process_event()    ? FC_EXTRACT_PROCESS
                      : has_message_array() ? FC_EXTRACT_MESSAGES
                                            : FC_EXTRACT_SYSCALL;
    if (!is_exec()) {
      for (size_t i = 0; i < sources_.size(); ++i) add_parameter(static_cast<uint8_t>(i));
    }
    if (!is_process_event()) add_descriptor();
    if (contains(kDirectoryCalls, info_.code)) add(FC_OP_CWD, 0, FC_ARG_NONE);
    if (contains(kIdentityCalls, info_.code)) add(FC_OP_IDENTITY, 0, FC_ARG_NONE);
    return plan_;
  }

 private:
  bool is_exec() const {
    return info_.code == EventCode::EXECVE || info_.code == EventCode::EXECVEAT;
  }

  bool has_message_array() const {
    return info_.code == EventCode::SENDMMSG || info_.code == EventCode::RECVMMSG;
  }

  bool is_process_event() const {
    return std::ranges::any_of(
        sources_, [](const ParamSource& source) { return source.kind == SourceKind::PROC_EXE; });
  }

  void add(fc_op op, uint8_t param, uint8_t arg, uint8_t arg2 = FC_ARG_NONE, uint8_t aux = 0,
           fc_when when = FC_ALWAYS) {
    if (plan_.op_count == FC_PLAN_OPS) return;  // the test of plans fails before this happens
    plan_.ops[plan_.op_count++] = {.op = static_cast<fc_u8>(op),
                                   .param = param,
                                   .arg = arg,
                                   .arg2 = arg2,
                                   .aux = aux,
                                   .when = static_cast<fc_u8>(when)};
  }

  /// A pointer in a register: text, path or address.
  void add_pointer(uint8_t param, const ParamSource& source) {
    const falcoc::ParamInfo& row = info_.params[param];
    switch (row.type) {
      case ParamType::CHARBUF:
        return add(FC_OP_TEXT, param, source.a);
      case ParamType::FSPATH:
        return add(FC_OP_PATH, param, source.a);
      case ParamType::FSRELPATH:
        return add(FC_OP_PATH, param, source.a,
                   row.dirfd >= 0 ? sources_[static_cast<size_t>(row.dirfd)].a : FC_ARG_NONE);
      case ParamType::SOCKADDR:
        return add(FC_OP_SOCKADDR, param, source.a, static_cast<uint8_t>(source.a + 1));
      default:
        return;  // a number: the record has the register
    }
  }

  void add_parameter(uint8_t param) {
    const ParamSource& source = sources_[param];
    switch (source.kind) {
      case SourceKind::ARG:
        return add_pointer(param, source);
      case SourceKind::OPEN_HOW_FLAGS:
        return add(FC_OP_USER64, param, source.a, FC_ARG_NONE, kOpenHowFlags);
      case SourceKind::OPEN_HOW_MODE:
        return add(FC_OP_USER64, param, source.a, FC_ARG_NONE, kOpenHowMode);
      case SourceKind::TUPLE_TO:
        return add(FC_OP_SOCKADDR, param, source.a, static_cast<uint8_t>(source.a + 1));
      case SourceKind::TUPLE_FROM:
        return add(FC_OP_SOCKADDR_OUT, param, source.a, static_cast<uint8_t>(source.a + 1), 0,
                   FC_ON_SUCCESS);
      case SourceKind::MEMORY:
        if (!is_process_event()) add(FC_OP_MEMORY, param, FC_ARG_NONE, FC_ARG_NONE, source.a);
        return;
      case SourceKind::CAPABILITIES:
        return add(FC_OP_CAPABILITIES, param, FC_ARG_NONE, FC_ARG_NONE, source.a);
      case SourceKind::BACKLOG:
        return add(FC_OP_BACKLOG, param, 0, FC_ARG_NONE, source.a, FC_ON_SUCCESS);
      case SourceKind::SEMBUF:
        if (source.a != 0) return;  // the first holds the bytes of all
        return add(FC_OP_SEMBUF, param, kSemaphoreOperations, kSemaphoreCount, 0, FC_ON_SUCCESS);
      case SourceKind::QUOTA_PATH:
        return add(FC_OP_QUOTA, param, kQuotaAddress);
      case SourceKind::KEYCTL:
        return add(FC_OP_KEYCTL, param, source.a, FC_ARG_NONE, source.a);
      default:
        break;
    }
    const auto* row = std::ranges::find(kSourceOps, source.kind, &SourceOp::kind);
    if (row == std::end(kSourceOps)) return;
    if (row->second_is_arg) {
      add(row->op, param, source.a, source.b, source.c, row->when);
    } else {
      add(row->op, param, source.a, FC_ARG_NONE, source.b, row->when);
    }
  }

  /// Facts of the event's descriptor: of the new one, else of the one used. dup and its kin are
  /// about the new one unless they failed.
  void add_descriptor() {
    const bool creates = has(info_.flags, EventFlag::CREATES_FD);
    const bool stored = std::ranges::any_of(
        sources_, [](const ParamSource& source) { return source.kind == SourceKind::USER_FD; });
    if (stored || info_.params.empty()) return;
    // most commands of bpf return 0 or a count, which would name standard input
    if (creates && info_.code != EventCode::BPF) add(FC_OP_FD, 0, FC_ARG_RET);
    if (!has(info_.flags, EventFlag::USES_FD)) return;
    for (size_t i = 1; i < sources_.size(); ++i) {
      if (info_.params[i].type != ParamType::FD || sources_[i].kind != SourceKind::ARG) continue;
      return add(FC_OP_FD, static_cast<uint8_t>(i), sources_[i].a, FC_ARG_NONE, 0,
                 creates ? FC_ON_FAILURE : FC_ALWAYS);
    }
  }

  const EventInfo& info_;
  std::span<const ParamSource> sources_;
  fc_plan plan_{};
};

}  // namespace

fc_plan extraction_plan(falcoc::EventKind kind) {
  if (kind >= falcoc::kGenericBase) return {};
  const EventInfo* info = falcoc::find_event(static_cast<EventCode>(kind));
  return info == nullptr ? fc_plan{} : PlanBuilder(*info).build();
}

falcoc::EventKind kind_of_syscall(const falcoc::SyscallInfo& syscall) {
  return syscall.event == EventCode::GENERIC
             ? static_cast<falcoc::EventKind>(falcoc::kGenericBase + syscall.code)
             : static_cast<falcoc::EventKind>(syscall.event);
}

SyscallKinds wanted_syscalls(const falcoc::EventSet& wanted) {
  SyscallKinds kinds{};
  const auto set = [&](int abi, int number, uint16_t kind) {
    if (number >= 0 && number < FC_SYSCALL_LIMIT && wanted.test(kind)) {
      kinds[static_cast<size_t>(number)][static_cast<size_t>(abi)] = kind;
    }
  };
  for (const falcoc::SyscallInfo& syscall : falcoc::syscalls()) {
#if defined(__aarch64__)
    set(0, syscall.aarch64, kind_of_syscall(syscall));
#else
    set(0, syscall.x86_64, kind_of_syscall(syscall));
    set(1, syscall.ia32, kind_of_syscall(syscall));
#endif
  }
#if !defined(__aarch64__)
  for (const falcoc::SyscallAlias& alias : falcoc::ia32_aliases()) {
    const auto syscalls = falcoc::syscalls();
    const auto same = std::ranges::find(syscalls, alias.name, &falcoc::SyscallInfo::name);
    if (same != syscalls.end()) set(1, alias.ia32, kind_of_syscall(*same));
  }
#endif
  add_other_numbers(wanted, kinds);
  return kinds;
}

}  // namespace falcod
