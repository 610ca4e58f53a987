// Planning: merge event kinds, count uses, cut into functions.
#include "compiler/codegen/native/plan.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "compiler/codegen/native/estimate.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/specialize.h"

namespace falcoc::native {
namespace {

using ir::Node;
using ir::NodeId;

size_t index(NodeId id) { return static_cast<size_t>(id); }

struct NodeHash {
  size_t operator()(const Node& node) const {
    size_t hash = static_cast<size_t>(node.kind);
    const auto mix = [&hash](size_t value) {
      hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
    };
    for (NodeId child : node.children) mix(index(child));
    mix(static_cast<size_t>(node.left) << 32 | static_cast<size_t>(node.right));
    mix(static_cast<size_t>(node.literals) << 24 | static_cast<size_t>(node.op) << 16 |
        static_cast<size_t>(node.modifier) << 8 | static_cast<size_t>(node.right_side));
    return hash;
  }
};

/// The DAG of all kinds: equal nodes of different kinds are one.
class Merger {
 public:
  Merger(const ir::Program& program, Plan& plan) : program_(program), plan_(plan) {
    add({.kind = Node::Kind::FALSE});
    add({.kind = Node::Kind::TRUE});
    plan_.matcher_of_kind.fill(Plan::kNotLive);
  }

  void run() {
    const EventSet live = ir::live_kinds(program_);
    std::map<std::vector<uint64_t>, uint16_t> known;
    for (size_t kind = 0; kind < kEventKinds; ++kind) {
      if (!live.test(kind)) continue;
      std::vector<Root> roots = merge(ir::specialize(program_, static_cast<EventKind>(kind)));
      if (roots.empty()) continue;
      std::vector<uint64_t> key;
      for (const Root& root : roots)
        key.push_back(uint64_t{root.rule} << 32 | index(root.condition));
      const auto [place, is_new] =
          known.emplace(std::move(key), static_cast<uint16_t>(plan_.matchers.size()));
      if (is_new) plan_.matchers.push_back(std::move(roots));
      plan_.matcher_of_kind[kind] = place->second;
    }
  }

 private:
  NodeId add(Node node) {
    const auto [place, is_new] =
        ids_.emplace(std::move(node), NodeId{static_cast<uint32_t>(plan_.nodes.size())});
    if (is_new) plan_.nodes.push_back(place->first);
    return place->second;
  }

  NodeId add_group(Node::Kind kind, std::vector<NodeId> children) {
    while (children.size() > kMaxChildren) {
      std::vector<NodeId> groups;
      for (size_t begin = 0; begin < children.size(); begin += kMaxChildren) {
        const size_t end = std::min(begin + kMaxChildren, children.size());
        const std::vector<NodeId> part(children.begin() + static_cast<ptrdiff_t>(begin),
                                       children.begin() + static_cast<ptrdiff_t>(end));
        groups.push_back(part.size() == 1 ? part.front() : add({.kind = kind, .children = part}));
      }
      children = std::move(groups);
    }
    return add({.kind = kind, .children = std::move(children)});
  }

  std::vector<Root> merge(const ir::Specialized& specialized) {
    std::vector<NodeId> merged(specialized.nodes.size());
    for (size_t i = 0; i < merged.size(); ++i) {
      Node node = specialized.nodes[i];
      for (NodeId& child : node.children) child = merged[index(child)];
      const bool is_group = node.kind == Node::Kind::AND || node.kind == Node::Kind::OR;
      merged[i] = is_group ? add_group(node.kind, std::move(node.children)) : add(std::move(node));
    }
    std::vector<Root> roots;
    for (size_t rule = 0; rule < specialized.conditions.size(); ++rule) {
      const NodeId condition = merged[index(specialized.conditions[rule])];
      if (condition != ir::Specialized::kFalse) {
        roots.push_back({static_cast<uint32_t>(rule), condition});
      }
    }
    return roots;
  }

