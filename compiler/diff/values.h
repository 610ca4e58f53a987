// From what a solver found to an event: for each operand a value that answers as the solver says.
#pragma once

#include <optional>
#include <vector>

#include "compiler/diff/theory.h"
#include "compiler/ir/fact_source.h"

namespace falcoc::diff {

/// What events of the example may be, beside what the solver says.
struct Frame {
  const testing::Facts* usual;  ///< of every event
  EventSet kinds;               ///< one of these
};

struct MadeEvent {
  std::optional<testing::Facts> facts;
  std::vector<int> conflict;  ///< if there are none: a clause that excludes what has no value
};

/// To be called after the solver said SATISFIABLE.
MadeEvent make_event(const ir::Program& program, const Theory& theory, const Solver& solver,
                     const Frame& frame);

}  // namespace falcoc::diff
