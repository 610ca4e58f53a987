// Generators of case specifications, and their translation to programs.
#include "tests/differential/generate.h"

#include <fmt/format.h>

#include "compiler/bundle/validate.h"
#include "compiler/ir/literals.h"

namespace falcoc::differential {
namespace {

using ir::Node;
using ir::Operand;
using ir::OperandId;
using ir::Operator;
using ir::Transformer;
using ir::TypeGroup;

constexpr int kOperators = static_cast<int>(Operator::PMATCH) + 1;
constexpr size_t kMaxRules = 24;

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
    for (size_t i = nodes.size() > kMaxRules ? nodes.size() - kMaxRules : 0; i < nodes.size();
         ++i) {
      ir::Rule rule;
      rule.name = fmt::format("rule {}", i);
      rule.condition = nodes[i];
      out_.rule(std::move(rule));
    }
    return std::move(out_).finish();
  }

 private:
  const ir::Type& type_of(OperandId id) const { return out_.program().operand(id).type; }

  OperandId field(const FieldRef& ref) {
    return out_.operand(
        {.kind = Operand::Kind::FIELD, .type = {ref.type, ref.shape}, .field = out_.field(ref)});
  }
  OperandId constant(std::string text) {
    return out_.operand({.kind = Operand::Kind::CONSTANT,
                         .type = {ParamType::CHARBUF, Shape::SCALAR},
                         .text = std::move(text)});
  }
  OperandId transform(Transformer transformer, ir::Type type, std::vector<OperandId> arguments,
                      char selector = 0) {
    return out_.operand({.kind = Operand::Kind::TRANSFORM,
                         .type = type,
                         .transformer = transformer,
                         .selector = selector,
                         .arguments = std::move(arguments)});
  }

  /// The operand itself or, where its type allows, one transformer around it.
  OperandId maybe_transformed(OperandId operand, Choice choice) {
    const ir::Type type = type_of(operand);
    const TypeGroup group = ir::type_traits(type.param).group;
    const bool is_plain = type.shape == Shape::SCALAR || type.shape == Shape::LIST;
    const bool is_text = group == TypeGroup::TEXT;
    const ir::Type text{ParamType::CHARBUF, Shape::SCALAR};
    const ir::Type text_list{ParamType::CHARBUF, Shape::LIST};
    if (!is_plain || choice % 3 != 0) return operand;
    const Choice which = choice / 3;
    if (type.shape == Shape::LIST && which % 3 == 0) {
      return transform(Transformer::LEN, {ParamType::UINT64, Shape::SCALAR}, {operand});
    }
    if (type == text_list && which % 3 == 1) {
      return transform(Transformer::JOIN, text, {constant("/"), operand});
    }
    if (type == text_list && which % 7 == 2) {
      const char selector = which % 2 ? 'o' : '\0';
      return transform(Transformer::GETOPT, selector ? text : text_list,
                       {operand, constant("abo:")}, selector);
    }
    if (group == TypeGroup::BUFFER) return transform(Transformer::B64, type, {operand});
    if (!is_text) return operand;
    switch (which % 7) {
      case 0:
        return transform(Transformer::TOLOWER, type, {operand});
      case 1:
        return transform(Transformer::TOUPPER, type, {operand});
      case 2:
        return transform(Transformer::BASENAME, type, {operand});
      case 3:
        return transform(Transformer::LEN, {ParamType::UINT64, Shape::SCALAR}, {operand});
      case 4:
        if (type == text) return transform(Transformer::CONCAT, type, {operand, constant("c")});
        break;
      case 5:
        if (type == text) {
          const OperandId list = out_.operand({.kind = Operand::Kind::LIST,
                                               .type = text_list,
                                               .arguments = {operand, constant("b"), operand}});
          return transform(Transformer::JOIN, type, {constant(","), list});
        }
        break;
      default:
        break;
    }
    return type.param == ParamType::CHARBUF ? transform(Transformer::B64, type, {operand})
                                            : operand;
  }

