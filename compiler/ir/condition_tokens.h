// The words of a condition as written, for who prints conditions anew. What generated code needs
// stays behind this border.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace falcoc::ir {

struct ConditionToken {
  enum class Kind : uint8_t {
    NOT,
    AND,
    OR,
    OPEN,  ///< a parenthesis around checks
    CLOSE,
    LIST_OPEN,
    LIST_CLOSE,
    COMMA,  ///< of a list or of operands
    WORD,   ///< any part of a check
  };
  Kind kind = Kind::WORD;
  std::string_view text;      ///< of the source, without blanks around it
  bool joins_before = false;  ///< no blank may, or needs to, stand before it
};

/// Words of a condition that parse_condition accepts, borrowed from `text`; `not(` is two, NOT and
/// OPEN.
std::vector<ConditionToken> condition_tokens(std::string_view text);

}  // namespace falcoc::ir
