// Capture files through the engine, for the commands that try rules on what was recorded: replay,
// profile, noise.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

/// The rules of a command, compiled; with what was found on standard error. Only warnings and notes
/// if there is a value.
std::expected<RuleInput, ExitStatus> rules_for_captures(const std::vector<std::string>& paths);

/// What the captures held.
struct CaptureSpan {
  uint64_t events = 0;
  uint64_t first_time_ns = 0, last_time_ns = 0;  ///< since the epoch; both 0 without events

  double hours() const;
};

/// Replays the files one after the other. A file that cannot be read to its end is told of on
/// standard error, and FAILURE; what was before it was replayed.
std::expected<CaptureSpan, ExitStatus> replay_captures(const std::vector<std::string>& paths,
                                                       falcod::Engine& engine);

/// An engine without a host of its own: alerts name none. Null after an error on standard error.
std::unique_ptr<falcod::Engine> capture_engine(ir::Program program,
                                               const falcod::AlertOptions& alerts,
                                               falcod::AlertSink sink);

}  // namespace falcoc::cli
