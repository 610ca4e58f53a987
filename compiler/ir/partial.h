// Conditions some of whose fields are not known yet: what can be said of them nevertheless. By the
// reference evaluator; for the few events that wait for metadata, not for the hot path.
#pragma once

#include <vector>

#include "compiler/ir/memo_evaluator.h"

namespace falcoc::ir {

enum class Truth : uint8_t { NO, YES, OPEN };

class PartialEvaluator {
 public:
  /// `open` is parallel to Program::fields: true for those whose values are not known.
  PartialEvaluator(const Program& program, const std::vector<bool>& open);

  /// Whether the condition's value can depend on an open field at all.
  bool depends(NodeId node) const { return nodes_[static_cast<size_t>(node)]; }
  bool depends(OperandId operand) const { return operands_[static_cast<size_t>(operand)]; }

  /// Forgets the previous event, whose results do not hold for another.
  void begin_event();
  /// OPEN if both is possible. `source` is not asked for open fields, and is the same for all calls
  /// within one event.
  Truth evaluate(NodeId node, const FieldSource& source, ValueArena& arena);

 private:
  enum class Memo : uint8_t { NO, YES, OPEN, NOTHING };
  Truth evaluate_open(NodeId node, const FieldSource& source, ValueArena& arena);

  const Program& program_;
  std::vector<bool> operands_;  ///< parallel to Program::operands: depends on an open field
  std::vector<bool> nodes_;     ///< likewise
  MemoEvaluator closed_;        ///< nodes that depend on no open field
  std::vector<Memo> memos_;     ///< parallel to Program::nodes
};

}  // namespace falcoc::ir
