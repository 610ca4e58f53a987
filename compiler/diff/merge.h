// Two compiled rulesets in one program, so that equal conditions are one node.
#pragma once

#include "compiler/ir/program.h"

namespace falcoc::diff {

struct Merged {
  ir::Program program;  ///< its rules: those of the old set, then those of the new; no outputs
  size_t old_rules = 0;
};

Merged merge(const ir::Program& old_set, const ir::Program& new_set);

}  // namespace falcoc::diff
