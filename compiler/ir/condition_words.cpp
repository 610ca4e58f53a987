#include "compiler/ir/condition_words.h"

#include "compiler/ir/syntax_reader.h"

namespace falcoc::ir {

namespace {

using grammar::ConditionLexer;
using Kind = ConditionWord::Kind;

constexpr std::string_view kBlanks = " \t\b\v\f\r\n";

ConditionPlace place_of(size_t mode) {
  switch (mode) {
    case ConditionLexer::RELATION:
      return ConditionPlace::RELATION;
    case ConditionLexer::STRING_VALUE:
      return ConditionPlace::STRING_VALUE;
    case ConditionLexer::NUMBER_VALUE:
      return ConditionPlace::NUMBER_VALUE;
    case ConditionLexer::LIST_VALUE:
      return ConditionPlace::LIST_VALUE;
    case ConditionLexer::LIST:
      return ConditionPlace::LIST;
    case ConditionLexer::CONNECTIVE:
      return ConditionPlace::CONNECTIVE;
    case ConditionLexer::OPERANDS:
      return ConditionPlace::OPERANDS;
    case ConditionLexer::ARGUMENT:
      return ConditionPlace::ARGUMENT;
    default:
      return ConditionPlace::CHECK;
  }
}

struct KindRow {
  size_t token;
  Kind kind;
};
constexpr KindRow kKinds[] = {
    {ConditionLexer::NOT, Kind::CONNECTIVE},
    {ConditionLexer::NOT_OPEN, Kind::CONNECTIVE},
    {ConditionLexer::AND, Kind::CONNECTIVE},
    {ConditionLexer::AND_OPEN, Kind::CONNECTIVE},
    {ConditionLexer::OR, Kind::CONNECTIVE},
    {ConditionLexer::OR_OPEN, Kind::CONNECTIVE},
    {ConditionLexer::FIELD, Kind::FIELD},
    {ConditionLexer::FIELD_BRACKET, Kind::FIELD},
    {ConditionLexer::ARGUMENT_BARE, Kind::ARGUMENT},
    {ConditionLexer::TRANSFORMER, Kind::TRANSFORMER},
    {ConditionLexer::VAL_OPEN, Kind::TRANSFORMER},
    {ConditionLexer::IDENTIFIER, Kind::MACRO},
    {ConditionLexer::EXISTS, Kind::OPERATOR},
    {ConditionLexer::NUMBER_OPERATOR, Kind::OPERATOR},
    {ConditionLexer::STRING_OPERATOR, Kind::OPERATOR},
    {ConditionLexer::WORD_OPERATOR, Kind::OPERATOR},
    {ConditionLexer::LIST_OPERATOR, Kind::OPERATOR},
    {ConditionLexer::MODIFIER, Kind::MODIFIER},
    {ConditionLexer::LIST_NAME, Kind::LIST_NAME},
    {ConditionLexer::BARE, Kind::BARE},
    {ConditionLexer::QUOTED, Kind::QUOTED},
    {ConditionLexer::NUMBER, Kind::NUMBER},
    {ConditionLexer::UNEXPECTED, Kind::UNEXPECTED},
};

Kind kind_of(size_t token) {
  for (const KindRow& row : kKinds) {
    if (row.token == token) return row.kind;
  }
  return Kind::PUNCTUATION;
}

/// Tokens that end in a bracket or parenthesis that is no part of the word.
bool brings_bracket(size_t token) {
  switch (token) {
    case ConditionLexer::NOT_OPEN:
    case ConditionLexer::AND_OPEN:
    case ConditionLexer::OR_OPEN:
    case ConditionLexer::FIELD_BRACKET:
    case ConditionLexer::TRANSFORMER:
    case ConditionLexer::VAL_OPEN:
      return true;
    default:
      return false;
  }
}

bool goes_on(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return false;
  text.remove_prefix(begin);
  for (const std::string_view word : {"and", "or"}) {
    if (text.starts_with(word) && text.size() > word.size() &&
        (text[word.size()] == '(' || kBlanks.find(text[word.size()]) != kBlanks.npos)) {
      return true;
    }
  }
  return false;
}

}  // namespace

ScannedCondition scan_condition(std::string_view text) {
  grammar::ByteStream input(text);
  BoundedLexer lexer(&input);
  lexer.removeErrorListeners();
  if (goes_on(text)) lexer.mode = ConditionLexer::CONNECTIVE;
  ScannedCondition scanned;
  for (;;) {
    const ConditionPlace place = place_of(lexer.mode);
    const auto token = lexer.nextToken();
    const size_t type = token->getType();
    if (type == antlr4::Token::EOF) break;
    size_t begin = token->getStartIndex();
    size_t end = token->getStopIndex() + 1;
    if (brings_bracket(type)) --end;
    while (begin < end && kBlanks.find(text[begin]) != kBlanks.npos) ++begin;
    while (end > begin && kBlanks.find(text[end - 1]) != kBlanks.npos) --end;
    scanned.words.push_back({.kind = kind_of(type),
                             .place = place,
                             .begin = static_cast<uint32_t>(begin),
                             .end = static_cast<uint32_t>(end)});
  }
  scanned.end = place_of(lexer.mode);
  return scanned;
}

}  // namespace falcoc::ir
