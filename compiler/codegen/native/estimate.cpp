// The cost model: orders of magnitude measured with tools/bench/match, not promises.
#include "compiler/codegen/native/estimate.h"

#include <algorithm>

#include "compiler/ir/literals.h"

namespace falcoc::native {
namespace {

using ir::Node;
using ir::Operator;

constexpr float kNumberFetchNs = 3;
constexpr float kTextFetchNs = 8;  // finds the end of the text too
constexpr float kListFetchNs = 60;
constexpr float kTransformNs = 100;

float operator_ns(Operator op) {
  switch (op) {
    case Operator::REGEX:
      return 300;
    case Operator::GLOB:
    case Operator::IGLOB:
    case Operator::PMATCH:
    case Operator::ICONTAINS:
      return 60;
    case Operator::CONTAINS:
    case Operator::BCONTAINS:
      return 12;
    case Operator::IN:
    case Operator::INTERSECTS:
      return 4;
    case Operator::EXISTS:
      return 0;
    default:
      return 1;
  }
}

/// Most events are ordinary: what a rule looks for is rare, what it excludes is rare too. Short
/// texts are values of fields that have few.
float chance_of(Operator op, bool is_text, bool is_short) {
  switch (op) {
    case Operator::EXISTS:
      return 0.9f;
    case Operator::NE:
      return 0.7f;
    case Operator::LT:
    case Operator::LE:
    case Operator::GT:
    case Operator::GE:
      return 0.5f;
    default:
      return is_text && !is_short ? 0.05f : 0.4f;
  }
}

size_t index(ir::NodeId id) { return static_cast<size_t>(id); }

}  // namespace

float fetch_ns(const ir::Program& program, ir::OperandId id) {
  const ir::Operand& operand = program.operand(id);
  switch (operand.kind) {
    case ir::Operand::Kind::CONSTANT:
      return 0;
    case ir::Operand::Kind::FIELD: {
      if (operand.type.shape != Shape::SCALAR) return kListFetchNs;
      const ir::TypeGroup group = ir::type_traits(operand.type.param).group;
      return group == ir::TypeGroup::TEXT ? kTextFetchNs : kNumberFetchNs;
    }
    default: {
      float ns = kTransformNs;
      for (const ir::OperandId argument : operand.arguments) ns += fetch_ns(program, argument);
      return ns;
    }
  }
}

Estimate estimate_check(const ir::Program& program, const Node& atom) {
  const ir::TypeTraits traits = ir::type_traits(program.operand(atom.left).type.param);
  const bool is_number =
      traits.group == ir::TypeGroup::NUMBER || traits.group == ir::TypeGroup::BOOLEAN;
  float literals = 1;
  bool is_short = false;
  if (atom.right_side == Node::RightSide::LITERALS) {
    const std::vector<ir::Literal>& set = program.literal_set(atom.literals);
    if (atom.modifier != ir::Modifier::NONE) literals = static_cast<float>(set.size());
    is_short = !set.empty() && set.front().bytes.size() < 3;
  }
  const float ns = literals * (is_number ? 1 : operator_ns(atom.op));
  return {ns, chance_of(atom.op, !is_number, is_short)};
}

std::vector<Estimate> estimate_nodes(const ir::Program& program, const std::vector<Node>& nodes) {
  std::vector<Estimate> estimates(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    Estimate& estimate = estimates[i];
    const auto of = [&](ir::NodeId child) { return estimates[index(child)]; };
    switch (node.kind) {
      case Node::Kind::FALSE:
        break;
      case Node::Kind::TRUE:
        estimate.chance = 1;
        break;
      case Node::Kind::NOT:
        estimate = {of(node.children.front()).ns, 1 - of(node.children.front()).chance};
        break;
      case Node::Kind::ATOM:
        estimate = estimate_check(program, node);
        estimate.ns += fetch_ns(program, node.left);
        if (node.right_side == Node::RightSide::OPERAND) {
          estimate.ns += fetch_ns(program, node.right);
        }
        break;
      case Node::Kind::AND:
      case Node::Kind::OR: {
        const bool is_and = node.kind == Node::Kind::AND;
        float undecided = 1;  // the chance that evaluation gets so far
        for (const ir::NodeId child : node.children) {
          estimate.ns += undecided * of(child).ns;
          undecided *= is_and ? of(child).chance : 1 - of(child).chance;
        }
        estimate.chance = is_and ? undecided : 1 - undecided;
        break;
      }
    }
  }
  return estimates;
}

}  // namespace falcoc::native
