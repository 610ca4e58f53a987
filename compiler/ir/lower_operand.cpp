// Operands: fields, constants, lists and the typing of transformers (RULE-LANGUAGE section 2).
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/literals.h"
#include "compiler/ir/lower.h"

namespace falcoc::ir {
namespace {

using Result = std::expected<OperandId, Diagnostic>;

std::unexpected<Diagnostic> error(Code code, const ast::Operand& operand, std::string message,
                                  std::string hint = {}) {
  return std::unexpected(Diagnostic::at(code, operand.span, std::move(message), std::move(hint)));
}

/// How many arguments each transformer takes.
struct Arity {
  size_t least;
  size_t most;
};
constexpr size_t kUnlimited = ~size_t{0};
Arity arity(Transformer transformer) {
  switch (transformer) {
    case Transformer::JOIN:
    case Transformer::GETOPT:
      return {2, 2};
    case Transformer::CONCAT:
      return {2, kUnlimited};
    default:
      return {1, 1};
  }
}

bool is_text(ParamType type) { return type_traits(type).group == TypeGroup::TEXT; }
constexpr Type kText{ParamType::CHARBUF, Shape::SCALAR};
constexpr Type kCount{ParamType::UINT64, Shape::SCALAR};

/// What has a decimal or textual form that `join` can put between separators (Q20).
bool can_be_joined(ParamType type) {
  const TypeGroup group = type_traits(type).group;
  return group == TypeGroup::TEXT || group == TypeGroup::BUFFER || group == TypeGroup::NUMBER ||
         group == TypeGroup::BOOLEAN;
}

/// Result type of a transformer that works on one operand and, for lists, on each element; nothing
/// if it cannot.
std::optional<Type> single_argument_type(Transformer transformer, Type operand) {
  switch (transformer) {
    case Transformer::TOLOWER:
    case Transformer::TOUPPER:
    case Transformer::BASENAME:
      if (is_text(operand.param)) return operand;
      break;
    case Transformer::B64:
      if (operand.param == ParamType::CHARBUF || operand.param == ParamType::BYTEBUF)
        return operand;
      break;
    case Transformer::LEN:
      if (operand.shape == Shape::LIST || is_text(operand.param) ||
          operand.param == ParamType::BYTEBUF) {
        return kCount;
      }
      break;
    default:
      break;
  }
  return std::nullopt;
}

/// `('x')` below a transformer of one argument is the constant itself, not a list of one.
const ast::Operand& without_single_parentheses(const ast::Operand& argument) {
  const bool is_single = argument.kind == ast::Operand::Kind::LIST &&
                         argument.arguments.size() == 1 &&
                         argument.arguments.front().kind == ast::Operand::Kind::LITERAL;
  return is_single ? argument.arguments.front() : argument;
}

}  // namespace

const FieldRef* Lowering::base_field(const Operand& operand) const {
  switch (operand.kind) {
    case Operand::Kind::FIELD:
      return &out_.program().field(operand.field);
    case Operand::Kind::TRANSFORM:
      return operand.arguments.size() == 1 ? base_field(at(operand.arguments.front())) : nullptr;
    default:
      return nullptr;
  }
}

bool Lowering::any_field_has(OperandId id, FieldFlag flag) const {
  const Operand& operand = at(id);
  if (operand.kind == Operand::Kind::FIELD) {
    return has(field_info(out_.program().field(operand.field).id).flags, flag);
  }
  return std::ranges::any_of(operand.arguments,
                             [&](OperandId argument) { return any_field_has(argument, flag); });
}

Result Lowering::operand(const ast::Operand& operand, FieldPlace place) {
  switch (operand.kind) {
    case ast::Operand::Kind::FIELD:
      return field(operand, place);
    case ast::Operand::Kind::TRANSFORMER:
      return transformer(operand, place);
    case ast::Operand::Kind::LIST:
      return list(operand, place);
    case ast::Operand::Kind::LITERAL:
      break;
  }
  return out_.operand({.kind = Operand::Kind::CONSTANT, .type = kText, .text = operand.name});
}

/// A constant: no event changes it.
Result Lowering::static_field(const ast::Operand& field) {
  const StaticFields* known = options_.static_fields;
  const auto found = known == nullptr ? StaticFields::const_iterator{} : known->find(field.name);
  if (known != nullptr && found != known->end() && !field.argument) {
    return out_.operand({.kind = Operand::Kind::CONSTANT, .type = kText, .text = found->second});
  }
  std::vector<std::string_view> names;
  if (known != nullptr) {
    for (const auto& [name, value] : *known) names.push_back(name);
  }
  const std::string_view close = closest_name(field.name, names);
  return error(Code::FIELD_UNKNOWN, field, fmt::format("unknown field `{}`", field_text(field)),
               close.empty() ? "falcod knows fields `static.NAME` that static_fields of its "
                               "falco.yaml defines"
                             : fmt::format("did you mean `{}`?", close));
}

Result Lowering::field(const ast::Operand& field, FieldPlace place) {
  if (field.name.starts_with(kStaticPrefix)) return static_field(field);
  auto ref = resolve_field(field, place);
  if (!ref) return std::unexpected(std::move(ref.error()));
  warn_of_argument(field, *ref, place);
  note_unsupplied(field, *ref);
  const Type type{ref->type, ref->shape};
  return out_.operand({.kind = Operand::Kind::FIELD, .type = type, .field = out_.field(*ref)});
}

Result Lowering::list(const ast::Operand& list, FieldPlace place) {
  auto elements = arguments(list, place);
  if (!elements) return std::unexpected(std::move(elements.error()));
  for (size_t i = 0; i < elements->size(); ++i) {
    if (at((*elements)[i]).type.shape != Shape::SCALAR) {
      return error(Code::TRANSFORMER_TYPE, list.arguments[i], "a list cannot stand inside a list");
    }
  }
  return out_.operand(
      {.kind = Operand::Kind::LIST, .type = kTextList, .arguments = std::move(*elements)});
}

std::expected<std::vector<OperandId>, Diagnostic> Lowering::arguments(const ast::Operand& call,
                                                                      FieldPlace place) {
  std::vector<OperandId> result;
  const bool is_single = call.kind == ast::Operand::Kind::TRANSFORMER && call.arguments.size() == 1;
  for (const ast::Operand& written : call.arguments) {
    const ast::Operand& argument = is_single ? without_single_parentheses(written) : written;
    if (argument.kind == ast::Operand::Kind::TRANSFORMER &&
        argument.transformer == Transformer::VAL) {
      return error(Code::TRANSFORMER_ARGUMENTS, argument,
                   "`val` cannot stand inside another transformer", "leave `val` out");
    }
    auto lowered = operand(argument, place);
    if (!lowered) return std::unexpected(std::move(lowered.error()));
    // what stands for any of several values has no value of its own
    const bool is_plural = at(*lowered).type.shape == Shape::ANCESTORS;
    if (at(*lowered).kind == Operand::Kind::FIELD &&
        (is_plural || any_field_has(*lowered, FieldFlag::NO_TRANSFORMER))) {
      return error(Code::TRANSFORMER_TYPE, argument,
                   fmt::format("field `{}` cannot be transformed", argument.name));
    }
    result.push_back(*lowered);
  }
  return result;
}

std::expected<Type, Diagnostic> Lowering::transformed_type(const ast::Operand& call,
                                                           const Operand& made) const {
  const auto type_of = [&](size_t i) { return at(made.arguments[i]).type; };
  const auto wrong = [&](size_t i, std::string_view needed) {
    return error(Code::TRANSFORMER_TYPE, call.arguments[i],
                 fmt::format("`{}` cannot take this operand: it needs {}",
                             spelling(call.transformer), needed));
  };
  switch (call.transformer) {
    case Transformer::JOIN:
      if (type_of(0).shape == Shape::LIST || !is_text(type_of(0).param)) {
        return wrong(0, "a text as separator");
      }
      if (type_of(1).shape != Shape::LIST || !elements_can_be_joined(made.arguments[1])) {
        return wrong(1, "a list of texts or numbers");
      }
      return kText;
    case Transformer::CONCAT:
      for (size_t i = 0; i < made.arguments.size(); ++i) {
        const Operand& part = at(made.arguments[i]);
        // Falco looks at the type before transformers, so the length of a text passes (Q20).
        const bool is_length = part.kind == Operand::Kind::TRANSFORM && part.type == kCount;
        if (part.type != kText && !is_length) return wrong(i, "texts");
      }
      return kText;
    case Transformer::GETOPT:
      if (type_of(0) != kTextList || !holds_texts_only(made.arguments[0]))
        return wrong(0, "a list of texts");
      if (type_of(1) != kText) return wrong(1, "a text with the option letters");
      return made.selector ? kText : kTextList;
    default:
      if (call.transformer == Transformer::LEN || holds_texts_only(made.arguments[0])) {
        if (const auto type = single_argument_type(call.transformer, type_of(0))) return *type;
      }
      return wrong(0, call.transformer == Transformer::LEN   ? "a text, buffer or list"
                      : call.transformer == Transformer::B64 ? "a text or buffer"
                                                             : "a text");
  }
}

bool Lowering::holds_texts_only(OperandId id) const {
  const Operand& operand = at(id);
  return operand.kind != Operand::Kind::LIST ||
         std::ranges::all_of(operand.arguments,
                             [&](OperandId element) { return at(element).type == kText; });
}

bool Lowering::elements_can_be_joined(OperandId id) const {
  const Operand& list = at(id);
  if (list.kind != Operand::Kind::LIST) return can_be_joined(list.type.param);
  return std::ranges::all_of(
      list.arguments, [&](OperandId element) { return can_be_joined(at(element).type.param); });
}

Result Lowering::transformer(const ast::Operand& call, FieldPlace place) {
  const std::string_view name = spelling(call.transformer);
  if (call.transformer == Transformer::VAL) {
    return error(Code::TRANSFORMER_ARGUMENTS, call,
                 "`val` can only stand on the right side of a comparison");
  }
  const auto [least, most] = arity(call.transformer);
  if (call.arguments.size() < least || call.arguments.size() > most) {
    return error(
        Code::TRANSFORMER_ARGUMENTS, call,
        fmt::format("`{}` takes {}{} argument{}, not {}", name, least == most ? "" : "at least ",
                    least, least == 1 ? "" : "s", call.arguments.size()));
  }
  Operand made{.kind = Operand::Kind::TRANSFORM, .transformer = call.transformer};
  if (call.argument) {
    if (call.transformer != Transformer::GETOPT || call.argument->size() != 1) {
      return error(Code::TRANSFORMER_ARGUMENTS, call,
                   call.transformer == Transformer::GETOPT
                       ? fmt::format("`getopt` selects by one letter, not `[{}]`", *call.argument)
                       : fmt::format("`{}` takes no argument in brackets", name));
    }
    made.selector = call.argument->front();
  }
  auto lowered = arguments(call, place);
  if (!lowered) return std::unexpected(std::move(lowered.error()));
  made.arguments = std::move(*lowered);

  auto type = transformed_type(call, made);
  if (!type) return std::unexpected(std::move(type.error()));
  made.type = *type;
  return out_.operand(std::move(made));
}

}  // namespace falcoc::ir
