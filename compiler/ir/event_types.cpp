// derive_info: for every node the kinds of events under which it can be true and can be false, its
// binding time and its cost (DESIGN section 5, RULE-LANGUAGE 4.10). Unlike Falco's index the sets
// are exact where the kind decides, whatever the operator, and complements are complements (Q32).
#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/ir/compile.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/event_facts.h"

namespace falcoc::ir {
namespace {

/// Relative costs: 1 is one comparison of two loaded numbers.
constexpr float kFetchCost[] = {0, 1, 4, 4, 8};  // by BindingTime: constants to event fields
constexpr float kAncestorCost = 8;               // depth of a usual process tree
constexpr float kTransformerCost = 20;           // a pass over the text, memory for the result
float operator_cost(Operator op) {
  switch (op) {
    case Operator::REGEX:
      return 200;
    case Operator::GLOB:
    case Operator::IGLOB:
      return 30;
    case Operator::CONTAINS:
    case Operator::ICONTAINS:
    case Operator::BCONTAINS:
      return 20;
    case Operator::PMATCH:
      return 15;
    case Operator::IN:
    case Operator::INTERSECTS:
      return 5;
    case Operator::EXISTS:
      return 0;
    default:
      return 2;
  }
}

/// The fields that an operand reads, and what they cost and depend on.
struct OperandUse {
  std::vector<SlotId> slots;
  BindingTime binding = BindingTime::CONSTANT;
  float cost = 0;
};

void collect(const Program& program, OperandId id, OperandUse& use) {
  const Operand& operand = program.operand(id);
  if (operand.kind == Operand::Kind::FIELD) {
    const FieldRef& field = program.field(operand.field);
    const BindingTime binding = field_info(field.id).binding;
    use.slots.push_back(operand.field);
    use.binding = std::max(use.binding, binding);
    use.cost += kFetchCost[static_cast<size_t>(binding)] *
                (field.shape == Shape::ANCESTORS ? kAncestorCost : 1);
  }
  if (operand.kind == Operand::Kind::TRANSFORM) use.cost += kTransformerCost;
  for (OperandId argument : operand.arguments) collect(program, argument, use);
}

/// Can the comparison of evt.num, which counts from 1, with a literal be true, and can it be false?
struct Possible {
  bool be_true = true;
  bool be_false = true;
};
std::optional<Possible> event_number_fact(const Program& program, const Node& atom) {
  const Operand& left = program.operand(atom.left);
  if (left.kind != Operand::Kind::FIELD || program.field(left.field).id != FieldId::evt_num ||
      atom.modifier != Modifier::NONE || atom.right_side != Node::RightSide::LITERALS) {
    return std::nullopt;
  }
  const std::vector<Literal>& literals = program.literal_set(atom.literals);
  const auto is_zero = [](const Literal& literal) { return literal.number == 0; };
  if (atom.op == Operator::IN || atom.op == Operator::INTERSECTS) {
    return Possible{.be_true = !std::ranges::all_of(literals, is_zero)};
  }
  const uint64_t number = literals.front().number;
  switch (atom.op) {
    case Operator::EQ:
    case Operator::LE:
      return Possible{.be_true = number >= 1};
    case Operator::LT:
      return Possible{.be_true = number > 1};
    case Operator::NE:
    case Operator::GT:
      return Possible{.be_false = number >= 1};
    case Operator::GE:
      return Possible{.be_false = number > 1};
    default:
      return std::nullopt;
  }
}

/// Gives the evaluator the values that facts know.
bool known_value(void* kind, const FieldRef& field, Value& out) {
  const FieldFact fact = event_fact(field, *static_cast<EventKind*>(kind), out);
  return fact == FieldFact::VALUE || fact == FieldFact::VALUE_OR_ABSENT;
}

class Derivation {
 public:
  explicit Derivation(Program& program)
      : program_(program), accessors_(program.fields.size(), known_value) {}

  void run() {
    program_.info.assign(program_.nodes.size(), {});
    for (size_t i = 0; i < program_.nodes.size(); ++i) {
      program_.info[i] = derive(NodeId(static_cast<uint32_t>(i)));
    }
  }

