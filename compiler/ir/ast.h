// Syntax tree of one condition, as parsed: names unresolved, literals still text. Value types; a
// tree owns its children.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/source.h"

namespace falcoc::ir {

enum class Operator : uint8_t {
  EXISTS,
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  CONTAINS,
  ICONTAINS,
  BCONTAINS,
  STARTSWITH,
  BSTARTSWITH,
  ENDSWITH,
  GLOB,
  IGLOB,
  REGEX,
  IN,
  INTERSECTS,
  PMATCH,
};
enum class Modifier : uint8_t { NONE, ONEOF, ANYOF, ALLOF };
enum class Transformer : uint8_t {
  TOLOWER,
  TOUPPER,
  B64,
  BASENAME,
  LEN,
  JOIN,
  CONCAT,
  GETOPT,
  VAL
};

/// As written in rules ("startswith", "!=", "anyof", "toupper").
std::string_view spelling(Operator op);
std::string_view spelling(Modifier modifier);
std::string_view spelling(Transformer transformer);

}  // namespace falcoc::ir

namespace falcoc::ast {

using ir::Modifier;
using ir::Operator;
using ir::Transformer;

/// A bare or quoted literal, escapes already processed.
struct Literal {
  std::string text;
  Span span;
  bool quoted = false;
};

/// Left or right operand of a check.
struct Operand {
  enum class Kind : uint8_t { FIELD, TRANSFORMER, LITERAL, LIST };
  Kind kind = Kind::LITERAL;
  Span span;
  std::string name;                     ///< FIELD: name without argument; LITERAL: its text
  std::optional<std::string> argument;  ///< FIELD, TRANSFORMER: text between [ and ], unquoted
  Transformer transformer{};            ///< TRANSFORMER
  std::vector<Operand> arguments;       ///< TRANSFORMER, LIST (flat)
};

/// Right side of a check that is not an operand: literals, or the bare name of a list.
struct Literals {
  std::vector<Literal> items;
  /// Instead of `items`: those of the list that the name stands for, shared by all its uses. Set
  /// when lists are expanded, never by the parser.
  std::shared_ptr<const std::vector<Literal>> expanded;
  bool parenthesised = false;  ///< (a, b); without it one value, or the name of a list
  Span span;
};

struct Expr {
  enum class Kind : uint8_t { AND, OR, NOT, CHECK, IDENTIFIER };
  Kind kind = Kind::CHECK;
  Span span;
  std::vector<Expr> children;  ///< AND, OR: two or more; NOT: one

  std::string identifier;  ///< IDENTIFIER: macro name

  Operand left;   ///< CHECK
  Operator op{};  ///< CHECK
  Span op_span;
  Modifier modifier = Modifier::NONE;
  std::optional<Operand> right_operand;  ///< CHECK: val(field) or transformer
  Literals right;                        ///< CHECK: else
};

}  // namespace falcoc::ast
