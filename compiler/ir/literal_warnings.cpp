// Literals that are probably not what their author meant (RULE-LANGUAGE 3.11).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/ir/lower.h"

namespace falcoc::ir {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\v\f\b";

bool is_repetition(char c) { return c == '+' || c == '*' || c == '?'; }

/// No character means anything special but anchors and any-text at the ends, which `startswith`,
/// `endswith`, `contains` and `=` express more cheaply.
bool is_trivial_regex(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.ends_with('$')) pattern.remove_suffix(1);
  if (pattern.size() >= 2 && pattern[0] == '.' && is_repetition(pattern[1]))
    pattern.remove_prefix(2);
  if (pattern.size() >= 2 && pattern[pattern.size() - 2] == '.' && is_repetition(pattern.back())) {
    pattern.remove_suffix(2);
  }
  return pattern.find_first_of(".+*?^$()[]{}|\\") == std::string_view::npos;
}

/// Falco's buffer for one literal (RULE-LANGUAGE 3.7, quirk Q31).
constexpr size_t kLongestInFalco = 255;

bool holds_bytes(ParamType type) {
  return type == ParamType::CHARBUF || type == ParamType::FSPATH || type == ParamType::FSRELPATH ||
         type == ParamType::BYTEBUF;
}

/// True also for the empty text.
bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Fields that held names of services once; their text is the number now (quirk Q50).
struct PortText {
  FieldId text;
  std::string_view port;
};
constexpr std::array kPortTexts = {
    PortText{FieldId::fd_cproto, "fd.cport"}, PortText{FieldId::fd_sproto, "fd.sport"},
    PortText{FieldId::fd_lproto, "fd.lport"}, PortText{FieldId::fd_rproto, "fd.rport"}};

bool is_port_text(FieldId field) {
  return std::ranges::find(kPortTexts, field, &PortText::text) != kPortTexts.end();
}
std::string_view port_field(FieldId field) {
  return std::ranges::find(kPortTexts, field, &PortText::text)->port;
}

bool names_field(std::string_view text) {
  if (!field_prefix(text.substr(0, text.find('[')))) return false;  // spares making suggestions
  ast::Operand field;
  field.kind = ast::Operand::Kind::FIELD;
  field.name = text;
  if (const size_t bracket = text.find('[');
      bracket != std::string_view::npos && text.ends_with(']')) {
    field.name = text.substr(0, bracket);
    field.argument = text.substr(bracket + 1, text.size() - bracket - 2);
  }
  return resolve_field(field, FieldPlace::CONDITION).has_value();
}

bool looks_like_transformer(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return false;
  using enum Transformer;
  constexpr std::array kAll = {TOLOWER, TOUPPER, B64, BASENAME, LEN, JOIN, CONCAT, GETOPT, VAL};
  return std::ranges::any_of(
      kAll, [&](Transformer transformer) { return spelling(transformer) == text.substr(0, open); });
}

}  // namespace

void warn_of_literal(const LiteralUse& use, const ast::Literal& literal, Diagnostics& warnings) {
  const auto warn = [&](Code code, std::string message, std::string hint) {
    warnings.add(Diagnostic::at(code, literal.span, std::move(message), std::move(hint)));
  };
  if (literal.text.size() > kLongestInFalco && holds_bytes(use.type)) {
    warn(Code::LITERAL_LONG,
         fmt::format("literal of {} bytes; Falco refuses more than {}", literal.text.size(),
                     kLongestInFalco),
         "falcoc has no such limit; for Falco, compare with a part of the text");
  }
  if (use.type == ParamType::PORT && !is_digits(literal.text)) {
    warn(Code::SERVICE_NAME,
         fmt::format("the port of `{}` is taken from the services database of this machine",
                     literal.text),
         "write the number of the port");
  }
  if (use.field != nullptr && is_port_text(use.field->id) && !is_digits(literal.text)) {
    warn(Code::PORT_AS_TEXT,
         fmt::format("`{}` is the number of a port as text, never a name such as `{}`",
                     field_info(use.field->id).name, literal.text),
         fmt::format("compare the port: `{} = …`", port_field(use.field->id)));
  }
  if (use.op == Operator::REGEX && is_trivial_regex(literal.text)) {
    warn(Code::REGEX_TRIVIAL, fmt::format("regex `{}` uses nothing of a regex", literal.text),
         "`=`, `startswith`, `endswith` or `contains` do the same faster");
  }
  // Both look-ups below need one of these characters: most literals are done here.
  if (literal.text.find_first_of(".(") == std::string::npos) return;
  std::string packed = literal.text;
  std::erase_if(packed, [](char c) { return kBlanks.find(c) != std::string_view::npos; });
  if (names_field(packed)) {
    warn(Code::LITERAL_NAMES_FIELD,
         fmt::format("`{}` is a text here, not the field of that name", literal.text),
         fmt::format("write `val({})` to compare with the field", packed));
  } else if (looks_like_transformer(packed)) {
    warn(Code::LITERAL_LIKE_TRANSFORMER,
         fmt::format("`{}` is a text here, not a transformer", literal.text),
         "leave the quotes out to call the transformer");
  }
}

}  // namespace falcoc::ir
