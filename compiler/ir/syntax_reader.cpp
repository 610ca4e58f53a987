#include "compiler/ir/syntax_reader.h"

#include "compiler/ir/build_ast.h"
#include "compiler/ir/syntax_error.h"

namespace falcoc::ir {

namespace {

using grammar::ConditionLexer;

/// How a token changes the depth of nesting.
int nesting_of(size_t token_type) {
  switch (token_type) {
    case ConditionLexer::OPEN:
    case ConditionLexer::NOT_OPEN:
    case ConditionLexer::AND_OPEN:
    case ConditionLexer::OR_OPEN:
    case ConditionLexer::TRANSFORMER:
    case ConditionLexer::VAL_OPEN:
    case ConditionLexer::OPERANDS_OPEN:
      return 1;
    case ConditionLexer::CLOSE:
    case ConditionLexer::OPERANDS_CLOSE:
    case ConditionLexer::OPERANDS_CLOSE_BRACKET:
      return -1;
    default:
      return 0;
  }
}

[[noreturn]] void stop(antlr4::Parser* parser) {
  throw SyntaxError{.found = parser->getCurrentToken(),
                    .expected = parser->getExpectedTokens(),
                    .rule = parser->getContext()->getRuleIndex()};
}

}  // namespace

std::unique_ptr<antlr4::Token> BoundedLexer::nextToken() {
  auto next = grammar::ConditionLexer::nextToken();
  const int nesting = nesting_of(next->getType());
  if (nesting > 0 && ++depth_ > kMaxNesting) {
    if (!too_deep_at_) too_deep_at_ = next->getStartIndex();
    static_cast<antlr4::WritableToken&>(*next).setType(UNEXPECTED);
  } else if (nesting < 0 && depth_ > 0) {  // a stray `)` is the parser's business
    --depth_;
  }
  return next;
}

void FirstErrorStrategy::recover(antlr4::Parser* parser, std::exception_ptr) { stop(parser); }

antlr4::Token* FirstErrorStrategy::recoverInline(antlr4::Parser* parser) { stop(parser); }

void FirstErrorStrategy::sync(antlr4::Parser*) {}

void FirstErrorStrategy::reportError(antlr4::Parser*, const antlr4::RecognitionException&) {}

SyntaxReader::SyntaxReader(const MappedText& text, antlr4::ANTLRInputStream& input, size_t begin,
                           Diagnostics* warnings)
    : text_(text), warnings_(warnings), lexer_(&input), tokens_(&lexer_), parser_(&tokens_) {
  input.seek(begin);
  lexer_.removeErrorListeners();
  parser_.removeErrorListeners();
  parser_.setErrorHandler(std::make_shared<FirstErrorStrategy>());
}

/// The border where exceptions of the ANTLR runtime and of the AST builder become values.
template <typename Read>
auto SyntaxReader::guarded(Read read) -> std::expected<decltype(read()), Diagnostic> {
  try {
    return read();
  } catch (const SyntaxError& error) {
    return std::unexpected(explain(error, {.text = text_,
                                           .tokens = tokens_,
                                           .too_deep_at = lexer_.too_deep_at(),
                                           .operand_only = operand_only_}));
  } catch (const LiteralError& error) {
    return std::unexpected(error.diagnostic);
  }
}

std::expected<ast::Expr, Diagnostic> SyntaxReader::condition() {
  return guarded([&] { return AstBuilder(text_, warnings_).condition(*parser_.condition()); });
}

std::expected<ast::Operand, Diagnostic> SyntaxReader::left_side_only() {
  operand_only_ = true;
  return guarded(
      [&] { return AstBuilder(text_, warnings_).left_side(*parser_.leftSideOnly()->leftSide()); });
}

std::expected<LocatedOperand, Diagnostic> SyntaxReader::left_side() {
  operand_only_ = true;
  return guarded([&] {
    auto* tree = parser_.leftSide();
    const size_t end = tree->stop->getStopIndex() + 1;
    size_t bracket = end;
    if (auto* call = tree->transformer()) {
      if (auto* close = call->OPERANDS_CLOSE_BRACKET()) {
        bracket = close->getSymbol()->getStopIndex();
      }
    }
    return LocatedOperand{
        .operand = AstBuilder(text_, warnings_).left_side(*tree), .end = end, .bracket = bracket};
  });
}

}  // namespace falcoc::ir
