#include "runtime/state/captured_fds.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "runtime/state/fd_socket.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using scap::FdKind;
using Role = FdInfo::Role;

constexpr size_t kMaxFds = 4096;       // of one process
constexpr size_t kMaxTables = 262144;  // processes
constexpr size_t kMaxInterfaces = 65536;
constexpr uint64_t kSameForkNs = 2'000'000'000;  // both sides of one fork are this close
constexpr uint64_t kCloneThread = 1 << 13;       // flags.def, clone_flags

// flags.def, file_flags and creat_flags
constexpr uint64_t kCloseOnExec = 4096;
constexpr uint64_t kDirectory = 1024;
constexpr uint64_t kUpperLayer = 32768, kLowerLayer = 65536;
constexpr uint64_t kCreatUpperLayer = 1, kCreatLowerLayer = 2;
constexpr uint64_t kCloseRangeCloexec = 1 << 2;  // close_range_flags
// flags.def, fcntl_commands
constexpr uint64_t kDupFd = 1, kSetFd = 3, kDupFdCloexec = 26;

struct TypeName {
  char type_char;
  std::string_view type;
};

/// By FdKind (flags.tsv, fd_type).
constexpr auto kTypes = std::to_array<TypeName>({
    {'o', ""},
    {'f', "file"},
    {'d', "directory"},
    {'4', "ipv4"},
    {'6', "ipv6"},
    {'4', "ipv4"},
    {'6', "ipv6"},
    {'p', "pipe"},
    {'u', "unix"},
    {'e', "event"},
    {'X', ""},
    {'s', "signalfd"},
    {'l', "eventpoll"},
    {'i', "inotify"},
    {'t', "timerfd"},
    {'n', "netlink"},
    {'f', "file"},
    {'b', "bpf"},
    {'u', "userfaultfd"},
    {'r', "io_uring"},
    {'m', "memfd"},
    {'P', "pidfd"},
});
static_assert(kTypes.size() == scap::kFdKinds);

/// Events that make one descriptor, their result, without a story.
struct Simple {
  EventCode event;
  FdKind kind;
  int8_t flags_param = -1;
  int8_t name_param = -1;
};
constexpr auto kSimple = std::to_array<Simple>({
    {EventCode::EVENTFD, FdKind::EVENTFD},
    {EventCode::EVENTFD2, FdKind::EVENTFD, 1},
    {EventCode::SIGNALFD, FdKind::SIGNALFD},
    {EventCode::SIGNALFD4, FdKind::SIGNALFD, 1},
    {EventCode::TIMERFD_CREATE, FdKind::TIMERFD},
    {EventCode::INOTIFY_INIT, FdKind::INOTIFY},
    {EventCode::INOTIFY_INIT1, FdKind::INOTIFY, 1},
    {EventCode::EPOLL_CREATE, FdKind::EVENTPOLL},
    {EventCode::EPOLL_CREATE1, FdKind::EVENTPOLL},
    {EventCode::BPF, FdKind::BPF},
    {EventCode::USERFAULTFD, FdKind::USERFAULTFD},
    {EventCode::IO_URING_SETUP, FdKind::IO_URING},
    {EventCode::MEMFD_CREATE, FdKind::MEMFD, -1, 1},
});

/// Events that open a path.
struct Open {
  EventCode event;
  int8_t path, flags, dev, ino;
};
constexpr auto kOpens = std::to_array<Open>({
    {EventCode::OPEN, 1, 2, 4, 5},
    {EventCode::CREAT, 1, 5, 3, 4},
    {EventCode::OPENAT, 2, 3, 5, 6},
    {EventCode::OPENAT2, 2, 3, 6, 7},
    {EventCode::OPEN_BY_HANDLE_AT, 3, 2, 4, 5},
});

Endpoint endpoint_of(const std::array<char, 16>& address, uint8_t size, uint16_t port) {
  static constexpr std::array<char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};
  Endpoint endpoint;
  const char* bytes = address.data();
  if (size == 16 && std::equal(kMapped.begin(), kMapped.end(), bytes)) {
    bytes += kMapped.size();
    size = 4;
  }
  std::copy_n(bytes, size, endpoint.address.begin());
  endpoint.size = size;
  endpoint.port = port;
  return endpoint;
}

