// From the configuration to the outputs that alerts go to, and what is said of them while falcod
// runs.
#pragma once

#include <map>

#include "runtime/config/config.h"
#include "runtime/daemon/report.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/internal_alert.h"
#include "runtime/output/outputs.h"
#include "runtime/route/route.h"

namespace falcod {

/// Every output and sink that the configuration enables. What keeps a sink from its spool goes to
/// `reporter`, which outlives them.
std::vector<OutputSpec> output_specs(const Config& config, const route::Routes& routes,
                                     const Reporter& reporter);

/// An alert of a rule, as outputs take it.
Message message_of(const Alert& alert);
/// Likewise one of falcod about itself.
Message message_of(const InternalAlert& alert, const AlertOptions& options,
                   const std::string& hostname);
/// A random name for an alert: a UUID of version 4.
std::string alert_id();

/// Tells of outputs that stand still, fail or lose alerts, once each time, and when it is over.
class OutputMonitor {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// How often drops are alerted at most.
  static constexpr std::chrono::seconds kAlertInterval{10};

  explicit OutputMonitor(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  void use_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  /// Looks at the outputs; the diagnostics and texts go to `reporter`. Returns an alert for each
  /// output that lost alerts since the last one; their times are to be set.
  std::vector<InternalAlert> look(const std::vector<SinkStats>& outputs, Time now,
                                  const Reporter& reporter);

 private:
  struct Seen {
    bool stalled = false;
    bool failing = false;
    bool spool_failing = false;
    uint64_t dropped = 0;
  };

  void tell(Seen& seen, const SinkStats& output, Time now, const Reporter& reporter) const;

  std::chrono::milliseconds timeout_;
  std::map<std::string, Seen> seen_;
  Time next_alert_{};
};

}  // namespace falcod
