// See health.h.
#include "runtime/daemon/health.h"

#include <fmt/format.h>

#include <numeric>

namespace falcod {

FlowCounters FlowMeter::look(const LiveSource& source, uint64_t read, uint64_t rules,
                             bool records) {
  if (read == last_.read) {
    const std::vector<uint64_t> submitted = source.submitted();
    last_.submitted = std::accumulate(submitted.begin(), submitted.end(), uint64_t{0});
  }
  last_.read = read;
  last_.lost = source.lost();
  last_.rules = rules;
  last_.records = records;
  return last_;
}

void Health::look(const FlowCounters& counters, Time now) {
  const bool first = !last_look_;
  last_look_ = now;
  if (!first) compare(counters);
  last_ = counters;
  std::string trouble = judge(counters);
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

void Health::compare(const FlowCounters& counters) {
  const uint64_t submitted = counters.submitted - last_.submitted;
  const uint64_t read = counters.read - last_.read;
  const uint64_t lost = counters.lost - last_.lost;
  last_share_ = lost == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(lost + read);
  losing_ = lost > 0 && last_share_ > threshold_ ? losing_ + 1 : 0;
  // Nothing read although nothing was written is quiet, which is no fault.
  if (read > 0) standing_ = 0;
  if (read == 0 && (submitted > 0 || lost > 0)) ++standing_;
}

std::string Health::judge(const FlowCounters& counters) const {
  if (counters.rules == 0 && !counters.records) return "no rule is enabled: nothing is watched";
  if (standing_ >= kStillIntervals) {
    return fmt::format("the kernel reports events, but none came out of the ring for {} s",
                       standing_ * kInterval.count());
  }
  if (losing_ >= kLossIntervals) {
    return fmt::format("events are lost for {} s, {:.0f} % of them in the last second",
                       losing_ * kInterval.count(), last_share_ * 100);
  }
  return {};
}

std::string Health::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace falcod
