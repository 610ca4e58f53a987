// Specialisation: copies what is live for one event kind, folding as it goes.
#include "compiler/ir/specialize.h"

#include <utility>

namespace falcoc::ir {
namespace {

class Specializer {
 public:
  Specializer(const Program& program, EventKind kind)
      : program_(program), copies_(program.nodes.size(), kUnseen) {
    result_.kind = kind;
    append({.kind = Node::Kind::FALSE}, NodeId{0});
    append({.kind = Node::Kind::TRUE}, NodeId{0});
  }

  Specialized run() && {
    result_.conditions.reserve(program_.rules.size());
    for (const Rule& rule : program_.rules) {
      result_.conditions.push_back(rule.enabled ? copy(rule.condition) : Specialized::kFalse);
    }
    return std::move(result_);
  }

 private:
  static constexpr NodeId kUnseen{~uint32_t{0}};

  NodeId append(Node node, NodeId origin) {
    result_.nodes.push_back(std::move(node));
    result_.origins.push_back(origin);
    return NodeId(static_cast<uint32_t>(result_.nodes.size() - 1));
  }

  NodeId copy(NodeId id) {
    NodeId& known = copies_[static_cast<size_t>(id)];
    if (known != kUnseen) return known;
    const NodeInfo& info = program_.node_info(id);
    // The sets are over-approximations, so each alone decides only when it excludes the kind.
    NodeId made = Specialized::kFalse;
    if (info.may_be_true.test(result_.kind)) {
      made = info.may_be_false.test(result_.kind) ? copy_undecided(id) : Specialized::kTrue;
    }
    return copies_[static_cast<size_t>(id)] = made;
  }

  // Recursion is as deep as the condition's nesting, which the parser bounds.
  NodeId copy_undecided(NodeId id) {
    const Node& node = program_.node(id);
    switch (node.kind) {
      case Node::Kind::FALSE:
        return Specialized::kFalse;
      case Node::Kind::TRUE:
        return Specialized::kTrue;
      case Node::Kind::ATOM:
        return append(node, id);
      case Node::Kind::NOT:
        return negate(copy(node.children.front()), id);
      case Node::Kind::AND:
        return combine(id, Specialized::kFalse, Specialized::kTrue);
      case Node::Kind::OR:
        return combine(id, Specialized::kTrue, Specialized::kFalse);
    }
    return Specialized::kFalse;
  }

  NodeId negate(NodeId child, NodeId origin) {
    if (child == Specialized::kFalse) return Specialized::kTrue;
    if (child == Specialized::kTrue) return Specialized::kFalse;
    const Node& made = result_.node(child);
    if (made.kind == Node::Kind::NOT) return made.children.front();
    return append({.kind = Node::Kind::NOT, .children = {child}}, origin);
  }

  /// AND and OR: `absorbing` decides the whole, `neutral` drops out.
  NodeId combine(NodeId id, NodeId absorbing, NodeId neutral) {
    const Node& node = program_.node(id);
    std::vector<NodeId> children;
    for (NodeId child : node.children) {
      const NodeId made = copy(child);
      if (made == absorbing) return absorbing;
      if (made != neutral) children.push_back(made);
    }
    if (children.empty()) return neutral;
    if (children.size() == 1) return children.front();
    return append({.kind = node.kind, .children = std::move(children)}, id);
  }

  const Program& program_;
  std::vector<NodeId> copies_;
  Specialized result_;
};

/// Drops nodes that folding left behind (a child copied before a later sibling decided the whole).
Specialized compact(Specialized all) {
  std::vector<bool> reachable(all.nodes.size());
  reachable[0] = reachable[1] = true;
  for (NodeId condition : all.conditions) reachable[static_cast<size_t>(condition)] = true;
  for (size_t i = all.nodes.size(); i-- > 0;) {
    if (!reachable[i]) continue;
    for (NodeId child : all.nodes[i].children) reachable[static_cast<size_t>(child)] = true;
  }
  std::vector<NodeId> renamed(all.nodes.size());
  size_t kept = 0;
  for (size_t i = 0; i < all.nodes.size(); ++i) {
    if (!reachable[i]) continue;
    renamed[i] = NodeId(static_cast<uint32_t>(kept));
    for (NodeId& child : all.nodes[i].children) child = renamed[static_cast<size_t>(child)];
    if (kept != i) {
      all.nodes[kept] = std::move(all.nodes[i]);
      all.origins[kept] = all.origins[i];
    }
    ++kept;
  }
  all.nodes.resize(kept);
  all.origins.resize(kept);
  for (NodeId& condition : all.conditions) condition = renamed[static_cast<size_t>(condition)];
  return all;
}

}  // namespace

Specialized specialize(const Program& program, EventKind kind) {
  return compact(Specializer(program, kind).run());
}

EventSet live_kinds(const Program& program) {
  EventSet kinds;
  for (const Rule& rule : program.rules) {
    if (rule.enabled) kinds |= program.rule_events(rule);
  }
  return kinds;
}

}  // namespace falcoc::ir