  /// A right operand of the left one's type: the same field, another one, or a constant in a
  /// transformer.
  std::optional<OperandId> right_operand(OperandId left, Choice choice) {
    const ir::Type type = type_of(left);
    const std::vector<FieldRef>& pool = field_pool();
    if (choice % 5 == 0 && type == ir::Type{ParamType::CHARBUF, Shape::SCALAR}) {
      return transform(Transformer::TOLOWER, type, {constant("ABC")});
    }
    for (size_t i = 0; i < pool.size(); ++i) {
      const FieldRef& ref = pool[(choice + i) % pool.size()];
      if (ir::Type{ref.type, ref.shape} == type) return field(ref);
    }
    return std::nullopt;
  }

  /// The first check, from the operator chosen on, that the types allow.
  ir::NodeId build_atom(const AtomSpec& spec) {
    const FieldRef& ref = field_pool()[spec.field % field_pool().size()];
    OperandId left = field(ref);
    if (!has(field_info(ref.id).flags, FieldFlag::NO_TRANSFORMER)) {
      left = maybe_transformed(maybe_transformed(left, spec.transformer), spec.transformer / 21);
    }
    const bool is_plain = out_.program().operand(left).kind == Operand::Kind::FIELD;
    for (int i = 0; i < kOperators; ++i) {
      Node atom{
          .kind = Node::Kind::ATOM,
          .left = left,
          .op = static_cast<Operator>((spec.op + i) % kOperators),
          .modifier = static_cast<ir::Modifier>(spec.modifier % 8 < 4 ? spec.modifier % 4 : 0)};
      if (atom.op != Operator::EXISTS) add_right_side(atom, spec, is_plain ? &ref : nullptr);
      if (bundle::find_atom_fault(out_.program(), atom)) atom.modifier = ir::Modifier::NONE;
      if (!bundle::find_atom_fault(out_.program(), atom)) return out_.atom(std::move(atom));
    }
    return out_.constant(false);
  }

  void add_right_side(Node& atom, const AtomSpec& spec, const FieldRef* ref) {
    const bool is_event_name =
        ref && (ref->id == FieldId::evt_type || ref->id == FieldId::syscall_type);
    if (spec.right_side % 4 == 1 && !is_event_name) {
      if (const auto right = right_operand(atom.left, spec.right_side / 4)) {
        atom.right_side = Node::RightSide::OPERAND;
        atom.right = *right;
        atom.modifier = ir::Modifier::NONE;
        return;
      }
    }
    const bool takes_list = atom.modifier != ir::Modifier::NONE || atom.op == Operator::IN ||
                            atom.op == Operator::INTERSECTS || atom.op == Operator::PMATCH;
    std::vector<ir::Literal> literals;
    const ParamType type = type_of(atom.left).param;
    if (!takes_list) {
      literals = {choose_literal(ref, type, atom.op, spec.literals.empty() ? 0 : spec.literals[0])};
    } else {
      for (Choice literal : spec.literals) {
        literals.push_back(choose_literal(ref, type, atom.op, literal));
      }
    }
    atom.right_side = Node::RightSide::LITERALS;
    atom.literals = out_.literals(std::move(literals));
  }

  ir::NodeId build_node(const NodeSpec& spec, const std::vector<ir::NodeId>& earlier) {
    std::vector<ir::NodeId> children;
    for (Choice child : spec.children) {
      if (!earlier.empty()) children.push_back(earlier[child % earlier.size()]);
    }
    if (children.empty()) return out_.constant(spec.kind % 2 == 0);
    switch (spec.kind % 3) {
      case 0:
        return out_.all_of(std::move(children));
      case 1:
        return out_.any_of(std::move(children));
      default:
        return out_.negate(children.front());
    }
  }

  const CaseSpec& spec_;
  ir::ProgramBuilder out_;
};

}  // namespace

rc::Gen<CaseSpec> generate_case() {
  return rc::gen::build<CaseSpec>(rc::gen::set(&CaseSpec::atoms, few(10, atom())),
                                  rc::gen::set(&CaseSpec::nodes, few(12, node())),
                                  rc::gen::set(&CaseSpec::events, few(12, event())));
}

ir::Program build_program(const CaseSpec& spec) { return Builder(spec).build(); }

}  // namespace falcoc::differential
