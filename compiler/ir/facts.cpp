// Finding and numbering facts. From the atoms up: what each node depends on. From the rules down:
// under which kinds a node matters, how often it is used, and where the maximal facts are.
#include "compiler/ir/facts.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "compiler/ir/compile.h"
#include "compiler/ir/fact_fields.h"

namespace falcoc::ir {
namespace {

constexpr size_t kWordBits = 64;

size_t index(NodeId id) { return static_cast<size_t>(id); }
bool joins(const Node& node) { return node.kind == Node::Kind::AND || node.kind == Node::Kind::OR; }
bool is_constant(const Node& node) {
  return node.kind == Node::Kind::TRUE || node.kind == Node::Kind::FALSE;
}

uint64_t saturating_add(uint64_t a, uint64_t b) { return a + b < a ? ~uint64_t{0} : a + b; }

/// Dependencies of one node: those of all fields below it.
class NodeDependencies {
 public:
  explicit NodeDependencies(const Program& program) : program_(program) {
    all_.reserve(program.nodes.size());
    for (const Node& node : program.nodes) all_.push_back(of_node(node));
  }

  const FieldDependencies& operator[](NodeId id) const { return all_[index(id)]; }

 private:
  static void merge(FieldDependencies& into, const FieldDependencies& other) {
    if (into.reason == NoFact::NONE) into.reason = other.reason;
    into.dependencies |= other.dependencies;
  }

  // Operands nest as deep as the parser allows.
  FieldDependencies of_operand(OperandId id) const {
    const Operand& operand = program_.operand(id);
    if (operand.kind == Operand::Kind::FIELD) {
      return field_dependencies(program_.field(operand.field).id);
    }
    FieldDependencies result;
    for (const OperandId argument : operand.arguments) merge(result, of_operand(argument));
    return result;
  }

  FieldDependencies of_node(const Node& node) const {
    FieldDependencies result;
    if (node.kind == Node::Kind::ATOM) {
      result = of_operand(node.left);
      if (node.right_side == Node::RightSide::OPERAND) merge(result, of_operand(node.right));
    }
    for (const NodeId child : node.children) merge(result, all_[index(child)]);
    return result;
  }

  const Program& program_;
  std::vector<FieldDependencies> all_;
};

/// Where a node stands: the kinds under which its value can decide anything, over all its places.
struct Reach {
  EventSet kinds;
  uint64_t uses = 0;
};

/// Kinds under which each child of an AND or OR matters: those that no sibling decides.
std::vector<EventSet> child_kinds(const Program& program, const Node& node, const EventSet& kinds) {
  const auto open = [&](NodeId id) -> const EventSet& {
    const NodeInfo& info = program.node_info(id);
    return node.kind == Node::Kind::AND ? info.may_be_true : info.may_be_false;
  };
  const size_t count = node.children.size();
  std::vector<EventSet> result(count, kinds);
  EventSet before = kinds, after = kinds;
  for (size_t i = 0; i < count; ++i) {
    result[i] &= before;
    before &= open(node.children[i]);
    const size_t back = count - 1 - i;
    result[back] &= after;
    after &= open(node.children[back]);
  }
  return result;
}

class Finder {
 public:
  Finder(const Program& program, const EventSet& filterable)
      : program_(program), dependencies_(program), reach_(program.nodes.size()) {
    result_.reasons.resize(program.nodes.size());
    result_.fact_of_node.assign(program.nodes.size(), ProcessFacts::kNone);
    result_.groups_of_node.resize(program.nodes.size());
    for (const Rule& rule : program.rules) {
      if (!rule.enabled) continue;
      arrive(rule.condition, program.rule_events(rule) & filterable);
    }
  }

  ProcessFacts run() && {
    // Parents first, so that a node has been reached from everywhere before it is looked at.
    for (size_t i = program_.nodes.size(); i-- > 0;) {
      if (reach_[i].uses > 0) visit(NodeId{static_cast<uint32_t>(i)});
    }
    number();
    return std::move(result_);
  }

 private:
  void arrive(NodeId id, const EventSet& kinds, uint64_t uses = 1) {
    reach_[index(id)].kinds |= kinds;
    reach_[index(id)].uses = saturating_add(reach_[index(id)].uses, uses);
  }

  void visit(NodeId id) {
    const Node& node = program_.node(id);
    const Reach& reach = reach_[index(id)];
    const NoFact reason = dependencies_[id].reason;
    if (is_constant(node)) return;
    if (reach.kinds.none()) {
      result_.reasons[index(id)] = NoFact::NO_FILTER;
      for (const NodeId child : node.children) arrive(child, {}, reach.uses);
    } else if (joins(node)) {
      visit_children(id, node, reach);
    } else if (reason == NoFact::NONE) {
      add_whole(id, reach);
    } else if (node.kind == Node::Kind::NOT) {
      arrive(node.children.front(), reach.kinds, reach.uses);
    } else {
      result_.reasons[index(id)] = reason;
    }
  }

  /// Children with the same dependencies are one fact; those that are none are looked into.
  void visit_children(NodeId id, const Node& node, const Reach& reach) {
    std::map<uint8_t, std::vector<NodeId>> groups;
    std::map<uint8_t, EventSet> group_kinds;
    const std::vector<EventSet> kinds = child_kinds(program_, node, reach.kinds);
    for (size_t i = 0; i < node.children.size(); ++i) {
      const NodeId child = node.children[i];
      const FieldDependencies& needs = dependencies_[child];
      if (needs.reason == NoFact::NONE && !is_constant(program_.node(child))) {
        groups[needs.dependencies].push_back(child);
        group_kinds[needs.dependencies] |= kinds[i];
      } else {
        arrive(child, kinds[i], reach.uses);
      }
    }
    for (auto& [needs, members] : groups) {
      const Reach group{group_kinds[needs], reach.uses};
      if (members.size() == node.children.size()) {
        add_whole(id, reach);
      } else if (members.size() == 1) {
        arrive(members.front(), group.kinds, group.uses);
      } else if (group.kinds.none()) {
        for (const NodeId member : members) arrive(member, group.kinds, group.uses);
      } else {
        std::ranges::sort(members);
        result_.groups_of_node[index(id)].push_back(
            add(node.kind, std::move(members), needs, group));
      }
    }
  }

