// The reference evaluator: a plain tree walk that defines every operator. Oracle for both code
// generators and fallback where executable memory is forbidden. Never optimised.
#pragma once

#include "compiler/ir/program.h"
#include "compiler/ir/value_arena.h"

namespace falcoc::ir {

/// Where an evaluator gets values: the accessor of each slot and the context to call it with.
struct FieldSource {
  void* context = nullptr;
  std::span<const Accessor> accessors;  ///< parallel to Program::fields
};

bool evaluate(const Program& program, NodeId node, const FieldSource& source, ValueArena& arena);

/// Value of an operand, for outputs. False if absent.
bool evaluate_operand(const Program& program, OperandId operand, const FieldSource& source,
                      ValueArena& arena, Value& out);

/// Applies one operator to one pair of scalars; what generated code calls where it does not expand
/// an operator inline.
bool compare_scalar(ParamType type, Operator op, const Value& left, const Literal& right);

}  // namespace falcoc::ir
