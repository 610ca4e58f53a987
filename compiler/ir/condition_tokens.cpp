#include "compiler/ir/condition_tokens.h"

#include "compiler/ir/syntax_reader.h"

namespace falcoc::ir {

namespace {

using grammar::ConditionLexer;
using Kind = ConditionToken::Kind;

constexpr std::string_view kBlanks = " \t\b\v\f\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

Kind kind_of(size_t type) {
  switch (type) {
    case ConditionLexer::NOT:
    case ConditionLexer::NOT_OPEN:
      return Kind::NOT;
    case ConditionLexer::AND:
    case ConditionLexer::AND_OPEN:
      return Kind::AND;
    case ConditionLexer::OR:
    case ConditionLexer::OR_OPEN:
      return Kind::OR;
    case ConditionLexer::OPEN:
      return Kind::OPEN;
    case ConditionLexer::CLOSE:
      return Kind::CLOSE;
    case ConditionLexer::LIST_OPEN:
      return Kind::LIST_OPEN;
    case ConditionLexer::LIST_CLOSE:
      return Kind::LIST_CLOSE;
    case ConditionLexer::COMMA:
      return Kind::COMMA;
    default:
      return Kind::WORD;
  }
}

/// Whether the next word follows without a blank.
bool joins_behind(size_t type) {
  switch (type) {
    case ConditionLexer::OPEN:
    case ConditionLexer::LIST_OPEN:
    case ConditionLexer::FIELD_BRACKET:
    case ConditionLexer::TRANSFORMER:
    case ConditionLexer::VAL_OPEN:
    case ConditionLexer::OPERANDS_OPEN:
    case ConditionLexer::OPERANDS_CLOSE_BRACKET:
      return true;
    default:
      return false;
  }
}

bool joins_before(size_t type) {
  switch (type) {
    case ConditionLexer::CLOSE:
    case ConditionLexer::LIST_CLOSE:
    case ConditionLexer::COMMA:
    case ConditionLexer::ARGUMENT_CLOSE:
    case ConditionLexer::OPERANDS_CLOSE:
    case ConditionLexer::OPERANDS_CLOSE_BRACKET:
      return true;
    default:
      return false;
  }
}

/// `not(`, `and(`, `or(`
bool brings_parenthesis(size_t type) {
  return type == ConditionLexer::NOT_OPEN || type == ConditionLexer::AND_OPEN ||
         type == ConditionLexer::OR_OPEN;
}

}  // namespace

std::vector<ConditionToken> condition_tokens(std::string_view text) {
  grammar::ByteStream input(text);
  BoundedLexer lexer(&input);
  lexer.removeErrorListeners();
  std::vector<ConditionToken> tokens;
  bool joins = true;
  for (auto next = lexer.nextToken(); next->getType() != antlr4::Token::EOF;
       next = lexer.nextToken()) {
    const size_t type = next->getType();
    std::string_view word = trimmed(
        text.substr(next->getStartIndex(), next->getStopIndex() + 1 - next->getStartIndex()));
    const bool two = brings_parenthesis(type);
    if (two) word.remove_suffix(1);
    tokens.push_back(
        {.kind = kind_of(type), .text = word, .joins_before = joins || joins_before(type)});
    if (two) tokens.push_back({.kind = Kind::OPEN, .text = "(", .joins_before = false});
    joins = two || joins_behind(type);
  }
  return tokens;
}

}  // namespace falcoc::ir
