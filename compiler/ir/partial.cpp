// See partial.h.
#include "compiler/ir/partial.h"

#include <algorithm>

namespace falcoc::ir {

PartialEvaluator::PartialEvaluator(const Program& program, const std::vector<bool>& open)
    : program_(program),
      operands_(program.operands.size()),
      nodes_(program.nodes.size()),
      closed_(program),
      memos_(program.nodes.size(), Memo::NOTHING) {
  // Operands precede those that are made of them, and children their parents.
  for (size_t i = 0; i < operands_.size(); ++i) {
    const Operand& operand = program.operands[i];
    operands_[i] =
        operand.kind == Operand::Kind::FIELD
            ? open[static_cast<size_t>(operand.field)]
            : std::ranges::any_of(operand.arguments, [this](OperandId id) { return depends(id); });
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = program.nodes[i];
    nodes_[i] = node.kind == Node::Kind::ATOM
                    ? depends(node.left) ||
                          (node.right_side == Node::RightSide::OPERAND && depends(node.right))
                    : std::ranges::any_of(node.children, [this](NodeId id) { return depends(id); });
  }
}

void PartialEvaluator::begin_event() {
  closed_.begin_event();
  std::ranges::fill(memos_, Memo::NOTHING);
}

// Recursion is as deep as conditions nest, which compiler and bundles bound.
Truth PartialEvaluator::evaluate(NodeId id, const FieldSource& source, ValueArena& arena) {
  if (!depends(id)) return closed_.evaluate(id, source, arena) ? Truth::YES : Truth::NO;
  Memo& memo = memos_[static_cast<size_t>(id)];
  if (memo == Memo::NOTHING) memo = static_cast<Memo>(evaluate_open(id, source, arena));
  return static_cast<Truth>(memo);
}

Truth PartialEvaluator::evaluate_open(NodeId id, const FieldSource& source, ValueArena& arena) {
  const Node& node = program_.node(id);
  if (node.kind == Node::Kind::NOT) {
    const Truth child = evaluate(node.children.front(), source, arena);
    if (child == Truth::OPEN) return child;
    return child == Truth::YES ? Truth::NO : Truth::YES;
  }
  if (node.kind != Node::Kind::AND && node.kind != Node::Kind::OR) return Truth::OPEN;
  const Truth deciding = node.kind == Node::Kind::AND ? Truth::NO : Truth::YES;
  Truth result = deciding == Truth::NO ? Truth::YES : Truth::NO;
  for (const NodeId child : node.children) {
    const Truth truth = evaluate(child, source, arena);
    if (truth == deciding) return deciding;
    if (truth == Truth::OPEN) result = Truth::OPEN;
  }
  return result;
}

}  // namespace falcoc::ir
