#include "compiler/ir/build_ast.h"

#include <fmt/format.h>

#include <cctype>

#include "compiler/ir/spelling.h"

namespace falcoc::ir {

namespace {

using grammar::ConditionParser;

const antlr4::Token& token_of(antlr4::tree::TerminalNode* node) { return *node->getSymbol(); }

uint32_t begin_of(const antlr4::Token& token) {
  return static_cast<uint32_t>(token.getStartIndex());
}
uint32_t end_of(const antlr4::Token& token) {
  return static_cast<uint32_t>(token.getStopIndex() + 1);
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\b' || byte == '\r' || byte == '\n';
}
bool is_word_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return std::nullopt;
}

struct Escape {
  char letter;
  char meaning;
};
constexpr Escape kEscapes[] = {
    {'b', '\b'},  {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'},
    {'\\', '\\'}, {'/', '/'},  {' ', '\\'},  // `\ ` is a backslash, the blank is gone (quirk Q06)
};

/// What a one-letter escape stands for inside `quote`.
std::optional<char> escape_meaning(char letter, char quote) {
  if (letter == quote) return quote;
  for (const Escape& escape : kEscapes) {
    if (escape.letter == letter) return escape.meaning;
  }
  return std::nullopt;
}

std::string without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

std::string_view AstBuilder::text_of(const antlr4::Token& token) const {
  return std::string_view(text_.text()).substr(begin_of(token), end_of(token) - begin_of(token));
}

Span AstBuilder::span_of(const antlr4::Token& token) const {
  return text_.span(begin_of(token), end_of(token));
}

Span AstBuilder::span_of(const antlr4::ParserRuleContext& tree) const {
  return text_.span(begin_of(*tree.start), end_of(*tree.stop));
}

ast::Expr AstBuilder::condition(Parser::ConditionContext& tree) {
  return disjunction(*tree.disjunction());
}

ast::Expr AstBuilder::disjunction(Parser::DisjunctionContext& tree) {
  if (tree.children.size() == 1) return conjunction(*tree.conjunction(0));
  ast::Expr expr;
  expr.kind = ast::Expr::Kind::OR;
  expr.span = span_of(tree);
  for (antlr4::tree::ParseTree* child : tree.children) {
    if (auto* term = dynamic_cast<Parser::ConjunctionContext*>(child)) {
      expr.children.push_back(conjunction(*term));
    } else if (auto* group = dynamic_cast<Parser::ParenthesisedContext*>(child)) {
      expr.children.push_back(disjunction(*group->disjunction()));
    }
  }
  return expr;
}

ast::Expr AstBuilder::conjunction(Parser::ConjunctionContext& tree) {
  if (tree.children.size() == 1) return negation(*tree.negation(0));
  ast::Expr expr;
  expr.kind = ast::Expr::Kind::AND;
  expr.span = span_of(tree);
  for (antlr4::tree::ParseTree* child : tree.children) {
    if (auto* term = dynamic_cast<Parser::NegationContext*>(child)) {
      expr.children.push_back(negation(*term));
    } else if (auto* group = dynamic_cast<Parser::ParenthesisedContext*>(child)) {
      expr.children.push_back(disjunction(*group->disjunction()));
    }
  }
  return expr;
}

ast::Expr AstBuilder::negation(Parser::NegationContext& tree) {
  // Children: `not` any number of times, then a check, or `not(` and its group.
  auto* group = tree.parenthesised();
  const size_t negations = tree.children.size() - 1;
  ast::Expr inner = group != nullptr ? disjunction(*group->disjunction()) : check(*tree.check());
  if (negations % 2 == 0) return inner;
  ast::Expr expr;
  expr.kind = ast::Expr::Kind::NOT;
  expr.span = span_of(tree);
  expr.children.push_back(std::move(inner));
  return expr;
}

ast::Expr AstBuilder::check(Parser::CheckContext& tree) {
  if (auto* group = tree.parenthesised()) return disjunction(*group->disjunction());
  ast::Expr expr;
  expr.span = span_of(tree);
  if (auto* macro = tree.IDENTIFIER()) {
    expr.kind = ast::Expr::Kind::IDENTIFIER;
    expr.identifier = text_of(token_of(macro));
    return expr;
  }
  expr.kind = ast::Expr::Kind::CHECK;
  expr.left = left_side(*tree.leftSide());
  relation(*tree.relation(), expr);
  return expr;
}

void AstBuilder::relation(Parser::RelationContext& tree, ast::Expr& check) {
  const antlr4::Token& token = *tree.start;
  const std::string word = without_blanks(text_of(token));  // word operators end with a blank
  check.op = operator_spelt(word).value();
  check.op_span = text_.span(begin_of(token), begin_of(token) + static_cast<uint32_t>(word.size()));
  if (tree.EXISTS() != nullptr || tree.LIST_OPERATOR() != nullptr) warn_if_glued(token);
  if (auto* modifier = tree.MODIFIER()) {
    check.modifier = modifier_spelt(without_blanks(text_of(token_of(modifier)))).value();
  }
  if (auto* operand = tree.rightOperand()) {
    right_operand(*operand, check);
  } else if (tree.EXISTS() == nullptr) {
    literals(tree, check.right);
  }
}

void AstBuilder::literals(Parser::RelationContext& tree, ast::Literals& literals) {
  if (auto* list = tree.listOrName()) {
    list_or_name(*list, literals);
    return;
  }
  literals.items.push_back(literal(*tree.stop));
  literals.span = literals.items.front().span;
}

void AstBuilder::list_or_name(Parser::ListOrNameContext& tree, ast::Literals& literals) {
  literals.span = span_of(tree);
  literals.parenthesised = tree.LIST_OPEN() != nullptr;
  if (!literals.parenthesised) {
    literals.items.push_back(literal(*tree.start));
    return;
  }
  literals.items.reserve(tree.children.size() / 2);
  for (antlr4::tree::ParseTree* child : tree.children) {
    if (auto* item = dynamic_cast<Parser::ItemContext*>(child)) {
      literals.items.push_back(literal(*item->start));
    }
  }
}

void AstBuilder::right_operand(Parser::RightOperandContext& tree, ast::Expr& check) {
  auto* value = tree.value();
  if (value == nullptr) {
    check.right_operand = transformer(*tree.transformer());
    return;
  }
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::TRANSFORMER;
  operand.transformer = Transformer::VAL;
  operand.span = span_of(*value);
  operand.arguments.push_back(field(*value->field()));
  if (auto* selector = value->argument()) operand.argument = argument(*selector);
  check.right_operand = std::move(operand);
}

ast::Operand AstBuilder::left_side(Parser::LeftSideContext& tree) { return operand(tree); }

/// For leftSide, operand and element: rules of one child.
ast::Operand AstBuilder::operand(antlr4::ParserRuleContext& tree) {
  antlr4::tree::ParseTree* child = tree.children.front();
  if (auto* plain = dynamic_cast<Parser::FieldContext*>(child)) return field(*plain);
  if (auto* call = dynamic_cast<Parser::TransformerContext*>(child)) return transformer(*call);
  if (auto* list = dynamic_cast<Parser::OperandListContext*>(child)) return operand_list(*list);
  return literal_operand(*tree.start);
}

ast::Operand AstBuilder::field(Parser::FieldContext& tree) {
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::FIELD;
  operand.span = span_of(tree);
  operand.name = text_of(*tree.start);
  if (auto* brackets = tree.argument()) {
    operand.name.pop_back();  // the token includes the bracket
    operand.argument = argument(*brackets);
  }
  return operand;
}

ast::Operand AstBuilder::transformer(Parser::TransformerContext& tree) {
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::TRANSFORMER;
  operand.span = span_of(tree);
  std::string_view name = text_of(*tree.start);
  name.remove_suffix(1);  // the token includes the parenthesis
  operand.transformer = transformer_spelt(name).value();
  for (antlr4::tree::ParseTree* child : tree.children) {
    if (auto* part = dynamic_cast<Parser::OperandContext*>(child)) {
      operand.arguments.push_back(this->operand(*part));
    }
  }
  if (auto* brackets = tree.argument()) operand.argument = argument(*brackets);
  return operand;
}

ast::Operand AstBuilder::operand_list(Parser::OperandListContext& tree) {
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::LIST;
  operand.span = span_of(tree);
  for (antlr4::tree::ParseTree* child : tree.children) {
    if (auto* part = dynamic_cast<Parser::ElementContext*>(child)) {
      operand.arguments.push_back(this->operand(*part));
    }
  }
  return operand;
}

std::string AstBuilder::argument(Parser::ArgumentContext& tree) {
  return literal(*tree.start).text;
}

ast::Literal AstBuilder::literal(const antlr4::Token& token) {
  ast::Literal result;
  result.span = span_of(token);
  result.quoted = token.getType() == ConditionParser::QUOTED;
  result.text =
      result.quoted ? unescape(text_of(token), begin_of(token)) : std::string(text_of(token));
  return result;
}

ast::Operand AstBuilder::literal_operand(const antlr4::Token& token) {
  ast::Literal parsed = literal(token);
  ast::Operand operand;
  operand.kind = ast::Operand::Kind::LITERAL;
  operand.span = parsed.span;
  operand.name = std::move(parsed.text);
  return operand;
}

std::string AstBuilder::unescape(std::string_view quoted, size_t begin) {
  const char quote = quoted.front();
  const std::string_view body = quoted.substr(1, quoted.size() - 2);
  if (body.find('\\') == std::string_view::npos) return std::string(body);
  const auto span = [&](size_t from, size_t to) {
    return text_.span(static_cast<uint32_t>(begin + 1 + from),
                      static_cast<uint32_t>(begin + 1 + to));
  };
  std::string result;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      result.push_back(body[i]);
      continue;
    }
    const char letter = body[++i];  // the lexer ends no string behind a lone backslash
    if (letter == 'x') {
      const auto high = i + 1 < body.size() ? hex_value(body[i + 1]) : std::nullopt;
      const auto low = i + 2 < body.size() ? hex_value(body[i + 2]) : std::nullopt;
      if (!high || !low) {
        throw LiteralError{Diagnostic::at(Code::ESCAPE_INVALID, span(i - 1, i + 1),
                                          "`\\x` needs exactly two hexadecimal digits",
                                          "write `\\\\x` for a backslash followed by an x")};
      }
      result.push_back(static_cast<char>(*high << 4 | *low));
      i += 2;
      continue;
    }
    const auto meaning = escape_meaning(letter, quote);
    if (!meaning) {
      const bool printable = letter > ' ' && letter < 0x7f;
      throw LiteralError{Diagnostic::at(
          Code::ESCAPE_INVALID, span(i - 1, i + 1),
          printable ? fmt::format("`\\{}` is no escape sequence of a {}-quoted string", letter,
                                  quote == '"' ? "double" : "single")
                    : fmt::format("a backslash before byte 0x{:02x} is no escape sequence",
                                  static_cast<unsigned char>(letter)),
          "write `\\\\` for a backslash; known are \\b \\f \\n \\r \\t \\/ \\\\ \\xHH and the "
          "quote "
          "itself")};
    }
    if (letter == ' ' && warnings_ != nullptr) {
      warnings_->add(Diagnostic::at(Code::ESCAPED_BLANK, span(i - 1, i + 1),
                                    "a backslash before a blank stands for the backslash alone, "
                                    "the blank is lost",
                                    "write `\\\\ ` to keep both, or leave the backslash out"));
    }
    result.push_back(*meaning);
  }
  return result;
}

void AstBuilder::warn_if_glued(const antlr4::Token& token) {
  const size_t end = end_of(token);
  if (warnings_ == nullptr || end >= text_.text().size() || !is_word_byte(text_.text()[end]))
    return;
  const std::string_view word = text_of(token);
  warnings_->add(Diagnostic::at(
      Code::OPERATOR_GLUED, span_of(token),
      fmt::format("`{}` is read as an operator although the word goes on behind it", word),
      fmt::format("write a blank behind `{}`", word)));
}

}  // namespace falcoc::ir
