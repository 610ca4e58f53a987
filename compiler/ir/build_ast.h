// Parse tree of a condition to syntax tree: spans, literals without quotes and escapes, chains of
// `not` folded. Internal to the parsing files of ir/.
#pragma once

#include "compiler/ir/ast.h"
#include "compiler/source/diagnostic.h"
#include "grammar/ConditionParser.h"

namespace falcoc::ir {

/// Thrown for literals that the grammar cannot refuse: bad escapes.
struct LiteralError {
  Diagnostic diagnostic;
};

/// Methods throw LiteralError. Recursion is bounded by kMaxNesting, which the lexer enforces.
class AstBuilder {
 public:
  using Parser = grammar::ConditionParser;

  AstBuilder(const MappedText& text, Diagnostics* warnings) : text_(text), warnings_(warnings) {}

  ast::Expr condition(Parser::ConditionContext& tree);
  ast::Operand left_side(Parser::LeftSideContext& tree);

 private:
  ast::Expr disjunction(Parser::DisjunctionContext& tree);
  ast::Expr conjunction(Parser::ConjunctionContext& tree);
  ast::Expr negation(Parser::NegationContext& tree);
  ast::Expr check(Parser::CheckContext& tree);

  void relation(Parser::RelationContext& tree, ast::Expr& check);
  void literals(Parser::RelationContext& tree, ast::Literals& literals);
  void right_operand(Parser::RightOperandContext& tree, ast::Expr& check);
  void list_or_name(Parser::ListOrNameContext& tree, ast::Literals& literals);

  ast::Operand field(Parser::FieldContext& tree);
  ast::Operand transformer(Parser::TransformerContext& tree);
  ast::Operand operand(antlr4::ParserRuleContext& tree);
  ast::Operand operand_list(Parser::OperandListContext& tree);
  std::string argument(Parser::ArgumentContext& tree);
  ast::Literal literal(const antlr4::Token& token);
  ast::Operand literal_operand(const antlr4::Token& token);

  std::string_view text_of(const antlr4::Token& token) const;
  Span span_of(const antlr4::Token& token) const;
  Span span_of(const antlr4::ParserRuleContext& tree) const;
  /// `quoted` includes the quotes and begins at byte `begin` of the text.
  std::string unescape(std::string_view quoted, size_t begin);
  /// A keyword that ends where a word goes on (`inlist`, `existsand`).
  void warn_if_glued(const antlr4::Token& token);

  const MappedText& text_;
  Diagnostics* warnings_;
};

}  // namespace falcoc::ir