bool is_clone(EventCode code) {
  return code == EventCode::CLONE || code == EventCode::CLONE3 || code == EventCode::FORK ||
         code == EventCode::VFORK;
}

std::string_view passed_text(const Event& event, int8_t index) {
  const std::string_view text = text_of(param_at(event, static_cast<size_t>(index)));
  return text == "<NA>" || text == "(NULL)" ? std::string_view{} : text;
}

uint64_t number_at(const Event& event, size_t index) { return unsigned_of(param_at(event, index)); }

}  // namespace

void CapturedFds::clear() {
  tables_.clear();
  recent_ = nullptr;
  interfaces_.clear();
}

void CapturedFds::add_interface(const scap::Interface& interface) {
  if (interfaces_.size() >= kMaxInterfaces) return;
  interfaces_.push_back({endpoint_of(interface.address, interface.address_bytes, 0),
                         endpoint_of(interface.netmask, interface.address_bytes, 0)});
}

CapturedFds::Table* CapturedFds::table(int64_t pid) const {
  if (recent_ != nullptr && recent_pid_ == pid) return recent_;
  const auto found = tables_.find(pid);
  if (found == tables_.end()) return nullptr;
  recent_pid_ = pid;
  return recent_ = &found->second;
}

CapturedFds::Fd* CapturedFds::find(int64_t pid, int64_t number) const {
  Table* const known = table(pid);
  if (known == nullptr) return nullptr;
  const auto found = known->fds.find(number);
  return found == known->fds.end() ? nullptr : &found->second;
}

CapturedFds::Fd* CapturedFds::put(int64_t pid, int64_t number, Fd fd) {
  if (number < 0) return nullptr;
  Table* known = table(pid);
  if (known == nullptr) {
    if (tables_.size() >= kMaxTables) return nullptr;
    known = &tables_[pid];
  }
  auto& fds = known->fds;
  if (fds.size() >= kMaxFds && !fds.contains(number)) return nullptr;
  return &(fds[number] = std::move(fd));
}

void CapturedFds::add(int64_t pid, const scap::FdEntry& entry) {
  Fd fd;
  fd.kind = entry.kind;
  fd.l4 = entry.l4;
  fd.ino = entry.ino;
  fd.dev = entry.dev;
  fd.name = fd.name_raw = entry.name;
  fd.close_on_exec = (entry.open_flags & kCloseOnExec) != 0;
  if ((entry.open_flags & kUpperLayer) != 0) fd.layer = 1;
  if ((entry.open_flags & kLowerLayer) != 0) fd.layer = 2;
  constexpr uint8_t kTcp = 2;
  switch (entry.kind) {
    case FdKind::IPV4_SOCKET:
    case FdKind::IPV6_SOCKET: {
      const uint8_t size = entry.kind == FdKind::IPV4_SOCKET ? 4 : 16;
      fd.source = endpoint_of(entry.source, size, entry.source_port);
      fd.destination = endpoint_of(entry.destination, size, entry.destination_port);
      if (fd.source.size == 4 && fd.destination.size == 4) fd.kind = FdKind::IPV4_SOCKET;
      fd.connected = entry.l4 == kTcp;
      fd.name = endpoint_text(fd.source) + "->" + endpoint_text(fd.destination);
      break;
    }
    case FdKind::IPV4_SERVER:
    case FdKind::IPV6_SERVER:
      fd.source =
          endpoint_of(entry.source, entry.kind == FdKind::IPV4_SERVER ? 4 : 16, entry.source_port);
      fd.role = Role::SERVER;
      fd.name = endpoint_text(fd.source);
      break;
    case FdKind::UNIX_SOCKET:
      fd.role = entry.name.empty() ? Role::CLIENT : Role::SERVER;
      break;
    case FdKind::UNSUPPORTED:
      if (entry.raw_kind >= scap::kFdKinds) {
        fd.name = fmt::format("unknown-type:[{}]", entry.raw_kind);
      }
      break;
    default:
      break;
  }
  if (fd.kind >= FdKind::IPV4_SOCKET && fd.kind <= FdKind::IPV6_SERVER) fd.name_raw = fd.name;
  put(pid, entry.fd, std::move(fd));
}

