// Runs the generated condition parser over bytes and stops at the first error. Internal to the
// parsing files of ir/: what generated code needs stays behind this border.
#pragma once

#include <expected>
#include <optional>

#include "antlr4-runtime.h"
#include "compiler/ir/ast.h"
#include "compiler/ir/parse.h"
#include "compiler/source/diagnostic.h"
#include "grammar/ConditionLexer.h"
#include "grammar/ConditionParser.h"
#include "grammar/byte_stream.h"

namespace falcoc::ir {

/// Bounds the recursion of the parser and of every walk over its tree: the token that would open
/// nesting level kMaxNesting + 1 becomes UNEXPECTED.
class BoundedLexer : public grammar::ConditionLexer {
 public:
  using grammar::ConditionLexer::ConditionLexer;

  std::unique_ptr<antlr4::Token> nextToken() override;
  /// Offset of the token that went too deep.
  std::optional<size_t> too_deep_at() const { return too_deep_at_; }

 private:
  uint32_t depth_ = 0;
  std::optional<size_t> too_deep_at_;
};

/// What the generated parser throws through our error strategy.
struct SyntaxError {
  const antlr4::Token* found;
  antlr4::misc::IntervalSet expected;
  size_t rule;  ///< the innermost, a ConditionParser::Rule… constant
};

/// Gives up at the first error, without repairs.
class FirstErrorStrategy : public antlr4::DefaultErrorStrategy {
 public:
  void recover(antlr4::Parser* parser, std::exception_ptr error) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void sync(antlr4::Parser* parser) override;
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override;
};

/// An operand and where it stands.
struct LocatedOperand {
  ast::Operand operand;
  size_t end;      ///< offset behind it
  size_t bracket;  ///< offset of the bracket behind a transformer's parenthesis; `end` if none
};

/// One reading of `text` from byte `begin` of `input` on, which holds the same bytes.
class SyntaxReader {
 public:
  /// Warnings go to `warnings` unless it is null.
  SyntaxReader(const MappedText& text, antlr4::ANTLRInputStream& input, size_t begin,
               Diagnostics* warnings);

  std::expected<ast::Expr, Diagnostic> condition();
  /// An operand up to the end of the text.
  std::expected<ast::Operand, Diagnostic> left_side_only();
  /// An operand, whatever stands behind it.
  std::expected<LocatedOperand, Diagnostic> left_side();

 private:
  template <typename Read>
  auto guarded(Read read) -> std::expected<decltype(read()), Diagnostic>;

  const MappedText& text_;
  Diagnostics* warnings_;
  BoundedLexer lexer_;
  antlr4::CommonTokenStream tokens_;
  grammar::ConditionParser parser_;
  bool operand_only_ = false;
};

}  // namespace falcoc::ir
