// The reference evaluator: a plain tree walk that defines every operator. Oracle for both code
// generators and fallback where executable memory is forbidden. Never optimised.
#pragma once

#include <deque>
#include <string>

#include "compiler/ir/program.h"

namespace falcoc::ir {

/// Where an evaluator gets values: the accessor of each slot and the context to call it with.
struct FieldSource {
  void* context = nullptr;
  std::span<const Accessor> accessors;  ///< parallel to Program::fields
};

/// Keeps values that transformers make until the event is done.
class ValueArena {
 public:
  std::string_view keep(std::string text) {
    is_used_ = true;
    return texts_.emplace_back(std::move(text));
  }
  const Value* keep(std::vector<Value> items) {
    is_used_ = true;
    return lists_.emplace_back(std::move(items)).data();
  }
  /// Once per event, and most events keep nothing.
  void clear() {
    if (is_used_) release();
  }

 private:
  void release() {
    texts_.clear();
    lists_.clear();
    is_used_ = false;
  }

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
  bool is_used_ = false;
};

bool evaluate(const Program& program, NodeId node, const FieldSource& source, ValueArena& arena);

/// Value of an operand, for outputs. False if absent.
bool evaluate_operand(const Program& program, OperandId operand, const FieldSource& source,
                      ValueArena& arena, Value& out);

/// Applies one operator to one pair of scalars; what generated code calls where it does not expand
/// an operator inline.
bool compare_scalar(ParamType type, Operator op, const Value& left, const Literal& right);

}  // namespace falcoc::ir
