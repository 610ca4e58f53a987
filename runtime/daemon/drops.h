// What is done about lost events, by Falco's policy (falco-config.md, section 7): once a second the
// share of what was lost is compared with a threshold; a token bucket limits how often something is
// done.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/capture/event_source.h"
#include "runtime/config/drop_policy.h"
#include "runtime/engine/internal_alert.h"

namespace falcod {

/// Counters since the start.
struct DropCounters {
  uint64_t read = 0;
  std::vector<LossCount> lost;
};

class DropMonitor {
 public:
  using Time = std::chrono::steady_clock::time_point;

  DropMonitor(DropPolicy policy, Time now);

  /// Whether a second has passed since the last look.
  bool is_due(Time now) const { return now - last_look_ >= std::chrono::seconds(1); }
  /// Looks at the counters. The alert if the actions of the policy are due; its time is to be set.
  std::optional<InternalAlert> look(const DropCounters& counters, Time now);

  const DropPolicy& policy() const { return policy_; }
  void use(DropPolicy policy);
  /// How often, in Falco's words; for the end.
  std::string statistics() const;

 private:
  bool claim_token(Time now);

  DropPolicy policy_;
  Time last_look_;
  DropCounters last_;
  double tokens_;
  Time last_token_;
  uint64_t occurrences_ = 0;
  uint64_t actions_taken_ = 0;
};

}  // namespace falcod
