// See fd_snapshot.h.
#include "runtime/state/fd_snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <optional>
#include <vector>

#include "compiler/catalog/flag_encoding.h"
#include "runtime/capture/scap/encode.h"

namespace falcod {
namespace {

using scap::FdEntry;
using scap::FdKind;

constexpr size_t kMaxFds = 4096;  // of one process: readers take no more

struct AnonymousKind {
  std::string_view name;  ///< how the link's text goes on after `anon_inode:`
  FdKind kind;
};
constexpr auto kAnonymous = std::to_array<AnonymousKind>({
    {"[eventfd", FdKind::EVENTFD},
    {"[eventpoll", FdKind::EVENTPOLL},
    {"[signalfd", FdKind::SIGNALFD},
    {"[timerfd", FdKind::TIMERFD},
    {"inotify", FdKind::INOTIFY},
    {"bpf", FdKind::BPF},
    {"[bpf", FdKind::BPF},
    {"[userfaultfd", FdKind::USERFAULTFD},
    {"[io_uring", FdKind::IO_URING},
    {"[pidfd", FdKind::PIDFD},
});

/// The number of `socket:[123]`.
std::optional<uint64_t> socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix)) return std::nullopt;
  uint64_t inode = 0;
  std::from_chars(link.data() + kPrefix.size(), link.data() + link.size(), inode);
  return inode;
}

FdKind anonymous_kind(std::string_view link) {
  constexpr std::string_view kPrefix = "anon_inode:";
  link.remove_prefix(kPrefix.size());
  for (const AnonymousKind& known : kAnonymous) {
    if (link.starts_with(known.name)) return known.kind;
  }
  return FdKind::UNSUPPORTED;
}

std::optional<std::string> link_of(int folder, const char* name) {
  char link[PATH_MAX];
  const ssize_t size = ::readlinkat(folder, name, link, sizeof link);
  if (size <= 0) return std::nullopt;
  return std::string(link, static_cast<size_t>(size));
}

/// Open flags in Falco's encoding.
uint32_t open_flags(int64_t pid, int64_t fd) {
  std::ifstream file(fmt::format("/proc/{}/fdinfo/{}", pid, fd));
  constexpr std::string_view kKey = "flags:";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kKey)) continue;
    const uint64_t native = std::strtoull(line.c_str() + kKey.size(), nullptr, 8);
    return static_cast<uint32_t>(falcoc::encode_open_flags(native));
  }
  return 0;
}

void describe_file(int folder, const char* name, int64_t pid, FdEntry& out) {
  struct stat status{};
  if (::fstatat(folder, name, &status, 0) != 0) {
    out.kind = FdKind::UNSUPPORTED;
    return;
  }
  out.ino = status.st_ino;
  if (S_ISFIFO(status.st_mode)) {
    out.kind = FdKind::FIFO;
  } else if (S_ISDIR(status.st_mode)) {
    out.kind = FdKind::DIRECTORY;
  } else {
    constexpr unsigned kMinorBits = 20;  // of the kernel's own device numbers, as events have them
    out.kind = FdKind::FILE_V2;
    out.open_flags = open_flags(pid, out.fd);
    out.dev = (major(status.st_dev) << kMinorBits) | minor(status.st_dev);
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

const SocketTable& FdSnapshot::sockets_of(int64_t pid) {
  struct stat status{};
  const uint64_t space =
      ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &status) == 0 ? status.st_ino : 0;
  auto& table = sockets_[space];
  if (table == nullptr) table = std::make_unique<SocketTable>(pid);
  return *table;
}

void FdSnapshot::append(std::string& out, int64_t pid) {
  const std::unique_ptr<DIR, CloseFolder> folder(
      ::opendir(fmt::format("/proc/{}/fd", pid).c_str()));
  if (folder == nullptr) return;
  std::deque<std::string> names;
  std::vector<FdEntry> fds;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] == '.' || fds.size() >= kMaxFds) continue;
    const auto link = link_of(::dirfd(folder.get()), entry->d_name);
    if (!link) continue;
    FdEntry fd;
    if (const auto inode = socket_inode(*link)) {
      if (const FdEntry* socket = sockets_of(pid).find(*inode)) {
        fd = *socket;
      } else {
        fd.kind = FdKind::UNSUPPORTED;
        fd.ino = *inode;
      }
    }
    fd.fd = std::atoll(entry->d_name);
    if (fd.kind == FdKind::UNKNOWN) {
      fd.name = names.emplace_back(*link);
      if (link->starts_with("anon_inode:")) {
        fd.kind = anonymous_kind(*link);
      } else {
        describe_file(::dirfd(folder.get()), entry->d_name, pid, fd);
      }
    }
    fds.push_back(fd);
  }
  if (!fds.empty()) scap::append_fds(out, static_cast<uint64_t>(pid), fds);
}

}  // namespace falcod
