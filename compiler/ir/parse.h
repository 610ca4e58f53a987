// Text to syntax tree, by the ANTLR grammars of grammar/.
#pragma once

#include <expected>

#include "compiler/ir/ast.h"
#include "compiler/ir/static_fields.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::ir {

/// Deepest nesting of parentheses, `not(` and transformer calls in one condition. Falco stops at
/// 199 parentheses (RULE-LANGUAGE 1.5); ours is above that and far below what the stack bears.
inline constexpr uint32_t kMaxNesting = 400;

/// Parses one condition or macro body. The first error is the result. What is accepted though it
/// surprises goes to `warnings` unless that is null.
std::expected<ast::Expr, Diagnostic> parse_condition(const MappedText& text,
                                                     Diagnostics* warnings = nullptr);

/// A piece of an output format: literal text, or `%` token with optional width.
struct OutputToken {
  bool is_text = true;
  std::string text;      ///< text; or the token as written, without % and width
  ast::Operand operand;  ///< field or transformer
  uint32_t width = 0;
  Span span;
};

/// Splits an output format (RULE-LANGUAGE 6.1): a token is the longest prefix that parses and names
/// a known field, one of `static_fields` (null: none) included.
std::expected<std::vector<OutputToken>, Diagnostic> parse_output(
    const MappedText& text, const StaticFields* static_fields = nullptr);

/// Parses the left side of a check alone, as exception `fields` need it.
std::expected<ast::Operand, Diagnostic> parse_operand(const MappedText& text);

}  // namespace falcoc::ir
