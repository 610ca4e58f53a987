// Ranks: cost of a condition over the chance that it makes its siblings unnecessary.
#include "compiler/codegen/native/cost_order.h"

#include <algorithm>

namespace falcoc::native {
namespace {

using ir::Node;
using ir::NodeId;
using ir::Operator;

/// What is expected of evaluating a node: its cost, and the chance that it holds.
struct Estimate {
  float cost = 0;
  float chance = 0;
};

/// No estimate is certain: a rank never divides by nothing.
constexpr float kLeastChance = 0.02f;

/// Most events are ordinary: what a rule looks for is rare, what it excludes is rare too.
float chance_of(const Node& atom) {
  switch (atom.op) {
    case Operator::EXISTS:
    case Operator::NE:
      return 0.9f;
    case Operator::LT:
    case Operator::LE:
    case Operator::GT:
    case Operator::GE:
      return 0.5f;
    default:
      return 0.1f;
  }
}

size_t index(NodeId id) { return static_cast<size_t>(id); }

}  // namespace

CostOrder::CostOrder(const ir::Program& program)
    : program_(program), uses_(program.nodes.size()), operand_uses_(program.operands.size()) {
  for (const Node& node : program.nodes) {
    for (NodeId child : node.children) ++uses_[index(child)];
    if (node.kind == Node::Kind::ATOM) ++operand_uses_[static_cast<size_t>(node.left)];
  }
  for (const ir::Rule& rule : program.rules) ++uses_[index(rule.condition)];
}

void CostOrder::apply(ir::Specialized& specialized) const {
  std::vector<Estimate> estimates(specialized.nodes.size());
  estimates[index(ir::Specialized::kTrue)].chance = 1;
  for (size_t i = 2; i < specialized.nodes.size(); ++i) {
    Node& node = specialized.nodes[i];
    const size_t origin = index(specialized.origins[i]);
    Estimate& estimate = estimates[i];
    const auto of = [&](NodeId child) { return estimates[index(child)]; };
    switch (node.kind) {
      case Node::Kind::ATOM: {
        const ir::NodeInfo& info = program_.info[origin];
        const float sharers = std::max(1.0f, operand_uses_[static_cast<size_t>(node.left)]);
        estimate = {info.cost - info.fetch_cost + info.fetch_cost / sharers, chance_of(node)};
        break;
      }
      case Node::Kind::NOT:
        estimate = {of(node.children.front()).cost, 1 - of(node.children.front()).chance};
        break;
      case Node::Kind::AND:
      case Node::Kind::OR: {
        const bool is_and = node.kind == Node::Kind::AND;
        const auto decides = [&](NodeId child) {
          return std::max(kLeastChance, is_and ? 1 - of(child).chance : of(child).chance);
        };
        std::ranges::stable_sort(node.children, std::ranges::less{},
                                 [&](NodeId child) { return of(child).cost / decides(child); });
        float undecided = 1;
        for (NodeId child : node.children) {
          estimate.cost += undecided * of(child).cost;
          undecided *= std::min(1.0f, 1 - decides(child) + kLeastChance);
        }
        estimate.chance = is_and ? undecided : 1 - undecided;
        break;
      }
      default:
        break;
    }
    estimate.cost = 1 + estimate.cost / std::max(1.0f, uses_[origin]);
  }
}

}  // namespace falcoc::native
