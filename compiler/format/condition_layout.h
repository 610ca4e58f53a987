// Canonical layout of one condition. Works on the words as the author wrote them, so literals,
// quotes and parentheses stay; knows nothing of YAML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::format {

/// Lines are broken so that they end before this column where they can.
inline constexpr size_t kColumns = 100;

struct Disjunction;

/// A check, a macro or a group in parentheses, behind any number of `not`.
struct Term {
  size_t negations = 0;
  std::string text;                ///< of a check up to and with the `(` of a list; a macro
  std::vector<std::string> items;  ///< of the list
  std::vector<Disjunction> group;  ///< one, if this is a group
  size_t width = 0;                ///< in one line
};

struct Conjunction {
  std::vector<Term> terms;
  size_t width = 0;
};

/// A condition. Without its first term (`no_first`) it is what is appended to another one: `and x`.
struct Disjunction {
  std::vector<Conjunction> parts;
  size_t width = 0;
  bool no_first = false;
};

/// Nothing if this is neither a condition nor, with `appended`, the rest of one; also if a literal
/// goes over several lines.
std::optional<Disjunction> read_condition(std::string_view text, bool appended);

std::string one_line(const Disjunction& condition);

/// Lines without the `indent` that they will get; one conjunct or disjunct each, parts that fit
/// in one line as such.
std::vector<std::string> broken_lines(const Disjunction& condition, size_t indent);

}  // namespace falcoc::format