 private:
  NodeInfo derive(NodeId id) {
    const Node& node = program_.node(id);
    switch (node.kind) {
      case Node::Kind::FALSE:
        return {.may_be_true = {}, .may_be_false = all(), .binding = BindingTime::CONSTANT};
      case Node::Kind::TRUE:
        return {.may_be_true = all(), .may_be_false = {}, .binding = BindingTime::CONSTANT};
      case Node::Kind::ATOM:
        return derive_atom(id);
      case Node::Kind::NOT: {
        NodeInfo info = program_.node_info(node.children.front());
        std::swap(info.may_be_true, info.may_be_false);
        return info;
      }
      case Node::Kind::AND:
      case Node::Kind::OR:
        return derive_connective(node);
    }
    return {};
  }

  NodeInfo derive_connective(const Node& node) {
    const bool is_and = node.kind == Node::Kind::AND;
    NodeInfo info{.binding = BindingTime::CONSTANT};
    (is_and ? info.may_be_true : info.may_be_false) = all();
    for (NodeId child : node.children) {
      const NodeInfo& part = program_.node_info(child);
      if (is_and) {
        info.may_be_true &= part.may_be_true;
        info.may_be_false |= part.may_be_false;
      } else {
        info.may_be_true |= part.may_be_true;
        info.may_be_false &= part.may_be_false;
      }
      info.binding = std::max(info.binding, part.binding);
      info.cost += part.cost;
    }
    return info;
  }

  NodeInfo derive_atom(NodeId id) {
    const Node& atom = program_.node(id);
    OperandUse use;
    collect(program_, atom.left, use);
    if (atom.right_side == Node::RightSide::OPERAND) collect(program_, atom.right, use);
    NodeInfo info{.may_be_true = all(),
                  .may_be_false = all(),
                  .binding = use.binding,
                  .cost = use.cost + operator_cost(atom.op),
                  .fetch_cost = use.cost};
    if (const auto possible = event_number_fact(program_, atom)) {
      if (!possible->be_true) info.may_be_true.reset();
      if (!possible->be_false) info.may_be_false.reset();
    } else if (use.slots.empty()) {
      const bool holds = decide(id, EventKind{0});
      (holds ? info.may_be_false : info.may_be_true).reset();
    } else if (std::ranges::any_of(use.slots, [&](SlotId slot) {
                 return has_event_facts(program_.field(slot).id);
               })) {
      narrow(id, use, info);
    }
    return info;
  }

  /// Asks the facts for every kind.
  void narrow(NodeId id, const OperandUse& use, NodeInfo& info) {
    for (size_t kind = 0; kind < kEventKinds; ++kind) {
      if (!all().test(kind)) continue;
      bool absent = false, unknown = false, maybe_absent = false;
      for (SlotId slot : use.slots) {
        Value value;
        switch (event_fact(program_.field(slot), static_cast<EventKind>(kind), value)) {
          case FieldFact::ABSENT:
            absent = true;
            break;
          case FieldFact::UNKNOWN:
            unknown = true;
            break;
          case FieldFact::VALUE_OR_ABSENT:
            maybe_absent = true;
            break;
          case FieldFact::VALUE:
            break;
        }
      }
      if (absent) {  // an absent operand makes every comparison false (RULE-LANGUAGE 3.2)
        info.may_be_true.reset(kind);
      } else if (!unknown) {
        if (!decide(id, static_cast<EventKind>(kind))) {
          info.may_be_true.reset(kind);
        } else if (!maybe_absent) {
          info.may_be_false.reset(kind);
        }
      }
    }
  }

  bool decide(NodeId id, EventKind kind) {
    const bool holds = evaluate(program_, id, {.context = &kind, .accessors = accessors_}, arena_);
    arena_.clear();
    return holds;
  }

  static const EventSet& all() { return all_event_kinds(); }

  Program& program_;
  std::vector<Accessor> accessors_;
  ValueArena arena_;
};

}  // namespace

void derive_info(Program& program) { Derivation(program).run(); }

}  // namespace falcoc::ir
