// What an operator means for present values: one pair of scalars, a scalar against a set, lists,
// ancestors, both ends of a connection, modifiers (RULE-LANGUAGE 3.3 to 3.6). Part of the reference
// evaluator: never optimised.
#pragma once

#include <vector>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"

namespace falcoc::ir {

/// Whether `left OP MODIFIER right` holds. Without modifier, operators other than in, intersects
/// and pmatch have one literal on the right.
bool compare(const Type& type, Operator op, Modifier modifier, const Value& left,
             const std::vector<Literal>& right);

/// The value of a right operand as literals: one for a scalar, one per element of a list.
std::vector<Literal> as_literals(const Type& type, Operator op, const Value& value);

}  // namespace falcoc::ir
