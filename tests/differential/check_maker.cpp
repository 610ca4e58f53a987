// Operands and checks that the language allows.
#include "tests/differential/check_maker.h"

#include <fmt/format.h>

#include "compiler/bundle/validate.h"
#include "compiler/ir/literals.h"

namespace falcoc::differential {
namespace {

using ir::Node;
using ir::NodeId;
using ir::Operand;
using ir::OperandId;
using ir::Operator;
using ir::Transformer;
using ir::Type;
using ir::TypeGroup;

constexpr Type kText{ParamType::CHARBUF, Shape::SCALAR};
constexpr Type kCount{ParamType::UINT64, Shape::SCALAR};

/// Order of the transformations: those that keep the type first.
constexpr Transformer kOfOneText[] = {Transformer::TOLOWER, Transformer::TOUPPER,
                                      Transformer::BASENAME};

}  // namespace

bool takes_set(Operator op) {
  return op == Operator::IN || op == Operator::INTERSECTS || op == Operator::PMATCH;
}

bool is_event_name(const FieldRef& field) {
  return field.id == FieldId::evt_type || field.id == FieldId::syscall_type;
}

OperandId CheckMaker::field(const FieldRef& ref) {
  return out_.operand(
      {.kind = Operand::Kind::FIELD, .type = {ref.type, ref.shape}, .field = out_.field(ref)});
}

OperandId CheckMaker::constant(std::string text) {
  return out_.operand({.kind = Operand::Kind::CONSTANT, .type = kText, .text = std::move(text)});
}

OperandId CheckMaker::list(std::vector<OperandId> items) {
  return out_.operand(
      {.kind = Operand::Kind::LIST, .type = ir::kTextList, .arguments = std::move(items)});
}

OperandId CheckMaker::transform(Transformer transformer, Type type,
                                std::vector<OperandId> arguments, char selector) {
  return out_.operand({.kind = Operand::Kind::TRANSFORM,
                       .type = type,
                       .transformer = transformer,
                       .selector = selector,
                       .arguments = std::move(arguments)});
}

const FieldRef* CheckMaker::plain_field(OperandId id) const {
  const Operand& operand = out_.program().operand(id);
  return operand.kind == Operand::Kind::FIELD ? &out_.program().field(operand.field) : nullptr;
}

std::optional<OperandId> CheckMaker::transformed(OperandId operand, size_t transformation) {
  const Type type = type_of(operand);
  const FieldRef* plain = plain_field(operand);
  if (plain && has(field_info(plain->id).flags, FieldFlag::NO_TRANSFORMER)) return std::nullopt;
  const TypeGroup group = ir::type_traits(type.param).group;
  const bool is_scalar = type.shape == Shape::SCALAR;
  const bool is_list = type.shape == Shape::LIST;
  const bool is_text = group == TypeGroup::TEXT;
  if (!is_scalar && !is_list) return std::nullopt;
  const auto made = [&](bool is_allowed, auto make) {
    return is_allowed ? std::optional<OperandId>(make()) : std::nullopt;
  };
  switch (transformation) {
    case 0:
    case 1:
    case 2:
      return made(is_text, [&] { return transform(kOfOneText[transformation], type, {operand}); });
    case 3:
      return made(type.param == ParamType::CHARBUF || type.param == ParamType::BYTEBUF,
                  [&] { return transform(Transformer::B64, type, {operand}); });
    case 4:
      return made(is_list || is_text || group == TypeGroup::BUFFER,
                  [&] { return transform(Transformer::LEN, kCount, {operand}); });
    case 5:
      return made(is_list,
                  [&] { return transform(Transformer::JOIN, kText, {constant("/"), operand}); });
    case 6:
      return made(type == ir::kTextList, [&] {
        return transform(Transformer::GETOPT, ir::kTextList, {operand, constant("abo:")});
      });
    case 7:
      return made(type == ir::kTextList, [&] {
        return transform(Transformer::GETOPT, kText, {operand, constant("abo:")}, 'o');
      });
    case 8:
      return made(is_scalar,
                  [&] { return transform(Transformer::CONCAT, kText, {operand, constant("c")}); });
    default:
      return made(is_scalar, [&] {
        return transform(Transformer::JOIN, kText,
                         {constant(","), list({operand, constant("b"), operand})});
      });
  }
}

std::optional<OperandId> CheckMaker::right_operand(OperandId left, size_t number) {
  const FieldRef* plain = plain_field(left);
  if (plain && is_event_name(*plain)) return std::nullopt;
  const Type type = type_of(left);
  if (number % 5 == 0 && type == kText) {
    return transform(Transformer::TOLOWER, type, {constant("ABC")});
  }
  const std::vector<FieldRef>& pool = field_pool();
  for (size_t i = 0; i < pool.size(); ++i) {
    const FieldRef& ref = pool[(number + i) % pool.size()];
    if (Type{ref.type, ref.shape} == type) return field(ref);
  }
  return std::nullopt;
}

std::optional<NodeId> CheckMaker::check(Node atom) {
  atom.kind = Node::Kind::ATOM;
  if (bundle::find_atom_fault(out_.program(), atom)) return std::nullopt;
  return out_.atom(std::move(atom));
}

std::optional<NodeId> CheckMaker::check(Node atom, std::span<const Choice> choices, size_t more) {
  const FieldRef* plain = plain_field(atom.left);
  const ParamType type = type_of(atom.left).param;
  const bool is_set = takes_set(atom.op);
  if (!is_set && atom.modifier == ir::Modifier::NONE) choices = choices.first(1);
  std::vector<ir::Literal> literals;
  for (const Choice choice : choices) {
    literals.push_back(choose_literal(plain, type, atom.op, choice));
  }
  for (size_t i = 0; is_set && i < more; ++i) literals.push_back(numbered_literal(type, i));
  atom.right_side = Node::RightSide::LITERALS;
  atom.literals = out_.literals(std::move(literals));
  return check(std::move(atom));
}

void CheckMaker::rule(NodeId condition) {
  ir::Rule rule;
  rule.name = fmt::format("rule {}", rules());
  rule.condition = condition;
  out_.rule(std::move(rule));
}

}  // namespace falcoc::differential
