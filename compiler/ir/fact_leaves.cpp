// Facts in a specialised program: makes one node of the children that a fact stands for.
// Before: and(a, b, open)   where the fact is and(a, b)
// After:  and(and(a, b), open)
#include <algorithm>

#include "compiler/ir/facts.h"

namespace falcoc::ir {
namespace {

size_t index(NodeId id) { return static_cast<size_t>(id); }
bool joins(const Node& node) { return node.kind == Node::Kind::AND || node.kind == Node::Kind::OR; }

class Leaves {
 public:
  Leaves(const Program& program, const ProcessFacts& facts, const Specialized& before)
      : program_(program), facts_(facts), before_(before) {}

  FactLeaves run() && {
    const size_t count = before_.nodes.size();
    renamed_.resize(count);
    exact_.resize(count);
    result_.specialized.kind = before_.kind;
    for (size_t i = 0; i < count; ++i) {
      exact_[i] = is_exact(i);
      Node node = before_.nodes[i];
      node.children = joins(node) ? group(i) : rename(node.children);
      if (joins(node) && node.children.size() == 1) {  // the fact is all that is left
        renamed_[i] = node.children.front();
        continue;
      }
      const NodeId origin = before_.origins[i];
      const bool is_fact = i > 1 && exact_[i];
      renamed_[i] = append(std::move(node), origin,
                           is_fact ? facts_.fact_of_node[index(origin)] : ProcessFacts::kNone);
    }
    for (const NodeId condition : before_.conditions) {
      result_.specialized.conditions.push_back(renamed_[index(condition)]);
    }
    return std::move(result_);
  }

 private:
  NodeId append(Node node, NodeId origin, uint32_t fact) {
    result_.specialized.nodes.push_back(std::move(node));
    result_.specialized.origins.push_back(origin);
    result_.fact.push_back(fact);
    return NodeId{static_cast<uint32_t>(result_.fact.size() - 1)};
  }

  std::vector<NodeId> rename(const std::vector<NodeId>& children) const {
    std::vector<NodeId> result;
    for (const NodeId child : children) result.push_back(renamed_[index(child)]);
    return result;
  }

  /// Whether the node says all that the one it came from says.
  bool is_exact(size_t i) const {
    if (i <= 1) return true;
    const Node& node = before_.nodes[i];
    const Node& origin = program_.node(before_.origins[i]);
    if (node.kind != origin.kind || node.children.size() != origin.children.size()) return false;
    for (size_t child = 0; child < node.children.size(); ++child) {
      const size_t place = index(node.children[child]);
      if (!exact_[place] || before_.origins[place] != origin.children[child]) return false;
    }
    return true;
  }

  /// The children of an AND or OR, those that a fact stands for replaced by one new node.
  std::vector<NodeId> group(size_t i) {
    const Node& node = before_.nodes[i];
    std::vector<NodeId> left = node.children;
    std::vector<NodeId> made;
    for (const uint32_t fact : facts_.groups_of_node[index(before_.origins[i])]) {
      std::vector<NodeId> members;
      for (const NodeId child : left) {
        const bool is_member =
            exact_[index(child)] &&
            std::ranges::binary_search(facts_.facts[fact].nodes, before_.origins[index(child)]);
        if (is_member) members.push_back(child);
      }
      if (members.size() != facts_.facts[fact].nodes.size()) continue;
      std::erase_if(left, [&](NodeId child) { return std::ranges::count(members, child) > 0; });
      made.push_back(
          append({.kind = node.kind, .children = rename(members)}, before_.origins[i], fact));
    }
    std::vector<NodeId> children = rename(left);
    children.insert(children.begin(), made.begin(), made.end());
    return children;
  }

  const Program& program_;
  const ProcessFacts& facts_;
  const Specialized& before_;
  std::vector<NodeId> renamed_;
  std::vector<bool> exact_;
  FactLeaves result_;
};

}  // namespace

FactLeaves fact_leaves(const Program& program, const ProcessFacts& facts,
                       const Specialized& specialized) {
  return Leaves(program, facts, specialized).run();
}

}  // namespace falcoc::ir
