// What falcod says when it stops: Falco's statistics (RULE-LANGUAGE 6.6), then what it read and
// what was lost, by event, reason and sink.
#pragma once

#include <span>
#include <string>

#include "runtime/engine/engine.h"
#include "runtime/output/sink_queue.h"

namespace falcod {

struct Losses {
  std::vector<LossCount> events;  ///< between kernel and falcod
  std::vector<SinkStats> sinks;

  bool any() const;
};

std::string summary_text(const falcoc::ir::Program& program, const EngineStats& stats);
/// Empty if nothing was lost.
std::string losses_text(const Losses& losses);

}  // namespace falcod
