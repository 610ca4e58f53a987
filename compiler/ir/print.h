// Program back to text: conditions and operands as a rule would say them, for people to read
// (explain, failing tests). Knows the IR and the words of the language.
#pragma once

#include <string>

#include "compiler/ir/program.h"

namespace falcoc::ir {

/// `proc.aname[2]`, `evt.arg.flags`.
std::string print_field(const FieldRef& field);
std::string print_operand(const Program& program, OperandId operand);
/// A literal that `op` compares with a left side of `type`, quoted where needed. `op` matters for
/// the operators that take hexadecimal text.
std::string print_literal(ParamType type, Operator op, const Literal& literal);
/// The condition in one line; connectives are parenthesised, shared nodes are repeated. Parses to
/// the same node again, except for literals that no text converts to: NaN, infinities and numbers
/// of other types' ranges.
std::string print_condition(const Program& program, NodeId condition);

}  // namespace falcoc::ir
