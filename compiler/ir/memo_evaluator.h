// The reference evaluator with a memory: every node of a program at most once per event, so that
// the time for one event is linear in the program, however much its conditions share. For programs
// from outside where native code cannot be had; the reference itself stays a plain walk.
#pragma once

#include <vector>

#include "compiler/ir/evaluate.h"

namespace falcoc::ir {

class MemoEvaluator {
 public:
  /// `program` must outlive the evaluator.
  explicit MemoEvaluator(const Program& program);

  /// Forgets the previous event, whose results do not hold for another.
  void begin_event();
  /// As ir::evaluate(). `source` is the same for all calls within one event.
  bool evaluate(NodeId node, const FieldSource& source, ValueArena& arena);

 private:
  const Program& program_;
  /// Per node epoch + 1 if it holds, epoch if not; anything else is of an earlier event.
  std::vector<uint32_t> memos_;
  uint32_t epoch_ = 2;
};

}  // namespace falcoc::ir
