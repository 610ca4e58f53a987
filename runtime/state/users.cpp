// Reader of passwd and group files, see users.h.
#include "runtime/state/users.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <utility>
#include <vector>

namespace falcod {
namespace {

constexpr uint64_t kCheckIntervalNs = 1'000'000'000;  // names may be stale this long
/// Until then a container's first process may have entered its root: a tick of the coarse clock.
constexpr uint64_t kRetryIntervalNs = 4'000'000;
constexpr size_t kFileLimit = 4 << 20;    // a database larger than this is not read
constexpr size_t kContainerLimit = 1024;  // containers whose names are kept

class UniqueFd {
 public:
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

/// Opens without leaving `directory` and without waiting on what is not a regular file.
int open_inside(int directory, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t colon = line.find(':');
    fields.push_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return fields;
    line.remove_prefix(colon + 1);
  }
}

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Handler>
void for_each_line(std::string_view text, Handler handle) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    // Lines that begin with + or - are NIS compatibility entries, not accounts.
    if (!line.empty() && line[0] != '#' && line[0] != '+' && line[0] != '-') handle(split(line));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Users::Users(std::string root) : root_(std::move(root)) {}

int Users::open_root(bool& settled) {
  settled = true;
  if (!root_.empty()) return open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (const int64_t pid : pids_) {
    if (pid == 0) continue;
    const std::string path = "/proc/" + std::to_string(pid) + "/root";
    const int fd = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) continue;
    pids_[2] = pid;
    struct stat theirs{}, own{};
    settled = fstat(fd, &theirs) == 0 && stat("/", &own) == 0 &&
              (theirs.st_dev != own.st_dev || theirs.st_ino != own.st_ino);
    return fd;
  }
  settled = false;
  return -1;
}

std::optional<std::string> Users::read_if_changed(int root, const char* path, FileStamp& stamp) {
  const UniqueFd file(open_inside(root, path));
  struct stat info{};
  if (file.get() < 0 || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<size_t>(info.st_size) > kFileLimit) {
    return std::nullopt;
  }
  const FileStamp current{info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_ino};
  if (current == stamp) return std::nullopt;
  stamp = current;

  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t used = 0;
  while (used < content.size()) {
    const ssize_t got = read(file.get(), content.data() + used, content.size() - used);
    if (got <= 0) break;
    used += static_cast<size_t>(got);
  }
  content.resize(used);
  return content;
}

void Users::use_captured_only() {
  captured_only_ = true;
  users_.clear();
  groups_.clear();
  containers_.clear();
  users_.emplace(0, User{"root", "/root", ""});
  groups_.emplace(0, "root");
}

Users& Users::captured(std::string_view container_id) {
  if (container_id.empty()) return *this;
  std::string key(container_id);
  auto found = containers_.find(key);
  if (found == containers_.end()) {
    if (containers_.size() >= kContainerLimit) containers_.clear();
    found = containers_.emplace(std::move(key), std::make_unique<Users>()).first;
    found->second->captured_only_ = true;
  }
  return *found->second;
}

void Users::set_user(std::string_view container_id, uint32_t uid, User user) {
  captured(container_id).users_.insert_or_assign(uid, std::move(user));
}

void Users::set_group(std::string_view container_id, uint32_t gid, std::string name) {
  captured(container_id).groups_.insert_or_assign(gid, std::move(name));
}

void Users::remove_user(std::string_view container_id, uint32_t uid) {
  captured(container_id).users_.erase(uid);
}

void Users::remove_group(std::string_view container_id, uint32_t gid) {
  captured(container_id).groups_.erase(gid);
}

void Users::refresh() {
  if (captured_only_) return;
  const uint64_t now = now_ns();
  if (now < next_check_ns_) return;
  bool settled = true;
  const UniqueFd root(open_root(settled));
  next_check_ns_ = now + (settled ? kCheckIntervalNs : kRetryIntervalNs);
  if (root.get() < 0) return;  // what was read stays

  if (const auto passwd = read_if_changed(root.get(), "etc/passwd", passwd_stamp_)) {
    ++version_;
    users_.clear();
    for_each_line(*passwd, [&](const std::vector<std::string_view>& fields) {
      if (fields.size() < 7) return;
      if (const auto uid = number(fields[2])) {
        // The first entry of a uid wins, as in getpwuid(3).
        users_.try_emplace(
            *uid, User{std::string(fields[0]), std::string(fields[5]), std::string(fields[6])});
      }
    });
  }
  if (const auto group = read_if_changed(root.get(), "etc/group", group_stamp_)) {
    ++version_;
    groups_.clear();
    for_each_line(*group, [&](const std::vector<std::string_view>& fields) {
      if (fields.size() < 3) return;
      if (const auto gid = number(fields[2])) groups_.try_emplace(*gid, fields[0]);
    });
  }
}

const User* Users::user(uint32_t uid) {
  refresh();
  const auto found = users_.find(uid);
  return found == users_.end() ? nullptr : &found->second;
}

const std::string* Users::group(uint32_t gid) {
  refresh();
  const auto found = groups_.find(gid);
  return found == groups_.end() ? nullptr : &found->second;
}

uint64_t Users::version() {
  refresh();
  return version_;
}

Users& Users::of_container(std::string_view container_id, int64_t pid, int64_t parent) {
  if (captured_only_) return captured(container_id);
  std::string key(container_id);
  auto found = containers_.find(key);
  if (found == containers_.end()) {
    if (containers_.size() >= kContainerLimit) containers_.clear();
    found = containers_.emplace(std::move(key), std::make_unique<Users>()).first;
  }
  found->second->root_.clear();
  found->second->pids_[0] = pid;
  found->second->pids_[1] = parent;
  return *found->second;
}

}  // namespace falcod
