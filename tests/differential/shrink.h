// Makes a failing ruleset small enough to read: one rule, and of its condition only what matters.
#pragma once

#include <functional>

#include "compiler/ir/program.h"

namespace falcoc::differential {

/// The program with nothing but this rule; ids of fields and operands stay what they are.
ir::Program only_rule(const ir::Program& program, size_t rule);

/// Takes parts of the condition of the only rule away as long as `fails` holds for what is left.
ir::Program shrink(ir::Program program, const std::function<bool(const ir::Program&)>& fails);

}  // namespace falcoc::differential
