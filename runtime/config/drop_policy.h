// What is to be done about lost events: keys syscall_event_drops.* of falco.yaml.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace falcod {

enum class DropAction : uint8_t { IGNORE, LOG, ALERT, EXIT };

/// Falco's defaults; what it ships, log and alert, is in the built-in configuration.
struct DropPolicy {
  double threshold = 0.1;  ///< lost / (read + lost) of a second must be more
  std::vector<DropAction> actions{};
  double rate = 0.03333;  ///< tokens per second
  uint32_t max_burst = 1;
  bool simulate_drops = false;  ///< one event a second counts as lost, whatever the threshold

  bool has(DropAction action) const { return std::ranges::count(actions, action) != 0; }
};

}  // namespace falcod
