// Whether events flow as they should: what /healthz says beyond "the loop turns". The match loop
// shows it the counters, threads of the web server ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/capture/live.h"

namespace falcod {

/// Counters since the start, and the rules that run.
struct FlowCounters {
  uint64_t submitted = 0;  ///< what the kernel's programs put into the ring
  uint64_t read = 0;       ///< what came out of it
  uint64_t lost = 0;       ///< what had no room there, or could not be told of
  uint64_t rules = 0;      ///< enabled ones
  bool records = false;    ///< a recording takes events too: no rule is needed
};

/// Reads the counters.
class FlowMeter {
 public:
  /// What the kernel counts by kind and processor is asked for only where nothing was read since
  /// the last look.
  FlowCounters look(const LiveSource& source, uint64_t read, uint64_t rules, bool records);

 private:
  FlowCounters last_;
};

class Health {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// How often counters are compared. A burst of losses within one such time is no illness: it was
  /// told of, and a restart would lose more.
  static constexpr std::chrono::seconds kInterval{1};
  /// Intervals in a row that are bad before it is said: half a minute of losses above the
  /// threshold, or ten seconds in which nothing comes out of a ring that is written to.
  static constexpr unsigned kLossIntervals = 30;
  static constexpr unsigned kStillIntervals = 10;

  /// More than this share of the events lost is bad: syscall_event_drops.threshold.
  explicit Health(double threshold) : threshold_(threshold) {}

  bool is_due(Time now) const { return !last_look_ || now - *last_look_ >= kInterval; }
  void look(const FlowCounters& counters, Time now);
  void use_threshold(double threshold) { threshold_ = threshold; }

  /// Empty if all is well. By any thread.
  std::string trouble() const;

 private:
  void compare(const FlowCounters& counters);
  std::string judge(const FlowCounters& counters) const;

  double threshold_;
  std::optional<Time> last_look_;
  FlowCounters last_;
  unsigned losing_ = 0;    ///< bad intervals in a row
  unsigned standing_ = 0;  ///< likewise
  double last_share_ = 0;

  mutable std::mutex mutex_;
  std::string trouble_;  ///< under the mutex
};

}  // namespace falcod
