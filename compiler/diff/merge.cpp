#include "compiler/diff/merge.h"

#include "compiler/ir/compile.h"

namespace falcoc::diff {

namespace {

using ir::NodeId;
using ir::OperandId;

class Import {
 public:
  Import(const ir::Program& from, ir::ProgramBuilder& to) : from_(from), to_(to) {}

  void run() {
    // Arguments precede what they are arguments of, children their parents.
    for (const ir::Operand& operand : from_.operands) operands_.push_back(imported(operand));
    for (const ir::Node& node : from_.nodes) nodes_.push_back(imported(node));
    for (ir::Rule rule : from_.rules) {
      rule.condition = nodes_[static_cast<size_t>(rule.condition)];
      rule.output = {};
      to_.rule(std::move(rule));
    }
  }

 private:
  OperandId imported(ir::Operand operand) {
    if (operand.kind == ir::Operand::Kind::FIELD) {
      operand.field = to_.field(from_.field(operand.field));
    }
    for (OperandId& argument : operand.arguments) {
      argument = operands_[static_cast<size_t>(argument)];
    }
    return to_.operand(std::move(operand));
  }

  NodeId imported(ir::Node node) {
    for (NodeId& child : node.children) child = nodes_[static_cast<size_t>(child)];
    switch (node.kind) {
      case ir::Node::Kind::FALSE:
      case ir::Node::Kind::TRUE:
        return to_.constant(node.kind == ir::Node::Kind::TRUE);
      case ir::Node::Kind::AND:
        return to_.all_of(node.children);
      case ir::Node::Kind::OR:
        return to_.any_of(node.children);
      case ir::Node::Kind::NOT:
        return to_.negate(node.children.front());
      case ir::Node::Kind::ATOM:
        break;
    }
    node.left = operands_[static_cast<size_t>(node.left)];
    if (node.right_side == ir::Node::RightSide::OPERAND)
      node.right = operands_[static_cast<size_t>(node.right)];
    if (node.right_side == ir::Node::RightSide::LITERALS)
      node.literals = to_.literals(from_.literal_set(node.literals));
    return to_.atom(std::move(node));
  }

  const ir::Program& from_;
  ir::ProgramBuilder& to_;
  std::vector<OperandId> operands_;  ///< of `to_`, parallel to those of `from_`
  std::vector<NodeId> nodes_;
};

}  // namespace

Merged merge(const ir::Program& old_set, const ir::Program& new_set) {
  ir::ProgramBuilder builder;
  Import(old_set, builder).run();
  Import(new_set, builder).run();
  return {.program = std::move(builder).finish(), .old_rules = old_set.rules.size()};
}

}  // namespace falcoc::diff
