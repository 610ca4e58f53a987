// How long alerts take from their event to the receiver: counts by limit, as Prometheus' histograms
// have them.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace falcod {

struct DeliveryTimes {
  /// Upper limits in milliseconds; what takes longer is in the last count.
  static constexpr std::array<uint64_t, 9> kLimits{1, 5, 10, 50, 100, 500, 1'000, 10'000, 60'000};

  std::array<uint64_t, kLimits.size() + 1> counts{};
  uint64_t sum_ns = 0;

  /// An event of `event_ns` that is delivered at `now_ns`, both since the epoch.
  void add(uint64_t event_ns, uint64_t now_ns) {
    const uint64_t took = now_ns > event_ns ? now_ns - event_ns : 0;  // clocks are set back too
    const auto limit =
        std::ranges::lower_bound(kLimits, took, {}, [](uint64_t ms) { return ms * 1'000'000; });
    ++counts[static_cast<size_t>(limit - kLimits.begin())];
    sum_ns += took;
  }
  DeliveryTimes& operator+=(const DeliveryTimes& other) {
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum_ns += other.sum_ns;
    return *this;
  }
};

inline uint64_t epoch_now_ns() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count());
}

}  // namespace falcod
