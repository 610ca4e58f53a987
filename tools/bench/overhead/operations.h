// The operations whose cost a runtime security tool adds to: each runs a number of times and
// returns how long that took. Knows nothing of falcod.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace falcoc::bench {

struct Operation {
  std::string_view name;
  uint64_t iterations;  ///< per measurement
  std::chrono::nanoseconds (*run)(uint64_t iterations);
};

/// In the order in which the report lists them.
std::span<const Operation> operations();

}  // namespace falcoc::bench
