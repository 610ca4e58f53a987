// What falcod says and does about lost events while it runs: reports in its log, and the policy of
// syscall_event_drops. Called by the match loop between two batches.
#pragma once

#include <functional>

#include "runtime/capture/event_source.h"
#include "runtime/daemon/drops.h"
#include "runtime/daemon/report.h"
#include "runtime/daemon/summary.h"

namespace falcod {

class LossWatch {
 public:
  using Clock = std::chrono::steady_clock;
  /// Losses are told of while they happen, but not so often that they fill a log.
  static constexpr std::chrono::seconds kInterval{10};

  struct Hooks {
    /// All that was lost since the start.
    std::function<Losses()> losses;
    /// Sends an alert of falcod about itself.
    std::function<void(InternalAlert)> alert;
    /// Events were lost that may have told of processes.
    std::function<void()> rescan;
  };

  LossWatch(DropPolicy policy, const Reporter& reporter, Hooks hooks);

  /// At most one report per interval.
  void report(Clock::time_point now);
  /// The policy on lost events; false if it says that falcod ends. `read`: events since the start.
  bool apply_policy(const EventSource& source, uint64_t read, Clock::time_point now);
  /// Another policy, from now on.
  void use_policy(DropPolicy policy) { drops_.use(std::move(policy)); }
  /// How often the policy was applied, in Falco's words; for the end.
  std::string statistics() const { return drops_.statistics(); }

 private:
  const Reporter& reporter_;
  Hooks hooks_;
  Clock::time_point next_report_;
  Losses reported_;
  DropMonitor drops_;
  DropCounters counters_;   ///< as last read
  uint64_t last_lost_ = 0;  ///< EventSource::lost() then
};

}  // namespace falcod
