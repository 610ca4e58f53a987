// The words of any text that shall become a condition, whether or not it parses, and what may stand
// at its end: for editors. What generated code needs stays behind this border.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace falcoc::ir {

/// What may stand at a place of a condition; the modes of the lexer.
enum class ConditionPlace : uint8_t {
  CHECK,         ///< a field, a transformer, a macro, `not` or `(`
  RELATION,      ///< an operator
  STRING_VALUE,  ///< a literal, a modifier, val(…) or a transformer
  NUMBER_VALUE,
  LIST_VALUE,  ///< `(` or the name of a list
  LIST,        ///< an item, between parentheses
  CONNECTIVE,  ///< `and`, `or` or `)`
  OPERANDS,    ///< between the parentheses of a transformer
  ARGUMENT,    ///< between brackets
};

struct ConditionWord {
  enum class Kind : uint8_t {
    CONNECTIVE,  ///< `and`, `or`, `not`
    FIELD,       ///< without its argument
    ARGUMENT,
    TRANSFORMER,
    MACRO,
    OPERATOR,
    MODIFIER,
    LIST_NAME,  ///< where a list stands alone
    BARE,       ///< a literal, or an item that may be the name of a list
    QUOTED,
    NUMBER,
    PUNCTUATION,
    UNEXPECTED,  ///< a character that cannot stand here
  };
  Kind kind = Kind::UNEXPECTED;
  ConditionPlace place = ConditionPlace::CHECK;  ///< that it stands at
  uint32_t begin = 0, end = 0;                   ///< in the text, without blanks around it

  bool operator==(const ConditionWord&) const = default;
};

struct ScannedCondition {
  std::vector<ConditionWord> words;
  ConditionPlace end = ConditionPlace::CHECK;  ///< what may follow the text
};

/// A text that begins with `and` or `or` goes on with a condition: what an item appends to an
/// earlier one.
ScannedCondition scan_condition(std::string_view text);

}  // namespace falcoc::ir
