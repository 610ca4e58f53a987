// Notices that what a set of paths leads to has changed: files written or replaced, directories
// filled, links pointed elsewhere (as Kubernetes does with mounted ConfigMaps). Says when to look
// again, not what changed. One thread.
#pragma once

#include <chrono>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"

namespace falcod {

class FileWatch {
 public:
  using Clock = std::chrono::steady_clock;
  /// Writers need several steps; a change is told once nothing more happens for so long …
  static constexpr std::chrono::milliseconds kQuiet{100};
  /// … or after this, if it never becomes quiet.
  static constexpr std::chrono::milliseconds kLongest{2000};

  /// `paths`: files, and directories that stand for the rule files in them.
  static std::expected<FileWatch, falcoc::Diagnostic> open(std::vector<std::string> paths);
  FileWatch(FileWatch&& other) noexcept;
  FileWatch& operator=(FileWatch&&) = delete;
  ~FileWatch();

  /// Whether something changed, and it is time to read. Never waits.
  bool changed(Clock::time_point now);

 private:
  FileWatch(int fd, std::vector<std::string> paths);

  /// Watches anew everything on the way to the paths.
  bool watch_all();
  bool watch_path(const std::string& path);
  bool watch_rules_in(const std::string& directory);
  /// Tells of `name` in `directory`; of every rule file if it is empty.
  bool watch_directory(const std::string& directory, const std::string& name);
  /// Reads what inotify has; true if it concerns a path.
  bool read_events();

  int fd_;
  std::vector<std::string> paths_;
  std::map<int, std::set<std::string>> names_;     ///< by watch descriptor
  std::optional<Clock::time_point> first_, last_;  ///< changes not told yet
};

}  // namespace falcod
