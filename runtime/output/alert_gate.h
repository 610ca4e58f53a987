// What stands in front of a sink's queue: which alerts are for it, which repeat one that is out
// already, and how many it takes in a time. Knows of time what it is told. Used by one thread at a
// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/output/sink.h"

namespace falcod {

struct GateOptions {
  falcoc::Priority minimum = falcoc::Priority::DEBUG;  ///< less grave alerts are not for it
  std::optional<size_t> route{};  ///< index into Message::routes; nothing: every alert, by its rule
  /// Alerts that are alike are held back for so long after the first, then one says how many they
  /// were; 0: none is held back.
  std::chrono::milliseconds window{0};
  uint64_t limit = 0;  ///< alerts in `limit_time`; 0: no limit
  std::chrono::milliseconds limit_time{0};
};

class AlertGate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Of different alerts; what comes beyond is not held back.
  static constexpr size_t kMaxGroups = 4096;

  enum class Verdict : uint8_t {
    PASSES,
    NOT_FOR_IT,  ///< its route or priority says so
    REPEATED,    ///< held back, and counted
    OVER_LIMIT,
  };

  explicit AlertGate(const GateOptions& options);

  /// What is to become of an alert. What falcod says about itself passes, if it is grave enough.
  Verdict ask(const Message& message, Time now);
  /// From now on alerts have another index for it.
  void use_route(std::optional<size_t> route) { options_.route = route; }
  /// When take_due() has something to do; nothing: never, as it is now.
  std::optional<Time> next_due() const;
  /// For each kind of alert that was held back and whose time is over: the last of them, which says
  /// how many they were.
  std::vector<Message> take_due(Time now);
  /// Likewise, whether or not the time is over.
  std::vector<Message> take_all(Time now);

 private:
  struct Group {
    Time begin;
    uint64_t repeats = 0;
    Message last{};
  };

  bool takes_another(Time now);

  GateOptions options_;
  std::map<std::string, Group, std::less<>> groups_;
  double tokens_;
  Time refilled_{};
};

/// The alert as one that stands for `count` within `time`, told in whole seconds, one at least.
Message with_repeats(Message message, uint64_t count, AlertGate::Time::duration time);

}  // namespace falcod
