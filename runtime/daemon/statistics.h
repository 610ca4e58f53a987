// `falcod --stats`: what became of events by kind, and of rules, as text or JSON.
#pragma once

#include <string>

#include "runtime/engine/engine.h"

namespace falcod {

/// A table of kinds, then one of rules; what is all zero is left out. Times are means of samples.
std::string statistics_text(const falcoc::ir::Program& program, const EngineStats& stats);
/// The same as one JSON object in one line.
std::string statistics_json(const falcoc::ir::Program& program, const EngineStats& stats);

}  // namespace falcod
