// What a condition is expected to cost in native code and how likely it holds for an ordinary
// event. Knows the IR, not LLVM.
#pragma once

#include <vector>

#include "compiler/ir/program.h"

namespace falcoc::native {

struct Estimate {
  float ns = 0;      ///< with all fetches
  float chance = 0;  ///< that it holds, 0 to 1
};

/// Fetching an operand, once per event.
float fetch_ns(const ir::Program& program, ir::OperandId operand);
/// A check without its fetches.
Estimate estimate_check(const ir::Program& program, const ir::Node& atom);
/// Parallel to `nodes`, in which children precede parents.
std::vector<Estimate> estimate_nodes(const ir::Program& program,
                                     const std::vector<ir::Node>& nodes);

}  // namespace falcoc::native
