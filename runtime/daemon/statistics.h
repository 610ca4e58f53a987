// `falcod --stats`: what became of events by kind, and of rules, as text or JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/engine/engine.h"

namespace falcod {

/// A table of kinds, then one of rules; what is all zero is left out. Times are means of samples.
/// `rejected`: events that the kernel's filters dropped, by kind; those of kinds without a filter
/// may be missing at the end.
std::string statistics_text(const falcoc::ir::Program& program, const EngineStats& stats,
                            std::span<const uint64_t> rejected = {});
/// The same as one JSON object in one line.
std::string statistics_json(const falcoc::ir::Program& program, const EngineStats& stats,
                            std::span<const uint64_t> rejected = {});

}  // namespace falcod
