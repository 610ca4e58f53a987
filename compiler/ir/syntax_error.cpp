#include "compiler/ir/syntax_error.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/spelling.h"
#include "compiler/ir/syntax_advice.h"

namespace falcoc::ir {

namespace {

using grammar::ConditionLexer;

/// Longest piece of the source repeated in a message.
constexpr size_t kLongestQuotation = 40;

/// Which place a set of acceptable tokens belongs to: the first row all of whose tokens are in it.
struct ExpectedRow {
  size_t tokens[2];
  Expected expected;
};
constexpr ExpectedRow kExpected[] = {
    {{ConditionLexer::IDENTIFIER, ConditionLexer::IDENTIFIER}, Expected::CHECK},
    {{ConditionLexer::EXISTS, ConditionLexer::EXISTS}, Expected::OPERATOR},
    {{ConditionLexer::MODIFIER, ConditionLexer::MODIFIER}, Expected::STRING_VALUE},
    {{ConditionLexer::LIST_OPEN, ConditionLexer::VAL_OPEN}, Expected::LIST_VALUE},
    {{ConditionLexer::LIST_OPEN, ConditionLexer::LIST_OPEN}, Expected::MODIFIER_LIST},
    {{ConditionLexer::NUMBER, ConditionLexer::VAL_OPEN}, Expected::NUMBER_VALUE},
    {{ConditionLexer::LIST_CLOSE, ConditionLexer::BARE}, Expected::LIST_ITEM_OR_END},
    {{ConditionLexer::LIST_CLOSE, ConditionLexer::LIST_CLOSE}, Expected::LIST_SEPARATOR},
    {{ConditionLexer::BARE, ConditionLexer::BARE}, Expected::LIST_ITEM},
    {{ConditionLexer::ARGUMENT_BARE, ConditionLexer::ARGUMENT_BARE}, Expected::ARGUMENT},
    {{ConditionLexer::ARGUMENT_CLOSE, ConditionLexer::ARGUMENT_CLOSE}, Expected::ARGUMENT_CLOSE},
    {{ConditionLexer::NUMBER, ConditionLexer::OPERANDS_CLOSE}, Expected::OPERAND_OR_END},
    {{ConditionLexer::NUMBER, ConditionLexer::NUMBER}, Expected::OPERAND},
    {{ConditionLexer::FIELD, ConditionLexer::TRANSFORMER}, Expected::LEFT_SIDE},
    {{ConditionLexer::FIELD, ConditionLexer::FIELD}, Expected::VAL_FIELD},
    {{ConditionLexer::CLOSE, ConditionLexer::CLOSE}, Expected::CONNECTIVE_OR_CLOSE},
};

struct Wording {
  Code code;
  std::string_view text;  ///< "expected …"
};

/// By Expected, in its order.
constexpr Wording kWordings[] = {
    {Code::CHECK_EXPECTED, "a field, a transformer, a macro, `not` or `(`"},
    {Code::CHECK_EXPECTED, "a field or a transformer"},
    {Code::OPERATOR_EXPECTED, "an operator such as `=`, `in`, `startswith` or `exists`"},
    {Code::VALUE_EXPECTED, "a value"},
    {Code::VALUE_EXPECTED, "a number, `val(FIELD)` or a transformer"},
    {Code::VALUE_EXPECTED,
     "a list in parentheses, the name of a list, `val(FIELD)` or a transformer"},
    {Code::VALUE_EXPECTED, "a list in parentheses or the name of a list"},
    {Code::LIST_MALFORMED, "an item of the list or `)`"},
    {Code::LIST_MALFORMED, "an item of the list"},
    {Code::LIST_MALFORMED, "a comma or the `)` of the list"},
    {Code::CONNECTIVE_EXPECTED, "`and`, `or` or the end of the condition"},
    {Code::CONNECTIVE_EXPECTED, "`and`, `or` or `)`"},
    {Code::CHECK_EXPECTED, "nothing behind the field"},
    {Code::ARGUMENT_MALFORMED, "an argument without blanks, or in quotes"},
    {Code::ARGUMENT_MALFORMED, "`]`"},
    {Code::TRANSFORMER_MALFORMED, "a field, a transformer, a quoted text or a number"},
    {Code::TRANSFORMER_MALFORMED, "a field, a transformer, a quoted text, a number or `)`"},
    {Code::TRANSFORMER_MALFORMED, "a comma or `)`"},
    {Code::TRANSFORMER_MALFORMED, "a field"},
    {Code::TRANSFORMER_MALFORMED, "`)`"},
};
static_assert(std::size(kWordings) == static_cast<size_t>(Expected::VAL_CLOSE) + 1);

/// Optional parts that were not entered leave only what follows them in the expected set; the token
/// before tells that the part could have stood there.
Expected classify(const SyntaxError& error, size_t previous_type, bool operand_only) {
  const auto expects = [&](size_t token) { return error.expected.contains(token); };
  for (const ExpectedRow& row : kExpected) {
    if (!expects(row.tokens[0]) || !expects(row.tokens[1])) continue;
    const bool first = previous_type == ConditionLexer::LIST_OPEN;
    return first && row.expected == Expected::LIST_SEPARATOR ? Expected::LIST_ITEM_OR_END
                                                             : row.expected;
  }
  if (expects(ConditionLexer::OPERANDS_CLOSE)) {
    if (error.rule == grammar::ConditionParser::RuleValue) return Expected::VAL_CLOSE;
    return previous_type == ConditionLexer::OPERANDS_OPEN ? Expected::OPERAND_OR_END
                                                          : Expected::OPERAND_SEPARATOR;
  }
  return operand_only ? Expected::LEFT_SIDE_END : Expected::CONNECTIVE;
}

bool accepts_quotes(Expected expected) {
  switch (expected) {
    case Expected::STRING_VALUE:
    case Expected::LIST_ITEM:
    case Expected::LIST_ITEM_OR_END:
    case Expected::ARGUMENT:
    case Expected::OPERAND:
    case Expected::OPERAND_OR_END:
      return true;
    default:
      return false;
  }
}

bool ends_word(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '\b' || byte == '(' ||
         byte == ')' || byte == '\'' || byte == '"' || byte == ',' || byte == '[' || byte == ']';
}
bool is_symbol(char byte) {
  return std::string_view("=<>!&|~:").find(byte) != std::string_view::npos;
}

/// A run of symbols (`&&`), or of anything up to a blank, bracket, quote or symbol.
std::string_view word_at(std::string_view text) {
  if (text.empty()) return {};
  const bool symbols = is_symbol(text.front());
  size_t size = 1;
  if (!ends_word(text.front())) {
    while (size < text.size() && !ends_word(text[size]) && is_symbol(text[size]) == symbols) ++size;
  }
  // `!in` and the like are one word: a negated operator.
  if (symbols && size == 1 && text[0] == '!') {
    while (size < text.size() && !ends_word(text[size]) && !is_symbol(text[size])) ++size;
  }
  return text.substr(0, size);
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\b\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\b\r\n") - first + 1);
}

std::string quotation(std::string_view word) {
  if (word.size() == 1 && (word[0] < ' ' || word[0] == 0x7f)) {
    return fmt::format("byte 0x{:02x}", static_cast<unsigned char>(word[0]));
  }
  if (word == " ") return "a blank";
  if (word == "`") return "a backquote";
  const bool cut = word.size() > kLongestQuotation;
  return fmt::format("`{}{}`", word.substr(0, kLongestQuotation), cut ? "…" : "");
}

std::string found_phrase(std::string_view word, bool operand_only) {
  if (!word.empty()) return quotation(word);
  return operand_only ? "the end of the text" : "the end of the condition";
}

std::string_view bytes_of(const antlr4::Token& token, std::string_view text) {
  if (token.getType() == antlr4::Token::EOF) return {};
  return text.substr(token.getStartIndex(), token.getStopIndex() + 1 - token.getStartIndex());
}

/// The left side of the check the error is in: its first token, up to its argument.
std::string_view left_side_before(antlr4::BufferedTokenStream& tokens, size_t index,
                                  std::string_view text) {
  while (index > 0) {
    const antlr4::Token& token = *tokens.get(--index);
    if (token.getType() == ConditionLexer::FIELD) return bytes_of(token, text);
    if (token.getType() == ConditionLexer::FIELD_BRACKET) {
      const size_t begin = token.getStartIndex();
      const size_t end = text.find(']', begin);
      return text.substr(begin, end == std::string_view::npos ? end : end + 1 - begin);
    }
    if (token.getType() == ConditionLexer::IDENTIFIER ||
        token.getType() == ConditionLexer::OPERANDS_CLOSE) {
      break;
    }
  }
  return {};
}

Place survey(const SyntaxError& error, const ParseState& state, size_t offset) {
  const std::string_view text = state.text.text();
  Place place;
  place.found = text.substr(offset);
  place.word = word_at(place.found);
  const size_t index = error.found->getTokenIndex();
  const size_t previous_type = index > 0 ? state.tokens.get(index - 1)->getType() : 0;
  place.expected = classify(error, previous_type, state.operand_only);
  if (index > 0) {
    const antlr4::Token& previous = *state.tokens.get(index - 1);
    place.previous = trimmed(bytes_of(previous, text));
    place.behind_macro = previous_type == ConditionLexer::IDENTIFIER;
    place.behind_bare = previous_type == ConditionLexer::BARE;
    place.behind_number = previous_type == ConditionLexer::NUMBER;
    place.behind_name = previous_type == ConditionLexer::LIST_NAME;
  }
  if (index > 1) place.before_previous = trimmed(bytes_of(*state.tokens.get(index - 2), text));
  place.field = left_side_before(state.tokens, index, text);
  return place;
}

/// Operators that are words and take a value; the others end where their letters end.
bool needs_blank(std::string_view word) {
  const auto op = operator_spelt(word);
  return op && *op >= Operator::CONTAINS && *op <= Operator::REGEX;
}

bool opens_group(size_t type) {
  return type == ConditionLexer::OPEN || type == ConditionLexer::NOT_OPEN ||
         type == ConditionLexer::AND_OPEN || type == ConditionLexer::OR_OPEN;
}

/// Offset of the innermost parenthesis that is still open before token `index`.
std::optional<uint32_t> open_parenthesis(antlr4::BufferedTokenStream& tokens, size_t index) {
  size_t closed = 0;
  while (index > 0) {
    const antlr4::Token& token = *tokens.get(--index);
    if (token.getType() == ConditionLexer::CLOSE) {
      ++closed;
    } else if (opens_group(token.getType()) && closed-- == 0) {
      return static_cast<uint32_t>(token.getStopIndex());  // the parenthesis ends the token
    }
  }
  return std::nullopt;
}

Diagnostic too_deep(const MappedText& text, size_t offset) {
  const auto at = static_cast<uint32_t>(offset);
  return Diagnostic::at(Code::NESTING_TOO_DEEP, text.span(at, at + 1),
                        fmt::format("parentheses are nested more than {} deep", kMaxNesting),
                        "move inner parts into macros of their own");
}

Diagnostic unterminated(const MappedText& text, size_t offset) {
  const auto at = static_cast<uint32_t>(offset);
  const std::string_view string = std::string_view(text.text()).substr(offset);
  const bool escaped_end = string.size() > 1 && string.back() == string.front();
  return Diagnostic::at(
      Code::STRING_UNTERMINATED, text.span(at, at + 1),
      fmt::format("the string that begins here has no closing {}", string.front()),
      escaped_end ? "the last quote is escaped; write `\\\\` for a backslash at the end" : "");
}

}  // namespace

Diagnostic explain(const SyntaxError& error, const ParseState& state) {
  const std::string_view text = state.text.text();
  const bool at_end = error.found->getType() == antlr4::Token::EOF;
  size_t offset = at_end ? text.size() : error.found->getStartIndex();
  if (state.too_deep_at == offset) return too_deep(state.text, offset);

  const Place place = survey(error, state, offset);
  if (!place.word.empty() && (place.word[0] == '"' || place.word[0] == '\'') &&
      accepts_quotes(place.expected)) {
    return unterminated(state.text, offset);
  }

  const auto begin = static_cast<uint32_t>(offset);
  const Span span = state.text.span(begin, begin + static_cast<uint32_t>(place.word.size()));
  if (place.expected == Expected::CONNECTIVE && place.word == ")") {
    return Diagnostic::at(Code::PARENTHESIS_UNBALANCED, span, "this `)` closes nothing",
                          "remove it, or write the `(` that it belongs to");
  }
  if (place.expected == Expected::OPERATOR && needs_blank(place.word)) {
    return Diagnostic::at(Code::OPERATOR_EXPECTED, span,
                          fmt::format("`{}` must be followed by a blank and a value", place.word),
                          advice(place));
  }
  const Wording& wording = kWordings[static_cast<size_t>(place.expected)];
  Diagnostic result = Diagnostic::at(wording.code, span,
                                     fmt::format("expected {}, found {}", wording.text,
                                                 found_phrase(place.word, state.operand_only)),
                                     advice(place));
  if (place.expected == Expected::CONNECTIVE_OR_CLOSE) {
    if (at_end) result.code = Code::PARENTHESIS_UNBALANCED;
    if (const auto open = open_parenthesis(state.tokens, error.found->getTokenIndex())) {
      result.related.push_back({.span = state.text.span(*open, *open + 1), .text = "opened here"});
    }
  }
  return result;
}

}  // namespace falcoc::ir
