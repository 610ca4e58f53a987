// See file_watch.h. Directories are watched, not files: a file that is replaced is another file.
// For every path these are the directory of its last component and those of all links on the way.
#include "runtime/daemon/file_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <list>
#include <utility>

namespace falcod {

namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using falcoc::Diagnostic;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
/// As many links as the kernel follows on one path.
constexpr int kMaxLinks = 40;

bool is_rule_file(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

Diagnostic failure(int error) {
  return Diagnostic::global(
      Code::RELOAD_UNSUPPORTED,
      fmt::format("changes of rule files are not noticed: {}", std::strerror(error)),
      "send SIGHUP after a change; fs.inotify.max_user_watches limits how much can be watched");
}

}  // namespace

std::expected<FileWatch, Diagnostic> FileWatch::open(std::vector<std::string> paths) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return std::unexpected(failure(errno));
  FileWatch watch(fd, std::move(paths));
  if (!watch.watch_all()) return std::unexpected(failure(errno));
  return watch;
}

FileWatch::FileWatch(int fd, std::vector<std::string> paths) : fd_(fd), paths_(std::move(paths)) {}

FileWatch::FileWatch(FileWatch&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      paths_(std::move(other.paths_)),
      names_(std::move(other.names_)),
      first_(other.first_),
      last_(other.last_) {}

FileWatch::~FileWatch() {
  if (fd_ >= 0) ::close(fd_);
}

bool FileWatch::changed(Clock::time_point now) {
  if (read_events()) {
    if (!first_) first_ = now;
    last_ = now;
  }
  if (!first_ || (now - *last_ < kQuiet && now - *first_ < kLongest)) return false;
  first_.reset();
  last_.reset();
  watch_all();  // before anything is read: what changes after this is told again
  return true;
}

bool FileWatch::watch_all() {
  std::map<int, std::set<std::string>> former = std::exchange(names_, {});
  bool complete = true;
  for (const std::string& path : paths_) complete = watch_path(path) && complete;
  for (const auto& [descriptor, names] : former) {
    if (!names_.contains(descriptor)) ::inotify_rm_watch(fd_, descriptor);
  }
  return complete;
}

bool FileWatch::watch_path(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  std::list<fs::path> rest(absolute.begin(), absolute.end());
  fs::path reached;
  bool complete = true;
  for (int links = 0; !rest.empty();) {
    const fs::path component = rest.front();
    rest.pop_front();
    const fs::path next = reached / component;
    const bool is_link = fs::is_symlink(fs::symlink_status(next, error));
    const bool is_last = rest.empty() && !is_link;
    if (is_link || is_last || !fs::exists(next, error)) {
      complete = watch_directory(reached, component) && complete;
    }
    if (!is_link) {
      if (is_last && fs::is_directory(next, error)) complete = watch_rules_in(next) && complete;
      reached = next;
      continue;
    }
    const fs::path target = fs::read_symlink(next, error);
    if (error || ++links > kMaxLinks) break;
    if (target.is_absolute()) reached.clear();
    rest.insert(rest.begin(), target.begin(), target.end());
  }
  return complete;
}

bool FileWatch::watch_rules_in(const std::string& directory) {
  bool complete = watch_directory(directory, {});
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (!is_rule_file(entry.path().native()) || !entry.is_symlink(error)) continue;
    complete = watch_path(entry.path()) && complete;
  }
  return complete;
}

bool FileWatch::watch_directory(const std::string& directory, const std::string& name) {
  const int descriptor =
      ::inotify_add_watch(fd_, directory.empty() ? "/" : directory.c_str(), kEvents);
  // What does not exist is told of by the nearest directory that does.
  if (descriptor < 0) return errno == ENOENT || errno == ENOTDIR;
  names_[descriptor].insert(name);
  return true;
}

bool FileWatch::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool concerns = false;
  for (ssize_t size = 0; (size = ::read(fd_, buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const std::string_view name = event->len == 0 ? std::string_view() : event->name;
      const auto watched = names_.find(event->wd);
      const bool lost = (event->mask & IN_Q_OVERFLOW) != 0;
      if (watched == names_.end()) {
        concerns = concerns || lost;
        continue;
      }
      const bool is_self = (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
      concerns = concerns || is_self || watched->second.contains(std::string(name)) ||
                 (watched->second.contains({}) && is_rule_file(name));
    }
  }
  return concerns;
}

}  // namespace falcod
