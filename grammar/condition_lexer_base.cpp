#include "grammar/condition_lexer_base.h"

#include <string>

namespace falcoc::grammar {

namespace {

// Longest connective; longer words need not be read to know that they are names.
constexpr size_t kLongestConnective = 3;

bool is_blank(size_t byte) {
  return byte == ' ' || byte == '\t' || byte == '\b' || byte == '\r' || byte == '\n';
}
bool is_letter(size_t byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool continues_name(size_t byte) {
  return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '_';
}

}  // namespace

bool ConditionLexerBase::modifier_stands_here() {
  antlr4::CharStream& input = *_input;
  if (is_blank(input.LA(1))) return false;  // only behind the last blank

  constexpr ssize_t kModifierLength = 5;  // all three have it
  ssize_t behind = -1;
  while (is_blank(input.LA(behind))) --behind;
  if (!is_blank(input.LA(behind - kModifierLength))) return false;

  if (input.LA(1) == '(') return true;
  if (!is_letter(input.LA(1))) return false;
  std::string word;
  while (word.size() <= kLongestConnective &&
         continues_name(input.LA(static_cast<ssize_t>(word.size()) + 1))) {
    word.push_back(static_cast<char>(input.LA(static_cast<ssize_t>(word.size()) + 1)));
  }
  return word != "and" && word != "or" && word != "not";
}

}  // namespace falcoc::grammar
