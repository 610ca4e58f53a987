// See snapshot.h.
#include "runtime/state/snapshot.h"

#include <dirent.h>
#include <fmt/format.h>
#include <grp.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <memory>
#include <vector>

#include "runtime/capture/scap/encode.h"
#include "runtime/state/fd_snapshot.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using scap::Interface;
using scap::ProcessEntry;
using scap::UserEntry;

constexpr uint32_t kCloneFiles = 1, kCloneThread = 8192;  // flags.def, clone_flags

uint64_t boot_time_ns() {
  const auto now = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  };
  return now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
}

void add_machine(std::string& out) {
  char hostname[128] = {};
  ::gethostname(hostname, sizeof hostname - 1);
  struct sysinfo info{};
  ::sysinfo(&info);
  scap::Machine machine;
  machine.cpus = static_cast<uint32_t>(::get_nprocs());
  machine.memory_bytes = static_cast<uint64_t>(info.totalram) * info.mem_unit;
  machine.hostname = hostname;
  machine.boot_time_ns = boot_time_ns();
  scap::append_machine(out, machine);
}

void add_interfaces(std::string& out) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  std::vector<Interface> interfaces;
  for (const ifaddrs* address = list; address != nullptr; address = address->ifa_next) {
    if (address->ifa_addr == nullptr) continue;
    const int family = address->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    Interface interface;
    interface.name = address->ifa_name;
    interface.address_bytes = family == AF_INET ? 4 : 16;
    const size_t offset =
        family == AF_INET ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
    const auto copy = [&](const sockaddr* from, std::array<char, 16>& to) {
      if (from == nullptr) return;
      std::memcpy(to.data(), reinterpret_cast<const char*>(from) + offset, interface.address_bytes);
    };
    copy(address->ifa_addr, interface.address);
    copy(address->ifa_netmask, interface.netmask);
    interfaces.push_back(interface);
  }
  scap::append_interfaces(out, interfaces);
  ::freeifaddrs(list);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// From the files alone: name services can take seconds to answer.
void add_users(std::string& out) {
  std::deque<std::string> texts;
  const auto keep = [&](const char* text) -> std::string_view {
    return texts.emplace_back(text == nullptr ? "" : text);
  };
  std::vector<UserEntry> users;
  if (const File file(std::fopen("/etc/passwd", "re")); file != nullptr) {
    while (const passwd* user = ::fgetpwent(file.get())) {
      users.push_back({.is_group = false,
                       .uid = user->pw_uid,
                       .gid = user->pw_gid,
                       .name = keep(user->pw_name),
                       .home = keep(user->pw_dir),
                       .shell = keep(user->pw_shell)});
    }
  }
  if (const File file(std::fopen("/etc/group", "re")); file != nullptr) {
    while (const group* group = ::fgetgrent(file.get())) {
      UserEntry entry;
      entry.is_group = true;
      entry.gid = group->gr_gid;
      entry.name = keep(group->gr_name);
      users.push_back(entry);
    }
  }
  scap::append_users(out, users);
}

std::string with_nuls(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list.append(text).push_back('\0');
  return list;
}

std::string cgroup_list(const Cgroups& cgroups) {
  std::string list;
  for (const auto& [controller, path] : cgroups.paths) {
    list.append(controller).append("=").append(path).push_back('\0');
  }
  return list;
}

std::string root_of(int64_t pid) {
  char root[PATH_MAX];
  const ssize_t size = ::readlink(fmt::format("/proc/{}/root", pid).c_str(), root, sizeof root);
  return size > 0 ? std::string(root, static_cast<size_t>(size)) : "/";
}

std::vector<int64_t> threads_of(int64_t pid) {
  std::vector<int64_t> threads;
  DIR* folder = ::opendir(fmt::format("/proc/{}/task", pid).c_str());
  if (folder == nullptr) return threads;
  while (const dirent* entry = ::readdir(folder)) {
    const int64_t tid = std::atoll(entry->d_name);
    if (tid > 0 && tid != pid) threads.push_back(tid);
  }
  ::closedir(folder);
  return threads;
}

/// The thread's number in its own pid namespace; -1 if it is gone.
int64_t inner_tid(int64_t pid, int64_t tid) {
  std::ifstream status(fmt::format("/proc/{}/task/{}/status", pid, tid));
  constexpr std::string_view kKey = "NSpid:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kKey)) return std::atoll(line.c_str() + line.find_last_of(" \t") + 1);
  }
  return -1;
}

