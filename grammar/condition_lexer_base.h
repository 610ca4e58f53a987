// What the condition lexer cannot say as a regular expression. Knows the input stream only.
#pragma once

#include "antlr4-runtime.h"

namespace falcoc::grammar {

class ConditionLexerBase : public antlr4::Lexer {
 public:
  using antlr4::Lexer::Lexer;

 protected:
  /// Predicate at the end of `oneof`, `anyof`, `allof` and the blanks behind it: is this a modifier
  /// (RULE-LANGUAGE 1.3/5), or a plain value that is spelt like one? A modifier stands between
  /// blanks, and a list or the name of one follows. A name that is exactly `and`, `or` or `not` is
  /// the connective behind the value instead; unlike in Falco, `and_paths` is a name (quirk Q02).
  bool modifier_stands_here();
};

}  // namespace falcoc::grammar