  void add_whole(NodeId id, const Reach& reach) {
    result_.fact_of_node[index(id)] =
        add(Node::Kind::ATOM, {id}, dependencies_[id].dependencies, reach);
  }

  uint32_t add(Node::Kind connective, std::vector<NodeId> nodes, uint8_t dependencies,
               const Reach& reach) {
    const auto [known, is_new] =
        known_.emplace(std::pair{connective, nodes}, static_cast<uint32_t>(result_.facts.size()));
    if (is_new) {
      result_.facts.push_back(
          {.connective = connective, .nodes = std::move(nodes), .dependencies = dependencies});
    }
    uint64_t& uses = result_.facts[known->second].uses;
    uses = saturating_add(uses, reach.uses);
    return known->second;
  }

  /// Bits, the most used first, while there is room; then the facts in the order of their bits.
  void number() {
    std::vector<uint32_t> order(result_.facts.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](uint32_t i) { return result_.facts[i].uses; });
    std::vector<uint32_t> kept;
    for (const uint32_t i : order) {
      ProcessFact& fact = result_.facts[i];
      const size_t word = place(fact.dependencies);
      if (word == kFactWords) continue;
      fact.bit = static_cast<uint32_t>(word * kWordBits + used_[word]++);
      kept.push_back(i);
    }
    std::ranges::sort(kept, {}, [&](uint32_t i) { return result_.facts[i].bit; });
    rename(kept);
  }

  /// How bad a word is for a fact: 0 of the same dependencies, 1 empty, else what it costs the
  /// others in it, for facts of one word are known or unknown together.
  int rank(size_t word, uint8_t dependencies) const {
    if (used_[word] == 0) return 1;
    const auto differing = static_cast<unsigned>(result_.word_dependencies[word] ^ dependencies);
    return differing == 0 ? 0 : 1 + std::popcount(differing);
  }

  /// The best word with room, kFactWords if there is none.
  size_t place(uint8_t dependencies) {
    size_t best = kFactWords;
    for (size_t word = 0; word < kFactWords; ++word) {
      if (used_[word] == kWordBits) continue;
      if (best == kFactWords || rank(word, dependencies) < rank(best, dependencies)) best = word;
    }
    if (best != kFactWords) result_.word_dependencies[best] |= dependencies;
    return best;
  }

  void rename(const std::vector<uint32_t>& kept) {
    std::vector<uint32_t> renamed(result_.facts.size(), ProcessFacts::kNone);
    std::vector<ProcessFact> facts;
    for (const uint32_t old : kept) {
      renamed[old] = static_cast<uint32_t>(facts.size());
      facts.push_back(result_.facts[old]);
    }
    for (size_t i = 0; i < renamed.size(); ++i) {
      if (renamed[i] != ProcessFacts::kNone) continue;
      for (const NodeId node : result_.facts[i].nodes) {
        result_.reasons[index(node)] = NoFact::TOO_MANY;
      }
    }
    for (uint32_t& fact : result_.fact_of_node) {
      if (fact != ProcessFacts::kNone) fact = renamed[fact];
    }
    for (std::vector<uint32_t>& groups : result_.groups_of_node) {
      for (uint32_t& fact : groups) fact = renamed[fact];
      std::erase(groups, ProcessFacts::kNone);
    }
    result_.facts = std::move(facts);
  }

  const Program& program_;
  NodeDependencies dependencies_;
  std::vector<Reach> reach_;
  std::map<std::pair<Node::Kind, std::vector<NodeId>>, uint32_t> known_;
  std::array<size_t, kFactWords> used_{};
  ProcessFacts result_;
};

}  // namespace

EventSet filterable_kinds() {
  EventSet kinds = all_event_kinds();
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (!kinds.test(kind)) continue;
    const EventInfo& event = *event_of_kind(static_cast<EventKind>(kind));
    const bool makes_process = event.code == EventCode::EXECVE ||
                               event.code == EventCode::EXECVEAT ||
                               event.code == EventCode::PROCEXIT;
    if (makes_process || event.event_class == EventClass::META) kinds.reset(kind);
  }
  return kinds;
}

ProcessFacts process_facts(const Program& program, const EventSet& filterable) {
  return Finder(program, filterable).run();
}

Program fact_program(const Program& program, const ProcessFacts& facts) {
  Program result{.fields = program.fields,
                 .operands = program.operands,
                 .literal_sets = program.literal_sets,
                 .nodes = program.nodes,
                 .info = {},
                 .rules = {},
                 .required_engine_version = {}};
  for (const ProcessFact& fact : facts.facts) {
    Rule rule;
    rule.name = "process fact " + std::to_string(fact.bit);
    rule.condition = fact.nodes.front();
    if (fact.nodes.size() > 1) {
      rule.condition = NodeId{static_cast<uint32_t>(result.nodes.size())};
      result.nodes.push_back({.kind = fact.connective, .children = fact.nodes});
    }
    result.rules.push_back(std::move(rule));
  }
  derive_info(result);
  return result;
}

}  // namespace falcoc::ir
