// Notices that rule files or the configuration changed, and exchanges the rules; and gives the
// first rules what they were armed without. Called by the match loop between two batches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/daemon/file_watch.h"
#include "runtime/daemon/live_rules.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/reload.h"
#include "runtime/daemon/summary.h"

namespace falcod {

class ReloadWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `fingerprint`: of the files that the rules in force were made of. What changed between loading
  /// and now is noticed too.
  ReloadWatch(const Options& options, Engine& engine, LiveRules& rules, std::string fingerprint,
              const Reporter& reporter);

  /// Has native code and filters made for the rules in force. is_complete() when they are in use.
  void complete();
  bool is_complete() const { return is_complete_; }
  /// Whatever the files hold now.
  void request() { reloader_.request(Reload::ALWAYS); }
  /// Exchanges rules that are ready. What came with them, if there were some: outputs are the
  /// caller's to exchange, before the next event.
  std::optional<ReloadOutcome> look(Clock::time_point now);
  const Reloads& counts() const { return counts_; }

 private:
  void watch(std::vector<std::string> paths);
  void use(CompletionOutcome outcome);
  void swap(std::unique_ptr<ArmedRules> rules, LoadedFiltersPtr filters);

  Engine& engine_;
  LiveRules& rules_;
  const Reporter& reporter_;
  Reloader reloader_;
  std::optional<FileWatch> files_;  ///< nothing: files are not watched
  Reloads counts_;
  bool is_complete_ = false;
  bool settles_;  ///< a command may be over before what costs less in the long run is there
};

}  // namespace falcod
