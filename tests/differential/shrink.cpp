// Greedy: each part of a condition is replaced by true or false, each set of literals cut.
#include "tests/differential/shrink.h"

#include <map>
#include <optional>
#include <set>

#include "compiler/ir/compile.h"

namespace falcoc::differential {
namespace {

using ir::Node;
using ir::NodeId;

/// What a copy does not take over as it is.
struct Change {
  std::map<NodeId, bool> constants;
  std::map<NodeId, std::vector<ir::Literal>> literals;
};

class Copy {
 public:
  Copy(const ir::Program& from, const Change& change) : from_(from), change_(change) {
    for (const FieldRef& field : from.fields) out_.field(field);
    for (const ir::Operand& operand : from.operands) out_.operand(operand);
  }

  ir::Program run(const ir::Rule& rule) && {
    ir::Rule copied = rule;
    copied.condition = copy(rule.condition);
    out_.rule(std::move(copied));
    return std::move(out_).finish();
  }

 private:
  NodeId copy(NodeId id) {
    const auto constant = change_.constants.find(id);
    if (constant != change_.constants.end()) return out_.constant(constant->second);
    Node node = from_.node(id);
    if (node.kind == Node::Kind::ATOM) return copy_atom(id, std::move(node));
    for (NodeId& child : node.children) child = copy(child);
    switch (node.kind) {
      case Node::Kind::AND:
        return out_.all_of(std::move(node.children));
      case Node::Kind::OR:
        return out_.any_of(std::move(node.children));
      case Node::Kind::NOT:
        return out_.negate(node.children.front());
      default:
        return out_.constant(node.kind == Node::Kind::TRUE);
    }
  }

  NodeId copy_atom(NodeId id, Node atom) {
    if (atom.right_side == Node::RightSide::LITERALS) {
      const auto changed = change_.literals.find(id);
      atom.literals = out_.literals(
          changed != change_.literals.end() ? changed->second : from_.literal_set(atom.literals));
    }
    return out_.atom(std::move(atom));
  }

  const ir::Program& from_;
  const Change& change_;
  ir::ProgramBuilder out_;
};

std::set<NodeId> reachable(const ir::Program& program) {
  std::set<NodeId> found;
  std::vector<NodeId> open{program.rules.front().condition};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (!found.insert(id).second) continue;
    const Node& node = program.node(id);
    open.insert(open.end(), node.children.begin(), node.children.end());
  }
  return found;
}

/// Every single step; parents, whose ids are greater, first.
std::vector<Change> steps(const ir::Program& program) {
  std::vector<Change> all;
  const std::set<NodeId> nodes = reachable(program);
  for (auto id = nodes.rbegin(); id != nodes.rend(); ++id) {
    const Node& node = program.node(*id);
    if (node.kind == Node::Kind::TRUE || node.kind == Node::Kind::FALSE) continue;
    for (const bool value : {true, false})
      all.push_back({.constants = {{*id, value}}, .literals = {}});
    if (node.right_side != Node::RightSide::LITERALS) continue;
    const std::vector<ir::Literal>& literals = program.literal_set(node.literals);
    if (literals.size() < 2) continue;
    const auto middle = literals.begin() + static_cast<ptrdiff_t>(literals.size() / 2);
    all.push_back({.constants = {}, .literals = {{*id, {literals.begin(), middle}}}});
    all.push_back({.constants = {}, .literals = {{*id, {middle, literals.end()}}}});
  }
  return all;
}

}  // namespace

ir::Program only_rule(const ir::Program& program, size_t rule) {
  const Change nothing;
  return Copy(program, nothing).run(program.rules[rule]);
}

ir::Program shrink(ir::Program program, const std::function<bool(const ir::Program&)>& fails) {
  for (bool is_smaller = true; is_smaller;) {
    is_smaller = false;
    for (const Change& step : steps(program)) {
      ir::Program smaller = Copy(program, step).run(program.rules.front());
      if (!fails(smaller)) continue;
      program = std::move(smaller);
      is_smaller = true;
      break;
    }
  }
  return program;
}

}  // namespace falcoc::differential
