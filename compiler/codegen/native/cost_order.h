// The order in which conditions are evaluated: conditions have no effects, so any order of the
// children of AND and OR gives the same result, at different cost. Knows the IR, not LLVM.
#pragma once

#include <vector>

#include "compiler/ir/specialize.h"

namespace falcoc::native {

/// Orders children by what they cost for each chance that they decide the whole. Fetches are shared
/// by all checks of an operand and results by all users of a node, so that what many rules ask is
/// cheap.
class CostOrder {
 public:
  explicit CostOrder(const ir::Program& program);

  /// Children that rank alike stay in source order. The same condition is ordered alike in every
  /// specialisation, so that matchers of different kinds can still share it.
  void apply(ir::Specialized& specialized) const;

 private:
  const ir::Program& program_;
  std::vector<float> uses_;  ///< parents and rules of each node of the program
  std::vector<float> operand_uses_;
};

}  // namespace falcoc::native
