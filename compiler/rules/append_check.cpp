#include "compiler/rules/append_check.h"

#include <algorithm>

namespace falcoc::rules {

namespace {

/// The connectives of a condition outside of parentheses and quotes.
struct Connectives {
  bool has_and = false;
  bool has_or = false;
  std::string_view first_word;
};

bool ends_word(char c) {
  return std::string_view(" \t\r\n\b()'\",").find(c) != std::string_view::npos;
}

/// Offset behind a quoted string that begins at `at`.
size_t behind_string(std::string_view text, size_t at) {
  const char quote = text[at++];
  while (at < text.size() && text[at] != quote) at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

Connectives connectives_of(std::string_view text) {
  Connectives result;
  int depth = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\'' || c == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (ends_word(c)) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && !ends_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (result.first_word.empty()) result.first_word = word;
    // A word behind an operator may be a value called `and`: rare enough for a warning.
    if (depth == 0 && word == "and") result.has_and = true;
    if (depth == 0 && word == "or") result.has_or = true;
    at = end;
  }
  return result;
}

}  // namespace

AppendEffect effect_of_append(std::string_view earlier, std::string_view appended) {
  const Connectives before = connectives_of(earlier);
  const Connectives after = connectives_of(appended);
  if (after.first_word == "and" && before.has_or) return AppendEffect::BINDS_TO_LAST_ALTERNATIVE;
  const bool restricts = before.has_and || after.first_word == "and";
  return after.has_or && restricts ? AppendEffect::ALTERNATIVE_TO_ALL : AppendEffect::KEEPS_MEANING;
}

}  // namespace falcoc::rules