void CapturedFds::finish_tables() {
  std::unordered_set<uint16_t> listened;
  for (const auto& [pid, table] : tables_) {
    for (const auto& [number, fd] : table.fds) {
      if (fd.kind == FdKind::IPV4_SERVER || fd.kind == FdKind::IPV6_SERVER) {
        listened.insert(fd.source.port);
      }
    }
  }
  for (auto& [pid, table] : tables_) {
    for (auto& [number, fd] : table.fds) {
      if (fd.kind != FdKind::IPV4_SOCKET) continue;
      fd.role = Role::CLIENT;
      if (!listened.contains(fd.source.port)) continue;
      fd.role = Role::SERVER;
      std::swap(fd.source, fd.destination);
      fd.name = fd.name_raw = endpoint_text(fd.source) + "->" + endpoint_text(fd.destination);
    }
  }
}

void CapturedFds::apply(const Event& event, const Process& process, const ProcessTable& processes) {
  changed_fd_ = -1;
  if (event.info == nullptr) return;
  const EventCode code = event.info->code;
  const int64_t pid = process.pid;
  if (code == EventCode::CONNECT) {
    connect(event, pid);
    return;
  }
  if (event.ret < 0) return;
  if (is_clone(code)) {
    clone(event, process, processes);
    return;
  }
  switch (code) {
    case EventCode::EXECVE:
    case EventCode::EXECVEAT:
      return exec(pid);
    case EventCode::DUP:
      return duplicate(pid, signed_of(param_at(event, 1)), event.ret, false);
    case EventCode::DUP2:
      return duplicate(pid, signed_of(param_at(event, 1)), event.ret, false);
    case EventCode::DUP3:
      return duplicate(pid, signed_of(param_at(event, 1)), event.ret,
                       (number_at(event, 3) & kCloseOnExec) != 0);
    case EventCode::FCNTL:
      return control(event, pid);
    case EventCode::CLOSE_RANGE:
      return close_range(event, pid);
    case EventCode::PIPE:
    case EventCode::PIPE2:
    case EventCode::SOCKETPAIR:
      return pair(event, pid);
    case EventCode::PIDFD_OPEN: {
      Fd fd;
      fd.kind = FdKind::PIDFD;
      fd.name = fd.name_raw = fmt::format("/proc/{}", signed_of(param_at(event, 1)));
      put(pid, event.ret, std::move(fd));
      return;
    }
    case EventCode::PIDFD_GETFD:
      return take_from_process(event, pid);
    case EventCode::SOCKET:
      return make_socket(event, pid);
    case EventCode::BIND:
      return bind(event, pid);
    case EventCode::ACCEPT:
    case EventCode::ACCEPT4:
      return accept(event, pid);
    case EventCode::RECV:
    case EventCode::RECVFROM:
    case EventCode::RECVMSG:
    case EventCode::RECVMMSG:
      return transfer(event, pid, false);
    case EventCode::SEND:
    case EventCode::SENDTO:
    case EventCode::SENDMSG:
    case EventCode::SENDMMSG:
      return transfer(event, pid, true);
    default:
      break;
  }
  if (open(event, process) || make_simple(event, pid)) return;
  if (has(event.info->flags, falcoc::EventFlag::READS_FROM_FD) ||
      has(event.info->flags, falcoc::EventFlag::WRITES_TO_FD)) {
    const int index = find_param(*event.info, "fd");
    Fd* fd =
        index < 0 ? nullptr : find(pid, signed_of(param_at(event, static_cast<size_t>(index))));
    if (fd != nullptr && (fd->kind == FdKind::IPV4_SOCKET || fd->kind == FdKind::IPV6_SOCKET)) {
      fd->connected = true;
    }
  }
}

