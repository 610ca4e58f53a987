// Hints for syntax errors: a table of what rule authors commonly write and what they mean.
// Internal to the parsing files of ir/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace falcoc::ir {

/// What could have stood where the parser stopped.
enum class Expected : uint8_t {
  CHECK,
  LEFT_SIDE,  ///< an operand alone
  OPERATOR,
  STRING_VALUE,
  NUMBER_VALUE,
  LIST_VALUE,
  MODIFIER_LIST,  ///< list or list name behind a modifier
  LIST_ITEM_OR_END,
  LIST_ITEM,
  LIST_SEPARATOR,
  CONNECTIVE,           ///< and, or, end
  CONNECTIVE_OR_CLOSE,  ///< the same inside a parenthesis
  LEFT_SIDE_END,
  ARGUMENT,
  ARGUMENT_CLOSE,
  OPERAND,
  OPERAND_OR_END,
  OPERAND_SEPARATOR,
  VAL_FIELD,
  VAL_CLOSE,
};

/// The surroundings of a syntax error.
struct Place {
  Expected expected{};
  std::string_view found;     ///< from the error to the end of the text
  std::string_view word;      ///< the word or symbol that `found` begins with, empty at the end
  std::string_view previous;  ///< the token before, without blanks
  std::string_view before_previous;
  std::string_view field;     ///< left side of the check, when the error is behind one
  bool behind_macro = false;  ///< `previous` was read as the name of a macro
  bool behind_bare = false;   ///< `previous` is an unquoted value
  bool behind_number = false;
  bool behind_name = false;  ///< `previous` was read as the name of a list
};

/// The first hint that fits, empty if none does.
std::string advice(const Place& place);

}  // namespace falcoc::ir
