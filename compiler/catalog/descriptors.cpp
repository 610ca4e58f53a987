#include "compiler/catalog/descriptors.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace falcoc {
namespace {

/// By FC_ANON_* (flags.tsv, fd_type).
constexpr auto kAnonymous = std::to_array<DescriptorType>({
    {'o', ""},           // NONE
    {'e', "event"},      // EVENTFD
    {'l', "eventpoll"},  // EVENTPOLL
    {'s', "signalfd"},   // SIGNALFD
    {'t', "timerfd"},    // TIMERFD
    {'i', "inotify"},    // INOTIFY
    {'b', "bpf"},        // BPF
    {'u', "userfaultfd"},
    {'r', "io_uring"},
    {'P', "pidfd"},
    {'m', "memfd"},
    {'X', ""},  // OTHER: a kind without a name
});

constexpr DescriptorType kFile{'f', "file"};
constexpr DescriptorType kDirectory{'d', "directory"};
constexpr DescriptorType kPipe{'p', "pipe"};
constexpr DescriptorType kUnknown{'o', ""};

constexpr auto kMakers = std::to_array<DescriptorMaker>({
    {EventCode::OPEN, kFile, 0, 1, 2},
    {EventCode::CREAT, kFile, 0, 1, 5},
    {EventCode::OPENAT, kFile, 0, 2, 3},
    {EventCode::OPENAT2, kFile, 0, 2, 3},
    {EventCode::OPEN_BY_HANDLE_AT, kFile, 0, 3, 2},
    {EventCode::SOCKET, {'4', "ipv4"}},
    {EventCode::ACCEPT, {'4', "ipv4"}},
    {EventCode::ACCEPT4, {'4', "ipv4"}},
    {EventCode::SOCKETPAIR, {'u', "unix"}, 1},
    {EventCode::PIPE, kPipe, 2},
    {EventCode::PIPE2, kPipe, 2},
    {EventCode::EVENTFD, {'e', "event"}},
    {EventCode::EVENTFD2, {'e', "event"}},
    {EventCode::SIGNALFD, {'s', "signalfd"}},
    {EventCode::SIGNALFD4, {'s', "signalfd"}},
    {EventCode::TIMERFD_CREATE, {'t', "timerfd"}},
    {EventCode::INOTIFY_INIT, {'i', "inotify"}},
    {EventCode::INOTIFY_INIT1, {'i', "inotify"}},
    {EventCode::EPOLL_CREATE, {'l', "eventpoll"}},
    {EventCode::EPOLL_CREATE1, {'l', "eventpoll"}},
    {EventCode::BPF, {'b', "bpf"}},
    {EventCode::USERFAULTFD, {'u', "userfaultfd"}},
    {EventCode::IO_URING_SETUP, {'r', "io_uring"}},
    {EventCode::MEMFD_CREATE, {'m', "memfd"}, 0, 1},
    {EventCode::PIDFD_OPEN, {'P', "pidfd"}},
    {EventCode::PIDFD_GETFD, kUnknown},
});

/// Events that use a descriptor not called `fd` and not their second parameter.
struct UsedParam {
  EventCode event;
  int8_t fd_param;
};
constexpr auto kUsedParams = std::to_array<UsedParam>({
    {EventCode::SENDFILE, 2},
    {EventCode::SYMLINKAT, 2},
});

}  // namespace

DescriptorType anonymous_type(uint16_t kind) {
  return kind < kAnonymous.size() ? kAnonymous[kind] : kUnknown;
}

DescriptorType socket_type(uint16_t family) {
  switch (family) {
    case AF_INET:
      return {'4', "ipv4"};
    case AF_INET6:
      return {'6', "ipv6"};
    case AF_UNIX:
      return {'u', "unix"};
    case AF_NETLINK:
      return {'n', "netlink"};
    default:
      return kUnknown;
  }
}

DescriptorType file_type(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return kDirectory;
    case S_IFIFO:
      return kPipe;
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFLNK:
      return kFile;
    default:
      return kUnknown;
  }
}

DescriptorType descriptor_type(uint8_t code) {
  constexpr unsigned kFormatShift = 12;  // of the file type in a mode
  if (code >= kDescriptorOfSocket) return socket_type(code - kDescriptorOfSocket);
  if (code >= kDescriptorOfMode) return file_type((code - kDescriptorOfMode) << kFormatShift);
  return anonymous_type(code);
}

const DescriptorMaker* descriptor_maker(EventCode event) {
  const auto found = std::ranges::find(kMakers, event, &DescriptorMaker::event);
  return found == kMakers.end() ? nullptr : &*found;
}

EventSet connecting_events() {
  EventSet events;
  for (const EventCode code : {EventCode::CONNECT, EventCode::ACCEPT, EventCode::ACCEPT4}) {
    events.set(static_cast<size_t>(code));
  }
  return events;
}

int descriptor_param(const EventInfo& event, bool failed) {
  if (const DescriptorMaker* maker = descriptor_maker(event.code)) return maker->fd_param;
  // dup and its kin are about the new descriptor; where they failed, about the old
  if (has(event.flags, EventFlag::CREATES_FD)) return failed ? 1 : 0;
  if (!has(event.flags, EventFlag::USES_FD) && !has(event.flags, EventFlag::DESTROYS_FD)) return -1;
  const auto listed = std::ranges::find(kUsedParams, event.code, &UsedParam::event);
  if (listed != kUsedParams.end()) return listed->fd_param;
  const auto named = std::ranges::find(event.params, "fd", &ParamInfo::name);
  const auto index = static_cast<int>(named - event.params.begin());
  return named != event.params.end() && index > 0 ? index : 1;
}

}  // namespace falcoc
