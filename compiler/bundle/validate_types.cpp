// Types of a program from outside: that fields are what the catalog says, transformers get what
// they take, operators compare what they can, and literals have the form of their type.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/bundle/limits.h"
#include "compiler/bundle/validate.h"
#include "compiler/ir/field_ref.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/text_match.h"

namespace falcoc::bundle {
namespace {

using Fault = std::optional<std::string>;
using ir::kTextList;
using ir::Node;
using ir::Operand;
using ir::Operator;
using ir::Transformer;
using ir::Type;
using ir::TypeGroup;

constexpr Type kText{ParamType::CHARBUF, Shape::SCALAR};
constexpr Type kCount{ParamType::UINT64, Shape::SCALAR};

TypeGroup group(Type type) { return ir::type_traits(type.param).group; }
bool is_text(Type type) { return group(type) == TypeGroup::TEXT; }
bool is_scalar(Type type) { return type.shape == Shape::SCALAR; }
bool is_list(Type type) { return type.shape == Shape::LIST; }

/// The field as a rule would name it.
ast::Operand spelled(const FieldRef& field) {
  const FieldInfo& info = field_info(field.id);
  ast::Operand operand{.kind = ast::Operand::Kind::FIELD,
                       .span = {},
                       .name = std::string(info.name),
                       .argument = {},
                       .arguments = {}};
  const bool takes_suffix = info.argument == ArgumentRule::SUFFIX_OPTIONAL ||
                            info.argument == ArgumentRule::SUFFIX_REQUIRED ||
                            info.argument == ArgumentRule::INDEX_OR_SUFFIX_REQUIRED;
  if (field.index != FieldRef::kNoIndex) {
    operand.argument = fmt::format("{}", field.index);
  } else if (!field.key.empty() && takes_suffix) {
    operand.name += "." + field.key;
  } else if (!field.key.empty()) {
    operand.argument = field.key;
  }
  return operand;
}

/// Result type of a transformer, nothing if it does not take these arguments.
std::optional<Type> result_type(Transformer transformer, char selector,
                                const std::vector<Type>& arguments) {
  const auto takes = [&](bool condition, Type result) {
    return condition ? std::optional(result) : std::nullopt;
  };
  const bool are_values =
      std::ranges::all_of(arguments, [](Type type) { return is_scalar(type) || is_list(type); });
  if (!are_values || arguments.empty()) return std::nullopt;
  const Type first = arguments.front();
  const size_t count = arguments.size();
  switch (transformer) {
    case Transformer::TOLOWER:
    case Transformer::TOUPPER:
    case Transformer::BASENAME:
      return takes(count == 1 && is_text(first), first);
    case Transformer::B64:
      return takes(
          count == 1 && (first.param == ParamType::CHARBUF || first.param == ParamType::BYTEBUF),
          first);
    case Transformer::LEN:
      return takes(
          count == 1 && (is_list(first) || is_text(first) || group(first) == TypeGroup::BUFFER),
          kCount);
    case Transformer::JOIN:
      return takes(count == 2 && is_scalar(first) && is_text(first) && is_list(arguments[1]),
                   kText);
    case Transformer::CONCAT:
      return takes(count >= 2 && std::ranges::all_of(arguments, is_scalar), kText);
    case Transformer::GETOPT:
      return takes(count == 2 && first == kTextList && arguments[1] == kText,
                   selector != 0 ? kText : kTextList);
    case Transformer::VAL:
      break;
  }
  return std::nullopt;
}

constexpr uint32_t set_of(std::initializer_list<Operator> operators) {
  uint32_t set = 0;
  for (Operator op : operators) set |= uint32_t{1} << static_cast<unsigned>(op);
  return set;
}
bool contains(uint32_t set, Operator op) { return (set >> static_cast<unsigned>(op) & 1) != 0; }

using enum Operator;
constexpr uint32_t kSetOperators = set_of({IN, INTERSECTS, PMATCH});
constexpr uint32_t kModifiable = set_of({EQ, NE, CONTAINS, ICONTAINS, BCONTAINS, STARTSWITH,
                                         BSTARTSWITH, ENDSWITH, GLOB, IGLOB, REGEX});

/// RULE-LANGUAGE 3.1.
uint32_t valid_operators(Type left) {
  constexpr uint32_t kEveryGroup = set_of({EXISTS, EQ, NE, IN, INTERSECTS});
  if (is_list(left)) {
    return group(left) == TypeGroup::OPAQUE ? set_of({EXISTS}) : set_of({EXISTS, IN, INTERSECTS});
  }
  switch (group(left)) {
    case TypeGroup::NUMBER:
      return kEveryGroup | set_of({LT, LE, GT, GE});
    case TypeGroup::BOOLEAN:
    case TypeGroup::ADDRESS:
      return kEveryGroup;
    case TypeGroup::TEXT:
      return kEveryGroup | set_of({LT, LE, GT, GE, CONTAINS, ICONTAINS, STARTSWITH, ENDSWITH, GLOB,
                                   IGLOB, REGEX, PMATCH});
    case TypeGroup::BUFFER:
      return kEveryGroup | set_of({CONTAINS, BCONTAINS, STARTSWITH, BSTARTSWITH, ENDSWITH});
    case TypeGroup::OPAQUE:
      break;
  }
  return set_of({EXISTS});
}

Fault find_literal_fault(Type left, Operator op, const ir::Literal& literal) {
  const ir::TypeTraits traits = ir::type_traits(left.param);
  if (traits.group == TypeGroup::ADDRESS) {
    const size_t size = literal.bytes.size();
    if (size != 4 && size != 16) return "an address has neither 4 nor 16 bytes";
    if (traits.is_network && literal.prefix_bits > 8 * size) return "a network has no such prefix";
  }
  if (traits.group == TypeGroup::TEXT && literal.bytes.find('\0') != std::string::npos) {
    return "a text holds a NUL";
  }
  if (op == REGEX) {
    if (const auto pattern = ir::compile_regex(literal.bytes); !pattern) {
      return fmt::format("pattern '{}': {}", literal.bytes, pattern.error());
    }
  }
  return std::nullopt;
}

Fault find_literals_fault(const ir::Program& program, const Node& atom, Type left) {
  if (static_cast<size_t>(atom.literals) >= program.literal_sets.size()) {
    return "its literals do not exist";
  }
  const std::vector<ir::Literal>& literals = program.literal_set(atom.literals);
  if (atom.modifier == ir::Modifier::NONE && !contains(kSetOperators, atom.op) &&
      literals.size() != 1) {
    return "the operator needs one literal";
  }
  for (const ir::Literal& literal : literals) {
    if (Fault fault = find_literal_fault(left, atom.op, literal)) return fault;
  }
  return std::nullopt;
}

Fault find_right_operand_fault(const ir::Program& program, const Node& atom, Type left) {
  if (static_cast<size_t>(atom.right) >= program.operands.size()) {
    return "its right operand does not exist";
  }
  if (atom.modifier != ir::Modifier::NONE) return "a modifier needs literals";
  if (atom.op == REGEX || atom.op == PMATCH) return "the operator needs literals";
  if (!is_scalar(left) && !is_list(left)) return "the left side needs literals";
  if (program.operand(atom.right).type != left) return "the sides have different types";
  if (ir::type_traits(left.param).is_network) return "networks need literals";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_field_fault(const FieldRef& field) {
  // The catalog decides; a numeric key of proc.aenv counts ancestors in outputs only.
  for (const ir::FieldPlace place : {ir::FieldPlace::CONDITION, ir::FieldPlace::OUTPUT}) {
    const auto resolved = ir::resolve_field(spelled(field), place);
    if (resolved && *resolved == field) return std::nullopt;
  }
  return fmt::format("'{}' has another type or argument in the catalog", field_info(field.id).name);
}

std::optional<std::string> find_operand_fault(const ir::Program& program, size_t index) {
  const Operand& operand = program.operands[index];
  std::vector<Type> arguments;
  arguments.reserve(operand.arguments.size());
  for (ir::OperandId id : operand.arguments) arguments.push_back(program.operand(id).type);
  switch (operand.kind) {
    case Operand::Kind::FIELD: {
      if (!arguments.empty()) return "a field has arguments";
      if (static_cast<size_t>(operand.field) >= program.fields.size()) {
        return "its field does not exist";
      }
      const FieldRef& field = program.field(operand.field);
      if (operand.type != Type{field.type, field.shape})
        return "it has another type than its field";
      return std::nullopt;
    }
    case Operand::Kind::CONSTANT:
      if (!arguments.empty() || operand.type != kText) return "a constant is not a text";
      return std::nullopt;
    case Operand::Kind::LIST:
      if (operand.type != kTextList) return "a list is not a list of texts";
      if (!std::ranges::all_of(arguments, is_scalar)) return "a list stands inside a list";
      return std::nullopt;
    case Operand::Kind::TRANSFORM:
      break;
  }
  const auto type = result_type(operand.transformer, operand.selector, arguments);
  if (!type) return "a transformer cannot take its arguments";
  if (*type != operand.type) return "a transformer has another type";
  return std::nullopt;
}

std::optional<std::string> find_atom_fault(const ir::Program& program, const Node& atom) {
  if (static_cast<size_t>(atom.left) >= program.operands.size()) {
    return "its left operand does not exist";
  }
  const Type left = program.operand(atom.left).type;
  if (!contains(valid_operators(left), atom.op)) return "the operator cannot compare the type";
  const bool takes_modifier = contains(kModifiable, atom.op) && !is_list(left);
  if (atom.modifier != ir::Modifier::NONE && !takes_modifier) return "it cannot have a modifier";
  const bool is_unary = atom.right_side == Node::RightSide::NONE;
  if (is_unary != (atom.op == EXISTS)) return "the operator and the right side do not fit";
  switch (atom.right_side) {
    case Node::RightSide::LITERALS:
      return find_literals_fault(program, atom, left);
    case Node::RightSide::OPERAND:
      return find_right_operand_fault(program, atom, left);
    case Node::RightSide::NONE:
      break;
  }
  return std::nullopt;
}

}  // namespace falcoc::bundle