void CapturedFds::after(const Event& event, const Process& process) {
  if (event.info == nullptr) return;
  if (process.exited && event.info->code == EventCode::PROCEXIT) {
    tables_.erase(process.pid);
    recent_ = nullptr;
  } else if (event.info->code == EventCode::CLOSE && event.ret >= 0) {
    if (Table* const known = table(process.pid)) known->fds.erase(signed_of(param_at(event, 1)));
  }
}

void CapturedFds::clone(const Event& event, const Process& process, const ProcessTable& processes) {
  constexpr size_t kFlags = 15;
  if ((number_at(event, kFlags) & kCloneThread) != 0) return;
  // Either side may report first: the parent names the child by its result. A child that the
  // process table does not know has ended, or is to tell of itself.
  const bool by_parent = event.ret > 0;
  const int64_t child = by_parent ? event.ret : process.pid;
  if (by_parent && processes.find(child) == nullptr) return;
  const Table* known = table(child);
  if (known != nullptr && known->made_ns + kSameForkNs >= event.time_ns) return;
  if (known == nullptr && tables_.size() >= kMaxTables) return;
  const Table* source = table(by_parent ? process.pid : process.ppid);
  Table copy = source == nullptr ? Table{} : *source;
  copy.made_ns = event.time_ns;
  tables_[child] = std::move(copy);
}

void CapturedFds::exec(int64_t pid) {
  if (Table* const known = table(pid)) {
    std::erase_if(known->fds, [](const auto& entry) { return entry.second.close_on_exec; });
  }
}

bool CapturedFds::open(const Event& event, const Process& process) {
  const auto found = std::ranges::find(kOpens, event.info->code, &Open::event);
  if (found == kOpens.end()) return false;
  const Open& open = *found;
  const uint64_t flags = number_at(event, static_cast<size_t>(open.flags));
  const bool creat = open.event == EventCode::CREAT;
  Fd fd;
  fd.kind = !creat && (flags & kDirectory) != 0 ? FdKind::DIRECTORY : FdKind::FILE_V2;
  fd.name_raw = passed_text(event, open.path);
  absolute_param_path(event, process, static_cast<size_t>(open.path), fd.name);
  fd.dev = static_cast<uint32_t>(number_at(event, static_cast<size_t>(open.dev)));
  fd.ino = number_at(event, static_cast<size_t>(open.ino));
  fd.close_on_exec = !creat && (flags & kCloseOnExec) != 0;
  if ((flags & (creat ? kCreatUpperLayer : kUpperLayer)) != 0) fd.layer = 1;
  if ((flags & (creat ? kCreatLowerLayer : kLowerLayer)) != 0) fd.layer = 2;
  put(process.pid, event.ret, std::move(fd));
  return true;
}

bool CapturedFds::make_simple(const Event& event, int64_t pid) {
  const auto found = std::ranges::find(kSimple, event.info->code, &Simple::event);
  if (found == kSimple.end()) return false;
  Fd fd;
  fd.kind = found->kind;
  if (found->name_param >= 0) fd.name = fd.name_raw = passed_text(event, found->name_param);
  if (found->flags_param >= 0) {
    const uint64_t flags = number_at(event, static_cast<size_t>(found->flags_param));
    fd.close_on_exec = (flags & kCloseOnExec) != 0;
  }
  put(pid, event.ret, std::move(fd));
  return true;
}

void CapturedFds::pair(const Event& event, int64_t pid) {
  const int64_t first = signed_of(param_at(event, 1));
  const int64_t second = signed_of(param_at(event, 2));
  if (first == second) return;
  Fd fd;
  if (event.info->code == EventCode::SOCKETPAIR) {
    fd.kind = FdKind::UNIX_SOCKET;
    fd.connected = true;
  } else {
    fd.kind = FdKind::FIFO;
    fd.ino = number_at(event, 3);
    fd.close_on_exec = (number_at(event, 4) & kCloseOnExec) != 0;
  }
  put(pid, first, fd);
  put(pid, second, std::move(fd));
}

