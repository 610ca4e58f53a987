// Reader of /proc/PID, see proc_reader.h.
#include "runtime/state/proc_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/state/process_table_impl.h"

namespace falcod {
namespace {

constexpr size_t kTextLimit = FC_ARGS_BYTES;  // of arguments and environment, as in events
constexpr size_t kSmallLimit = 65536;  // of stat, status, cgroup: far above what the kernel prints
constexpr uint32_t kCapDacOverride = 1;
constexpr uint32_t kCapFowner = 3;

std::string read_file(const std::string& path, size_t limit) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string content;
  std::array<char, 4096> chunk;
  while (content.size() < limit) {
    const ssize_t got = read(fd, chunk.data(), std::min(chunk.size(), limit - content.size()));
    if (got <= 0) break;
    content.append(chunk.data(), static_cast<size_t>(got));
  }
  close(fd);
  return content;
}

std::string read_link(const std::string& path) {
  std::array<char, 4096> target;
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<size_t>(size)) : std::string{};
}

template <typename Number>
Number parse(std::string_view text, int base = 10) {
  Number value{};
  const size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return value;
  std::from_chars(text.data() + start, text.data() + text.size(), value, base);
  return value;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (true) {
    const size_t start = text.find_first_not_of(" \t\n");
    if (start == std::string_view::npos) return found;
    text.remove_prefix(start);
    const size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    found.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

/// proc(5), /proc/PID/stat: fields after the name, which may itself hold blanks and parentheses.
bool parse_stat(std::string_view stat, Process& process) {
  const size_t open_paren = stat.find('(');
  const size_t close_paren = stat.rfind(')');
  if (open_paren == std::string_view::npos || close_paren == std::string_view::npos) return false;
  process.comm = stat.substr(open_paren + 1, close_paren - open_paren - 1);
  const auto fields = words(stat.substr(close_paren + 1));
  constexpr size_t kStartTime = 19;  // field 22 of the file, the first here is field 3
  if (fields.size() <= kStartTime) return false;
  constexpr size_t kThreads = 17;
  process.threads = parse<uint32_t>(fields[kThreads]);
  process.main_thread_gone = fields[0] == "Z" || fields[0] == "X";
  if (process.main_thread_gone) --process.threads;  // a zombie is counted until it is waited for
  process.exited = process.threads == 0;
  process.ppid = parse<int64_t>(fields[1]);
  process.pgid = parse<int64_t>(fields[2]);
  process.sid = parse<int64_t>(fields[3]);
  process.tty = static_cast<uint32_t>(parse<int32_t>(fields[4]));
  process.min_faults = parse<uint64_t>(fields[7]);
  process.maj_faults = parse<uint64_t>(fields[9]);
  process.start_time_ns = parse<uint64_t>(fields[kStartTime]) * proc_tick_ns();
  process.start_time_coarse = true;
  return true;
}

void parse_status_line(std::string_view key, std::string_view value, Process& process) {
  const auto numbers = words(value);
  if (numbers.empty()) return;
  const auto innermost = [&] { return parse<int64_t>(numbers.back()); };
  if (key == "Uid" && numbers.size() > 1) process.uid = parse<uint32_t>(numbers[1]);
  if (key == "Gid" && numbers.size() > 1) process.gid = parse<uint32_t>(numbers[1]);
  if (key == "NSpid") process.vpid = innermost();
  if (key == "NSpgid") process.vpgid = innermost();
  if (key == "NSsid") process.vsid = innermost();
  if (key == "VmSize") process.vm_size_kb = parse<uint64_t>(numbers[0]);
  if (key == "VmRSS") process.vm_rss_kb = parse<uint64_t>(numbers[0]);
  if (key == "VmSwap") process.vm_swap_kb = parse<uint64_t>(numbers[0]);
  if (key == "CapInh") process.cap_inheritable = parse<uint64_t>(numbers[0], 16);
  if (key == "CapPrm") process.cap_permitted = parse<uint64_t>(numbers[0], 16);
  if (key == "CapEff") process.cap_effective = parse<uint64_t>(numbers[0], 16);
}

void parse_status(std::string_view status, Process& process) {
  while (!status.empty()) {
    const size_t end = std::min(status.find('\n'), status.size());
    const std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    parse_status_line(line.substr(0, colon), line.substr(colon + 1), process);
  }
}

/// A path as the process itself sees it: without what lies above its root.
std::string inside_root(std::string path, const std::string& root) {
  if (root.size() <= 1 || !path.starts_with(root)) return path;
  if (path.size() == root.size()) return "/";
  return path[root.size()] == '/' ? path.substr(root.size()) : path;
}

bool has_group(const std::string& directory, gid_t group) {
  const std::string status = "\n" + read_file(directory + "/status", kTextLimit);
  constexpr std::string_view kGroups = "\nGroups:";
  const size_t at = status.find(kGroups);
  if (at == std::string::npos) return false;
  const std::string_view rest = std::string_view(status).substr(at + kGroups.size());
  return std::ranges::any_of(words(rest.substr(0, rest.find('\n'))),
                             [&](std::string_view word) { return parse<gid_t>(word) == group; });
}

/// What the probe says of a process that it sees starting (probe/writable.h), user namespaces
/// aside.
bool is_writable(const std::string& directory, const struct stat& file, const Process& process) {
  struct statvfs system{};
  if (statvfs((directory + "/exe").c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0) {
    return false;
  }
  if (file.st_uid == process.uid) return true;
  const bool of_group = file.st_gid == process.gid || has_group(directory, file.st_gid);
  if ((file.st_mode & (of_group ? S_IWGRP : S_IWOTH)) != 0) return true;
  return (process.cap_effective & (1ULL << kCapDacOverride | 1ULL << kCapFowner)) != 0;
}

std::shared_ptr<const Image> read_image(const std::string& directory, const Process& process,
                                        const std::string& root) {
  auto image = std::make_shared<Image>();
  const std::string arguments = read_file(directory + "/cmdline", kTextLimit);
  set_arguments(*image, arguments);
  image->args_cut = arguments.size() >= kTextLimit;
  if (image->exe.empty())
    image->exe = process.comm;  // kernel threads and zombies have no arguments
  set_environment(*image, read_file(directory + "/environ", kTextLimit));

  image->exe_path = inside_root(read_link(directory + "/exe"), root);
  constexpr std::string_view kDeleted = " (deleted)";
  if (image->exe_path.ends_with(kDeleted)) {
    image->exe_path.resize(image->exe_path.size() - kDeleted.size());
  }
  if (image->exe_path.starts_with("/memfd:")) image->exe_flags |= FC_EXE_FROM_MEMFD;
  struct stat file{};
  if (stat((directory + "/exe").c_str(), &file) == 0) {
    image->exe_ino = file.st_ino;
    const auto nanoseconds = [](const timespec& time) {
      return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
             static_cast<uint64_t>(time.tv_nsec);
    };
    image->exe_ctime_ns = nanoseconds(file.st_ctim);
    image->exe_mtime_ns = nanoseconds(file.st_mtim);
    if (is_writable(directory, file, process)) image->exe_flags |= FC_EXE_WRITABLE;
  }
  return image;
}

}  // namespace

uint64_t proc_tick_ns() {
  static const uint64_t tick_ns = 1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return tick_ns;
}

std::shared_ptr<const Cgroups> make_cgroups(CgroupPaths paths) {
  auto cgroups = std::make_shared<Cgroups>();
  if (auto match = match_container(paths)) {
    cgroups->container_id = short_container_id(match->full_id);
    cgroups->container_full_id = std::move(match->full_id);
    cgroups->container_engine = match->engine;
  }
  cgroups->pod_uid = pod_uid_from_cgroups(paths);
  cgroups->paths = std::move(paths);
  return cgroups;
}

CgroupPaths read_proc_cgroups(int64_t pid) {
  return parse_proc_cgroup(read_file(fmt::format("/proc/{}/cgroup", pid), kSmallLimit));
}

std::string read_proc_arguments(int64_t pid) {
  return read_file(fmt::format("/proc/{}/cmdline", pid), kTextLimit);
}

std::string read_proc_environment(int64_t pid) {
  return read_file(fmt::format("/proc/{}/environ", pid), kTextLimit);
}

uint64_t boot_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::optional<Process> read_proc_process(int64_t pid, uint64_t boot_to_epoch_ns) {
  const std::string directory = fmt::format("/proc/{}", pid);
  Process process;
  process.pid = process.vpid = pid;
  process.has_plain_texts = true;
  if (!parse_stat(read_file(directory + "/stat", kSmallLimit), process)) return std::nullopt;
  process.vsid = process.sid;
  process.vpgid = process.pgid;
  parse_status(read_file(directory + "/status", kSmallLimit), process);
  process.clone_time_ns = process.start_time_ns + boot_to_epoch_ns;
  if (process.vpid == pid) process.pidns_start_ns = boot_to_epoch_ns;

  const std::string login_uid = read_file(directory + "/loginuid", kSmallLimit);
  if (!login_uid.empty()) process.login_uid = parse<uint32_t>(login_uid);
  rlimit limit{};
  if (prlimit(static_cast<pid_t>(pid), RLIMIT_NOFILE, nullptr, &limit) == 0) {
    process.fd_limit = limit.rlim_cur;
  }
  const std::string root = read_link(directory + "/root");
  process.cwd = inside_root(read_link(directory + "/cwd"), root);
  if (!process.cwd.empty() && !process.cwd.ends_with('/')) process.cwd += '/';
  process.image = read_image(directory, process, root);
  process.image_read_ns = boot_now_ns();
  process.cgroups = make_cgroups(read_proc_cgroups(pid));
  return process;
}

std::vector<int64_t> list_proc_pids() {
  std::vector<int64_t> pids;
  DIR* directory = opendir("/proc");
  if (directory == nullptr) return pids;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
      pids.push_back(parse<int64_t>(entry->d_name));
    }
  }
  closedir(directory);
  std::ranges::sort(pids);
  return pids;
}

}  // namespace falcod
