// What operators find in texts, and what one pattern says of another. Answers are exact or "no":
// nothing is concluded from what is not understood.
#pragma once

#include <string>

#include "compiler/ir/ast.h"

namespace falcoc::lint {

/// Texts that `op` finds for `literal`; EQ: that text alone.
struct Pattern {
  ir::Operator op;
  std::string literal;

  bool operator==(const Pattern&) const = default;
};

bool matches(const Pattern& pattern, const std::string& text);
/// Every text of `narrow` is one of `wide`.
bool covers(const Pattern& wide, const Pattern& narrow);
/// No text is one of both.
bool apart(const Pattern& a, const Pattern& b);
/// Every path that `pmatch` finds for `narrow` it finds for `wide` too.
bool path_includes(const std::string& wide, const std::string& narrow);

}  // namespace falcoc::lint