void CapturedFds::duplicate(int64_t pid, int64_t from, int64_t to, bool close_on_exec) {
  if (from == to) return;
  const Fd* original = find(pid, from);
  if (original == nullptr) return;
  Fd copy = *original;
  copy.close_on_exec = close_on_exec;
  put(pid, to, std::move(copy));
}

void CapturedFds::control(const Event& event, int64_t pid) {
  const int64_t number = signed_of(param_at(event, 1));
  const uint64_t command = number_at(event, 2);
  if (command == kDupFd || command == kDupFdCloexec) {
    duplicate(pid, number, event.ret, command == kDupFdCloexec);
  } else if (command == kSetFd) {
    if (Fd* fd = find(pid, number)) fd->close_on_exec = (number_at(event, 3) & FD_CLOEXEC) != 0;
  }
}

void CapturedFds::close_range(const Event& event, int64_t pid) {
  Table* const known = table(pid);
  if (known == nullptr) return;
  const auto first = static_cast<int64_t>(number_at(event, 1));
  const auto last = static_cast<int64_t>(number_at(event, 2));
  const auto in_range = [&](int64_t number) { return number >= first && number <= last; };
  if ((number_at(event, 3) & kCloseRangeCloexec) == 0) {
    std::erase_if(known->fds, [&](const auto& entry) { return in_range(entry.first); });
    return;
  }
  for (auto& [number, fd] : known->fds) {
    if (in_range(number)) fd.close_on_exec = true;
  }
}

void CapturedFds::take_from_process(const Event& event, int64_t pid) {
  const Fd* process = find(pid, signed_of(param_at(event, 1)));
  constexpr std::string_view kPrefix = "/proc/";
  if (process == nullptr || process->kind != FdKind::PIDFD || !process->name.starts_with(kPrefix)) {
    return;
  }
  const int64_t target = std::atoll(process->name.c_str() + kPrefix.size());
  const Fd* original = find(target, signed_of(param_at(event, 2)));
  if (original == nullptr) return;
  Fd copy = *original;
  copy.close_on_exec = true;
  put(pid, event.ret, std::move(copy));
}

std::string_view CapturedFds::name(int64_t pid, int64_t number) const {
  const Fd* fd = find(pid, number);
  return fd == nullptr ? std::string_view{} : std::string_view(fd->name);
}

bool CapturedFds::describe(int64_t pid, int64_t number, FdInfo& out) const {
  const Fd* fd = find(pid, number);
  if (fd == nullptr) return false;
  const TypeName& type = kTypes[static_cast<size_t>(fd->kind)];
  out.type_char = type.type_char;
  out.type = type.type;
  out.has_name = out.type_char != 'o';
  out.name = fd->name;
  out.name_raw = fd->name_raw;
  out.dev = fd->dev;
  out.ino = fd->ino;
  out.layer = fd->layer;
  out.connected = fd->connected;
  out.role = fd->role;
  out.name_changed = name_changed(number);
  switch (fd->kind) {
    case FdKind::IPV4_SOCKET:
    case FdKind::IPV4_SERVER:
      out.family = AF_INET;
      break;
    case FdKind::IPV6_SOCKET:
    case FdKind::IPV6_SERVER:
      out.family = AF_INET6;
      break;
    case FdKind::UNIX_SOCKET:
      out.family = AF_UNIX;
      return true;
    case FdKind::NETLINK:
      out.family = AF_NETLINK;
      return true;
    default:
      return true;
  }
  constexpr std::array<uint8_t, 6> kProtocols{0,          0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
                                              IPPROTO_RAW};
  out.protocol = fd->l4 < kProtocols.size() ? kProtocols[fd->l4] : 0;
  out.listening = fd->kind == FdKind::IPV4_SERVER || fd->kind == FdKind::IPV6_SERVER;
  const bool server = fd->role == Role::SERVER && !out.listening;
  out.local = server ? fd->destination : fd->source;
  out.remote = server ? fd->source : fd->destination;
  return true;
}

}  // namespace falcod
