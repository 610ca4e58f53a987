// Connectives by memo, checks by the reference evaluator.
#include "compiler/ir/memo_evaluator.h"

#include <algorithm>

namespace falcoc::ir {

MemoEvaluator::MemoEvaluator(const Program& program)
    : program_(program), memos_(program.nodes.size()) {}

void MemoEvaluator::begin_event() {
  epoch_ += 2;
  if (epoch_ != 0) return;
  std::ranges::fill(memos_, 0);  // tags of 2^31 events ago would count again
  epoch_ = 2;
}

// Recursion is as deep as conditions nest, which compiler and bundles bound.
bool MemoEvaluator::evaluate(NodeId id, const FieldSource& source, ValueArena& arena) {
  uint32_t& memo = memos_[static_cast<size_t>(id)];
  if (memo - epoch_ <= 1) return memo != epoch_;
  const Node& node = program_.node(id);
  const auto holds = [&](NodeId child) { return evaluate(child, source, arena); };
  bool result = false;
  switch (node.kind) {
    case Node::Kind::AND:
      result = std::ranges::all_of(node.children, holds);
      break;
    case Node::Kind::OR:
      result = std::ranges::any_of(node.children, holds);
      break;
    case Node::Kind::NOT:
      result = !holds(node.children.front());
      break;
    default:
      result = ir::evaluate(program_, id, source, arena);
  }
  memo = epoch_ + (result ? 1 : 0);
  return result;
}

}  // namespace falcoc::ir