/// What CapturedFds and ProcessTable follow (SCAP notes, section 6).
constexpr std::array kFollowed{
    EventCode::CLONE,        EventCode::CLONE3,         EventCode::FORK,
    EventCode::VFORK,        EventCode::EXECVE,         EventCode::EXECVEAT,
    EventCode::PROCEXIT,     EventCode::CHDIR,          EventCode::FCHDIR,
    EventCode::GETCWD,       EventCode::CHROOT,         EventCode::SETSID,
    EventCode::SETUID,       EventCode::SETGID,         EventCode::SETREUID,
    EventCode::SETREGID,     EventCode::SETRESUID,      EventCode::SETRESGID,
    EventCode::CAPSET,       EventCode::OPEN,           EventCode::CREAT,
    EventCode::OPENAT,       EventCode::OPENAT2,        EventCode::OPEN_BY_HANDLE_AT,
    EventCode::CLOSE,        EventCode::CLOSE_RANGE,    EventCode::DUP,
    EventCode::DUP2,         EventCode::DUP3,           EventCode::FCNTL,
    EventCode::PIPE,         EventCode::PIPE2,          EventCode::SOCKETPAIR,
    EventCode::SOCKET,       EventCode::BIND,           EventCode::CONNECT,
    EventCode::ACCEPT,       EventCode::ACCEPT4,        EventCode::EVENTFD,
    EventCode::EVENTFD2,     EventCode::SIGNALFD,       EventCode::SIGNALFD4,
    EventCode::INOTIFY_INIT, EventCode::INOTIFY_INIT1,  EventCode::EPOLL_CREATE,
    EventCode::MEMFD_CREATE, EventCode::TIMERFD_CREATE, EventCode::EPOLL_CREATE1,
    EventCode::PIDFD_OPEN,   EventCode::PIDFD_GETFD,    EventCode::USERFAULTFD,
    EventCode::BPF,          EventCode::IO_URING_SETUP,
};

/// Texts that entries borrow.
struct ProcessTexts {
  std::string args, env, cgroups, root;
};

ProcessEntry entry_of(const Process& process, const ProcessTexts& texts) {
  const Image& image = *process.image;
  ProcessEntry entry;
  entry.tid = entry.pid = static_cast<uint64_t>(process.pid);
  entry.ptid = process.ppid;
  entry.sid = process.sid;
  entry.vpgid = process.vpgid;
  entry.pgid = process.pgid;
  entry.vtid = entry.vpid = process.vpid;
  entry.comm = process.comm;
  entry.exe = image.exe;
  entry.exe_path = image.exe_path;
  entry.args = texts.args;
  entry.env = texts.env;
  entry.cwd = process.cwd;
  entry.cgroups = texts.cgroups;
  entry.root = texts.root;
  entry.fd_limit = static_cast<int64_t>(process.fd_limit);
  entry.uid = process.uid;
  entry.gid = process.gid;
  entry.login_uid = process.login_uid;
  entry.tty = process.tty;
  entry.vm_size_kb = static_cast<uint32_t>(process.vm_size_kb);
  entry.vm_rss_kb = static_cast<uint32_t>(process.vm_rss_kb);
  entry.vm_swap_kb = static_cast<uint32_t>(process.vm_swap_kb);
  entry.maj_faults = process.maj_faults;
  entry.min_faults = process.min_faults;
  entry.pidns_start_ns = process.pidns_start_ns;
  entry.exe_writable = (image.exe_flags & FC_EXE_WRITABLE) != 0;
  entry.exe_upper_layer = (image.exe_flags & FC_EXE_UPPER_LAYER) != 0;
  entry.exe_lower_layer = (image.exe_flags & FC_EXE_LOWER_LAYER) != 0;
  entry.exe_memfd = (image.exe_flags & FC_EXE_FROM_MEMFD) != 0;
  entry.exe_ino = image.exe_ino;
  entry.exe_ctime_ns = image.exe_ctime_ns;
  entry.exe_mtime_ns = image.exe_mtime_ns;
  entry.cap_inheritable = process.cap_inheritable;
  entry.cap_permitted = process.cap_permitted;
  entry.cap_effective = process.cap_effective;
  return entry;
}

void add_processes(std::string& out, const std::vector<ProcessPtr>& processes) {
  std::deque<ProcessTexts> texts;
  std::vector<ProcessEntry> entries;
  for (const ProcessPtr& process : processes) {
    texts.push_back({with_nuls(process->image->args), with_nuls(process->image->env),
                     cgroup_list(*process->cgroups), root_of(process->pid)});
    ProcessEntry entry = entry_of(*process, texts.back());
    entries.push_back(entry);
    entry.flags = kCloneThread | kCloneFiles;
    for (const int64_t tid : threads_of(process->pid)) {
      entry.tid = static_cast<uint64_t>(tid);
      entry.vtid = process->vpid == process->pid ? tid : inner_tid(process->pid, tid);
      entries.push_back(entry);
    }
  }
  scap::append_processes(out, entries);
}

}  // namespace

falcoc::EventSet followed_events() {
  falcoc::EventSet set;
  for (const EventCode code : kFollowed) set.set(static_cast<falcoc::EventKind>(code));
  return set;
}

std::string snapshot(const ProcessTable& processes) {
  std::vector<ProcessPtr> living;
  for (const int64_t pid : processes.pids()) {
    if (ProcessPtr process = processes.find(pid)) living.push_back(std::move(process));
  }
  std::string out;
  scap::append_section_header(out);
  add_machine(out);
  add_interfaces(out);
  add_users(out);
  add_processes(out, living);
  FdSnapshot descriptors;
  for (const ProcessPtr& process : living) descriptors.append(out, process->pid);
  return out;
}

}  // namespace falcod
