// Field transformers on values.
#include "compiler/ir/transform.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/ir/literals.h"
#include "compiler/ir/text_match.h"

namespace falcoc::ir {
namespace {

/// Elements of a list; a scalar is a list of one.
std::span<const Value> elements(const TypedValue& list) {
  if (list.type.shape == Shape::SCALAR) return {&list.value, 1};
  return {list.value.items, list.value.size};
}

/// The bytes a transformer works on: text ends at its first NUL, buffers do not.
std::string_view input(ParamType type, const Value& value) {
  return type_traits(type).group == TypeGroup::BUFFER ? value.text() : until_nul(value.text());
}

std::string mapped(std::string_view text, char (*map)(char)) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), map);
  return out;
}

/// TOLOWER, TOUPPER, B64 or BASENAME of one value.
std::optional<std::string> transformed(Transformer transformer, std::string_view text) {
  switch (transformer) {
    case Transformer::TOLOWER:
      return mapped(text, to_lower_ascii);
    case Transformer::TOUPPER:
      return mapped(text, to_upper_ascii);
    case Transformer::B64:
      return decode_base64(text);
    case Transformer::BASENAME:
      return std::string(base_name(text));
    default:
      return std::nullopt;
  }
}

bool transform_each(Transformer transformer, const TypedValue& argument, ValueArena& arena,
                    Value& out) {
  std::vector<Value> results;
  for (const Value& element : elements(argument)) {
    std::optional<std::string> text = transformed(transformer, input(argument.type.param, element));
    if (!text) return false;
    results.push_back(Value::of_text(arena.keep(*std::move(text))));
  }
  if (argument.type.shape == Shape::SCALAR) {
    out = results.front();
    return true;
  }
  const size_t count = results.size();
  out.set_items(arena.keep(std::move(results)), count);
  return true;
}

uint64_t length(const TypedValue& argument) {
  if (argument.type.shape != Shape::SCALAR) return argument.value.size;
  return input(argument.type.param, argument.value).size();
}

std::string joined(std::string_view separator, const TypedValue& list, ValueArena& arena) {
  std::string out;
  bool first = true;
  for (const Value& element : elements(list)) {
    if (!first) out += separator;
    first = false;
    out += text_of(list.type.param, element, arena);
  }
  return out;
}

std::string concatenated(std::span<const TypedValue> arguments, ValueArena& arena) {
  std::string out;
  for (const TypedValue& argument : arguments) {
    out += text_of(argument.type.param, argument.value, arena);
  }
  return out;
}

/// With a selector: the argument of its last occurrence, or the letter itself; absent if it does
/// not occur. Without: letters and arguments in order.
bool get_options(char selector, const TypedValue& list, const TypedValue& options,
                 ValueArena& arena, Value& out) {
  std::vector<std::string_view> words;
  for (const Value& element : elements(list)) {
    words.push_back(text_of(list.type.param, element, arena));
  }
  std::vector<Value> all;
  std::optional<Value> selected;
  for (const ParsedOption& option : parse_options(words, until_nul(options.value.text()))) {
    const Value letter = Value::of_text(arena.keep(std::string(1, option.letter)));
    all.push_back(letter);
    if (option.argument) all.push_back(Value::of_text(*option.argument));
    if (option.letter == selector) selected = all.back();
  }
  if (selector != 0) {
    if (selected) out = *selected;
    return selected.has_value();
  }
  const size_t count = all.size();
  out.set_items(arena.keep(std::move(all)), count);
  return true;
}

}  // namespace

std::string_view text_of(ParamType type, const Value& value, ValueArena& arena) {
  const TypeTraits traits = type_traits(type);
  switch (traits.group) {
    case TypeGroup::TEXT:
      return until_nul(value.text());
    case TypeGroup::BUFFER:
      return value.text();
    case TypeGroup::BOOLEAN:
      return value.u64 != 0 ? "true" : "false";
    case TypeGroup::ADDRESS: {
      std::array<char, INET6_ADDRSTRLEN> text{};
      inet_ntop(value.size == sizeof(in_addr) ? AF_INET : AF_INET6, value.data, text.data(),
                text.size());
      return arena.keep(text.data());
    }
    default:
      if (traits.is_double) return arena.keep(fmt::format("{}", value.f64));
      return arena.keep(traits.is_signed ? fmt::format("{}", value.i64)
                                         : fmt::format("{}", value.u64));
  }
}

bool apply_transformer(const Operand& operand, std::span<const TypedValue> arguments,
                       ValueArena& arena, Value& out) {
  switch (operand.transformer) {
    case Transformer::TOLOWER:
    case Transformer::TOUPPER:
    case Transformer::B64:
    case Transformer::BASENAME:
      return transform_each(operand.transformer, arguments[0], arena, out);
    case Transformer::LEN:
      out.u64 = length(arguments[0]);
      return true;
    case Transformer::JOIN:
      out = Value::of_text(arena.keep(joined(
          text_of(arguments[0].type.param, arguments[0].value, arena), arguments[1], arena)));
      return true;
    case Transformer::CONCAT:
      out = Value::of_text(arena.keep(concatenated(arguments, arena)));
      return true;
    case Transformer::GETOPT:
      return get_options(operand.selector, arguments[0], arguments[1], arena, out);
    case Transformer::VAL:
      break;  // syntax only: lowering leaves the plain field
  }
  return false;
}

}  // namespace falcoc::ir