  const ir::Program& program_;
  Plan& plan_;
  std::unordered_map<Node, NodeId, NodeHash> ids_;
};

/// How much code a check expands to, in nodes.
uint32_t weight(const ir::Program& program, const Node& node) {
  if (node.right_side != Node::RightSide::LITERALS) return 1;
  const size_t literals = program.literal_set(node.literals).size();
  return literals > kMaxInlineLiterals ? 1 : 1 + static_cast<uint32_t>(literals / 4);
}

/// Children of AND and OR in the order of what they decide for what they cost: conditions have no
/// effects, so that any order gives the same result. What several conditions share is evaluated
/// once for all of them.
void order_children(const ir::Program& program, Plan& plan, const std::vector<uint32_t>& uses) {
  const std::vector<Estimate> estimates = estimate_nodes(program, plan.nodes);
  for (Node& node : plan.nodes) {
    if (node.kind != Node::Kind::AND && node.kind != Node::Kind::OR) continue;
    const bool is_and = node.kind == Node::Kind::AND;
    std::ranges::stable_sort(node.children, std::ranges::greater{}, [&](NodeId child) {
      const Estimate& estimate = estimates[index(child)];
      const float ns = 1 + estimate.ns / static_cast<float>(std::max(1u, uses[index(child)]));
      return (is_and ? 1 - estimate.chance : estimate.chance) / ns;
    });
  }
}

/// Literals of a set of numbers that are compared about as fast as one.
constexpr size_t kMaxTrivialLiterals = 4;

/// A check of a number, or the negation of one: to evaluate it again takes less than to look up
/// whether it was evaluated, as what it takes from the event is fetched once anyway.
bool is_trivial(const ir::Program& program, const Plan& plan, const Node& node) {
  if (node.kind == Node::Kind::NOT) {
    return is_trivial(program, plan, plan.node(node.children.front()));
  }
  if (node.kind != Node::Kind::ATOM || node.modifier != ir::Modifier::NONE) return false;
  const ir::Operand& operand = program.operand(node.left);
  if (operand.kind != ir::Operand::Kind::FIELD || operand.type.shape != Shape::SCALAR) return false;
  if (node.op == ir::Operator::EXISTS) return true;
  const ir::TypeGroup group = ir::type_traits(operand.type.param).group;
  return (group == ir::TypeGroup::NUMBER || group == ir::TypeGroup::BOOLEAN) &&
         node.right_side == Node::RightSide::LITERALS &&
         program.literal_set(node.literals).size() <= kMaxTrivialLiterals;
}

void cut_into_functions(const ir::Program& program, Plan& plan) {
  const size_t count = plan.nodes.size();
  plan.node_plans.assign(count, {});
  std::vector<uint32_t> uses(count);
  for (const Node& node : plan.nodes) {
    for (NodeId child : node.children) ++uses[index(child)];
  }
  // A condition that several matchers share needs one function, but is evaluated once per event
  // unless rules of one matcher share it too.
  std::vector<uint32_t> matcher_uses(count);
  for (const std::vector<Root>& roots : plan.matchers) {
    std::unordered_map<uint32_t, uint32_t> here;
    for (const Root& root : roots) ++here[static_cast<uint32_t>(root.condition)];
    for (const auto& [condition, times] : here) {
      ++matcher_uses[condition];
      if (times > 1) ++uses[condition];
    }
  }
  order_children(program, plan, uses);
  std::vector<uint32_t> size(count, 1), depth(count, 1);
  for (size_t i = 1; i < count; ++i) {
    const Node& node = plan.nodes[i];
    NodePlan& node_plan = plan.node_plans[i];
    if (node.kind == Node::Kind::ATOM) size[i] = weight(program, node);
    for (NodeId child : node.children) {
      const bool is_called = plan.node_plan(child).is_function;
      size[i] += is_called ? 1 : size[index(child)];
      depth[i] = std::max(depth[i], 1 + (is_called ? 0 : depth[index(child)]));
    }
    const bool is_shared =
        (uses[i] > 1 || (uses[i] == 1 && matcher_uses[i] > 0)) && !is_trivial(program, plan, node);
    if (is_shared) node_plan.memo = static_cast<uint32_t>(plan.memos++);
    // Rules are reached from guards, from look-ups and one by one.
    node_plan.is_function = is_shared || matcher_uses[i] > 0 || depth[i] >= kMaxFunctionDepth ||
                            size[i] >= kMaxFunctionNodes / 4;
  }
}

}  // namespace

Plan make_plan(const ir::Program& program) {
  Plan plan;
  Merger(program, plan).run();
  cut_into_functions(program, plan);
  return plan;
}

}  // namespace falcoc::native
