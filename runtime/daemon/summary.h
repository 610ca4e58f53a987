// What falcod says when it stops: Falco's statistics (RULE-LANGUAGE 6.6), then what it read and
// what was lost, by event, reason and sink; and what it says of losses while it runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"
#include "runtime/output/sink_queue.h"

namespace falcod {

struct Losses {
  std::vector<LossCount> events;  ///< between kernel and falcod
  std::vector<SinkStats> sinks;
  uint64_t malformed = 0;  ///< records that the decoder refused
  /// Events that came without all their arguments: told of at the end, no loss.
  std::vector<LossCount> incomplete;

  bool any() const;
  /// What came on top of `earlier`, which was read from the same counters.
  Losses since(const Losses& earlier) const;
};

/// Rules loaded again while falcod ran.
struct Reloads {
  uint64_t done = 0;
  uint64_t failed = 0;  ///< the former rules stayed
};

/// Ends with what was lost, also where that is nothing.
std::string summary_text(const falcoc::ir::Program& program, const EngineStats& stats,
                         const Reloads& reloads, const Losses& losses);
/// What --check-facts found.
std::string facts_text(const FactStats& stats);
/// Empty if nothing was lost.
std::string losses_text(const Losses& losses);

}  // namespace falcod
