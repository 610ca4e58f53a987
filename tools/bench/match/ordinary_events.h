// Ordinary activity, as facts: what nearly all events are.
#pragma once

#include <vector>

#include "compiler/ir/fact_source.h"

namespace falcoc::bench {

/// One event of each of six kinds, by a web server at work. Matches none of Falco's stable rules.
std::vector<testing::Facts> ordinary_events();

}  // namespace falcoc::bench
