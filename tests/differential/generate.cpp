// Generators of case specifications, and their translation to programs.
#include "tests/differential/generate.h"

#include "tests/differential/check_maker.h"

namespace falcoc::differential {
namespace {

using ir::Node;
using ir::OperandId;
using ir::Operator;

/// Sizes of a ruleset. Compiling takes most of the time, so that many events meet each.
constexpr int kMostAtoms = 40;
constexpr int kMostNodes = 60;
constexpr int kMostEvents = 120;
/// Sharing makes the reference slow, and a failing condition unreadable.
constexpr uint64_t kMostVisits = 200;
/// One set in so many is large, with at most so many members; patterns are matched one by one.
constexpr Choice kLargeSetEvery = 64;
constexpr size_t kMostMembers = 2500;
constexpr size_t kMostPatterns = 100;

/// Choices keep their whole range whatever the size of the case.
rc::Gen<Choice> choice() {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Choice>(0, 40000));
}

template <typename T>
rc::Gen<std::vector<T>> few(int most, rc::Gen<T> item) {
  return rc::gen::resize(
      most, rc::gen::container<std::vector<T>>(rc::gen::resize(rc::kNominalSize, std::move(item))));
}

rc::Gen<AtomSpec> atom() {
  return rc::gen::build<AtomSpec>(
      rc::gen::set(&AtomSpec::field, choice()), rc::gen::set(&AtomSpec::transformer, choice()),
      rc::gen::set(&AtomSpec::op, choice()), rc::gen::set(&AtomSpec::modifier, choice()),
      rc::gen::set(&AtomSpec::right_side, choice()),
      rc::gen::set(&AtomSpec::literals, few(5, choice())));
}

rc::Gen<NodeSpec> node() {
  return rc::gen::build<NodeSpec>(rc::gen::set(&NodeSpec::kind, choice()),
                                  rc::gen::set(&NodeSpec::children, few(4, choice())));
}

rc::Gen<EventSpec> event() {
  return rc::gen::build<EventSpec>(rc::gen::set(&EventSpec::kind, choice()),
                                   rc::gen::set(&EventSpec::values, few(24, choice())));
}

class Builder {
 public:
  explicit Builder(const CaseSpec& spec) : spec_(spec) {}

  ir::Program build() {
    std::vector<ir::NodeId> nodes;
    for (const AtomSpec& atom_spec : spec_.atoms) nodes.push_back(build_atom(atom_spec));
    for (const NodeSpec& node_spec : spec_.nodes) nodes.push_back(build_node(node_spec, nodes));
    for (const ir::NodeId node : nodes) maker_.rule(node);
    return std::move(maker_.out()).finish();
  }

 private:
  /// The operand itself or, one time in three and where its type allows, a transformer around it.
  OperandId maybe_transformed(OperandId operand, Choice choice) {
    if (choice % 3 != 0) return operand;
    return maker_.transformed(operand, choice / 3 % kTransformations).value_or(operand);
  }

  /// The first check, from the operator chosen on, that the types allow.
  ir::NodeId build_atom(const AtomSpec& spec) {
    OperandId left = maker_.field(field_pool()[spec.field % field_pool().size()]);
    left = maybe_transformed(maybe_transformed(left, spec.transformer),
                             spec.transformer / (3 * kTransformations));
    for (int i = 0; i < kOperators; ++i) {
      const auto op = static_cast<Operator>((spec.op + i) % kOperators);
      const auto modifier =
          static_cast<ir::Modifier>(spec.modifier % 8 < 4 ? spec.modifier % kModifiers : 0);
      auto check = build_check({.left = left, .op = op, .modifier = modifier}, spec);
      if (!check) check = build_check({.left = left, .op = op}, spec);
      if (check) return *check;
    }
    return maker_.out().constant(false);
  }

  std::optional<ir::NodeId> build_check(Node atom, const AtomSpec& spec) {
    if (atom.op == Operator::EXISTS) return maker_.check(std::move(atom));
    const bool is_name = is_event_name(field_pool()[spec.field % field_pool().size()]);
    if (spec.right_side % 4 == 1 && atom.modifier == ir::Modifier::NONE) {
      if (const auto right = maker_.right_operand(atom.left, spec.right_side / 4)) {
        atom.right_side = Node::RightSide::OPERAND;
        atom.right = *right;
        return maker_.check(std::move(atom));
      }
    }
    const bool is_large = !is_name && spec.right_side % kLargeSetEvery == 2;
    const size_t most = atom.op == Operator::PMATCH ? kMostPatterns : kMostMembers;
    std::vector<Choice> literals = spec.literals;
    if (literals.empty() && !takes_set(atom.op)) literals = {0};
    return maker_.check(std::move(atom), literals, is_large ? spec.right_side % most : 0);
  }

  ir::NodeId build_node(const NodeSpec& spec, const std::vector<ir::NodeId>& earlier) {
    std::vector<ir::NodeId> children;
    uint64_t visits = 1;
    for (Choice choice : spec.children) {
      if (earlier.empty()) break;
      const ir::NodeId child = earlier[choice % earlier.size()];
      const uint64_t more = visits_of(child);
      if (visits + more > kMostVisits) continue;
      visits += more;
      children.push_back(child);
    }
    if (children.empty()) return maker_.out().constant(spec.kind % 2 == 0);
    switch (spec.kind % 3) {
      case 0:
        return maker_.out().all_of(std::move(children));
      case 1:
        return maker_.out().any_of(std::move(children));
      default:
        return maker_.out().negate(children.front());
    }
  }

  /// Nodes that the plain walk of the reference visits for one condition, shared ones each time.
  uint64_t visits_of(ir::NodeId id) const {
    uint64_t visits = 1;
    for (const ir::NodeId child : maker_.program().node(id).children) visits += visits_of(child);
    return visits;
  }

  const CaseSpec& spec_;
  CheckMaker maker_;
};

}  // namespace

rc::Gen<CaseSpec> generate_case() {
  return rc::gen::build<CaseSpec>(rc::gen::set(&CaseSpec::atoms, few(kMostAtoms, atom())),
                                  rc::gen::set(&CaseSpec::nodes, few(kMostNodes, node())),
                                  rc::gen::set(&CaseSpec::events, few(kMostEvents, event())));
}

ir::Program build_program(const CaseSpec& spec) { return Builder(spec).build(); }

}  // namespace falcoc::differential
