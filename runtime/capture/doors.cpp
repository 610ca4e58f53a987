// See doors.h.
#include "runtime/capture/doors.h"

#include <bpf/btf.h>

#include <algorithm>
#include <string_view>

namespace falcod {
namespace {

using falcoc::EventCode;
using falcoc::EventFlag;

/// The system call that a request stands for: the one programs would make instead.
struct Request {
  uint8_t opcode;
  std::string_view syscall;
};

/// Those that have an event of their own need a row of enum fc_ring_op, or their arguments are
/// unknown.
constexpr auto kRequests = std::to_array<Request>({
    {FC_RING_READV, "readv"},
    {FC_RING_WRITEV, "writev"},
    {3, "fsync"},
    {FC_RING_READ_FIXED, "read"},
    {FC_RING_WRITE_FIXED, "write"},
    {8, "sync_file_range"},
    {FC_RING_SENDMSG, "sendmsg"},
    {FC_RING_RECVMSG, "recvmsg"},
    {FC_RING_ACCEPT, "accept4"},
    {FC_RING_CONNECT, "connect"},
    {17, "fallocate"},
    {FC_RING_OPENAT, "openat"},
    {FC_RING_CLOSE, "close"},
    {21, "statx"},
    {FC_RING_READ, "read"},
    {FC_RING_WRITE, "write"},
    {24, "fadvise64"},
    {25, "madvise"},
    {FC_RING_SEND, "sendto"},
    {FC_RING_RECV, "recvfrom"},
    {FC_RING_OPENAT2, "openat2"},
    {29, "epoll_ctl"},
    {33, "tee"},
    {FC_RING_SHUTDOWN, "shutdown"},
    {FC_RING_RENAMEAT, "renameat2"},
    {FC_RING_UNLINKAT, "unlinkat"},
    {FC_RING_MKDIRAT, "mkdirat"},
    {FC_RING_SYMLINKAT, "symlinkat"},
    {FC_RING_LINKAT, "linkat"},
    {41, "fsetxattr"},
    {42, "setxattr"},
    {43, "fgetxattr"},
    {44, "getxattr"},
    {FC_RING_SOCKET, "socket"},
    {FC_RING_SEND_ZC, "sendto"},
    {FC_RING_SENDMSG_ZC, "sendmsg"},
    {50, "waitid"},
    {55, "ftruncate"},
    {FC_RING_BIND, "bind"},
    {FC_RING_LISTEN, "listen"},
});

/// By socketcall's number (include/uapi/linux/net.h), from 1.
constexpr auto kSocketcalls = std::to_array<EventCode>({
    EventCode::SOCKET,   EventCode::BIND,        EventCode::CONNECT,     EventCode::LISTEN,
    EventCode::ACCEPT,   EventCode::GETSOCKNAME, EventCode::GETPEERNAME, EventCode::SOCKETPAIR,
    EventCode::SEND,     EventCode::RECV,        EventCode::SENDTO,      EventCode::RECVFROM,
    EventCode::SHUTDOWN, EventCode::SETSOCKOPT,  EventCode::GETSOCKOPT,  EventCode::SENDMSG,
    EventCode::RECVMSG,  EventCode::ACCEPT4,     EventCode::RECVMMSG,    EventCode::SENDMMSG,
});
static_assert(kSocketcalls.size() < FC_SOCKETCALL_LIMIT);

constexpr size_t kIa32Socketcall = 102;

/// x32's own numbers (arch/x86/entry/syscalls/syscall_64.tbl), from FC_X32_FIRST.
constexpr auto kX32Calls = std::to_array<std::string_view>({
    "rt_sigaction",
    "rt_sigreturn",
    "ioctl",
    "readv",
    "writev",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "execve",
    "ptrace",
    "rt_sigpending",
    "rt_sigtimedwait",
    "rt_sigqueueinfo",
    "sigaltstack",
    "timer_create",
    "mq_notify",
    "kexec_load",
    "waitid",
    "set_robust_list",
    "get_robust_list",
    "vmsplice",
    "move_pages",
    "preadv",
    "pwritev",
    "rt_tgsigqueueinfo",
    "recvmmsg",
    "sendmmsg",
    "process_vm_readv",
    "process_vm_writev",
    "setsockopt",
    "getsockopt",
    "io_setup",
    "io_submit",
    "execveat",
    "preadv2",
    "pwritev2",
});

/// The kind of a system call by name, 0 if it is not wanted.
uint16_t wanted_kind(const falcoc::EventSet& wanted, std::string_view name) {
  const auto syscalls = falcoc::syscalls();
  const auto row = std::ranges::find(syscalls, name, &falcoc::SyscallInfo::name);
  if (row == syscalls.end() || !wanted.test(kind_of_syscall(*row))) return 0;
  return kind_of_syscall(*row);
}

bool has_type(const btf& types, const char* name, uint32_t kind) {
  return btf__find_by_name_kind(&types, name, kind) > 0;
}

/// How many arguments a tracepoint has; -1 if there is no such tracepoint.
int tracepoint_arguments(const btf& types, const char* callback) {
  const int id = btf__find_by_name_kind(&types, callback, BTF_KIND_TYPEDEF);
  if (id < 0) return -1;
  const btf_type* pointer = btf__type_by_id(&types, btf__type_by_id(&types, id)->type);
  if (pointer == nullptr || !btf_is_ptr(pointer)) return -1;
  const btf_type* function = btf__type_by_id(&types, pointer->type);
  if (function == nullptr || !btf_is_func_proto(function)) return -1;
  return btf_vlen(function) - 1;  // the first is the callback's own context
}

}  // namespace

RingKinds wanted_requests(const falcoc::EventSet& wanted) {
  RingKinds kinds{};
  for (const Request& request : kRequests) {
    kinds[request.opcode] = wanted_kind(wanted, request.syscall);
  }
  return kinds;
}

SocketcallKinds wanted_socketcalls(const falcoc::EventSet& wanted) {
  SocketcallKinds kinds{};
  for (size_t i = 0; i < kSocketcalls.size(); ++i) {
    const auto kind = static_cast<falcoc::EventKind>(kSocketcalls[i]);
    if (wanted.test(kind)) kinds[i + 1] = kind;
  }
  return kinds;
}

void add_other_numbers(const falcoc::EventSet& wanted, SyscallKinds& kinds) {
#if !defined(__aarch64__)
  for (size_t i = 0; i < kX32Calls.size(); ++i) {
    kinds[FC_X32_FIRST + i][0] = wanted_kind(wanted, kX32Calls[i]);
  }
  const auto is_wanted = [](uint16_t kind) { return kind != 0; };
  if (std::ranges::any_of(wanted_socketcalls(wanted), is_wanted)) {
    kinds[kIa32Socketcall][1] = FC_SOCKETCALL;
  }
#endif
}

bool needs_entry(falcoc::EventKind kind) {
  if (kind >= falcoc::kGenericBase) return false;
  const auto* info = falcoc::find_event(static_cast<EventCode>(kind));
  // a file that was opened and a directory that was changed to are there to be looked at
  if (info == nullptr || has(info->flags, EventFlag::CREATES_FD) ||
      info->code == EventCode::CHDIR) {
    return false;
  }
  const fc_plan plan = extraction_plan(kind);
  if (plan.extractor != FC_EXTRACT_SYSCALL) return false;
  return std::any_of(plan.ops, plan.ops + plan.op_count, [](const fc_plan_op& step) {
    return step.when == FC_ALWAYS && (step.op == FC_OP_TEXT || step.op == FC_OP_PATH);
  });
}

std::optional<RingTracepoints> ring_tracepoints(const btf& types) {
  // since 6.0: the requests' structures have names, and the tracepoints name the request
  if (!has_type(types, "io_cmd_data", BTF_KIND_STRUCT)) return std::nullopt;
  const int arguments = tracepoint_arguments(types, "btf_trace_io_uring_complete");
  if (arguments < 0) return std::nullopt;
  const char* submit = nullptr;
  if (tracepoint_arguments(types, "btf_trace_io_uring_submit_req") > 0) {
    submit = "io_uring_submit_req";  // since 6.4
  } else if (tracepoint_arguments(types, "btf_trace_io_uring_submit_sqe") == 2) {
    submit = "io_uring_submit_sqe";
  } else {
    return std::nullopt;
  }
  constexpr int kWithEntry = 3;
  return RingTracepoints{
      .submit = submit,
      .complete_has_entry = arguments == kWithEntry,
      .has_overflow = tracepoint_arguments(types, "btf_trace_io_uring_cqe_overflow") > 0};
}

}  // namespace falcod
