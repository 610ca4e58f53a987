// Shorthand of the parser tests: parse, print trees compactly, show where spans point.
#pragma once

#include <string>
#include <string_view>

#include "compiler/ir/parse.h"

namespace falcoc::test {

inline std::string spelt(const ast::Operand& operand) {
  std::string text;
  switch (operand.kind) {
    case ast::Operand::Kind::FIELD:
      text = operand.name;
      break;
    case ast::Operand::Kind::LITERAL:
      return '"' + operand.name + '"';
    case ast::Operand::Kind::TRANSFORMER:
      text = ir::spelling(operand.transformer);
      [[fallthrough]];
    case ast::Operand::Kind::LIST:
      text += '(';
      for (size_t i = 0; i < operand.arguments.size(); ++i) {
        if (i > 0) text += ',';
        text += spelt(operand.arguments[i]);
      }
      text += ')';
  }
  if (operand.argument) text += '[' + *operand.argument + ']';
  return text;
}

inline std::string spelt(const ast::Literals& literals) {
  std::string text = literals.parenthesised ? "(" : "";
  for (size_t i = 0; i < literals.items.size(); ++i) {
    if (i > 0) text += ',';
    const ast::Literal& item = literals.items[i];
    text += item.quoted ? '"' + item.text + '"' : item.text;
  }
  return text + (literals.parenthesised ? ")" : "");
}

/// `(and X Y)`, `(not X)`, `<field op "value">`, `macro`.
inline std::string spelt(const ast::Expr& expr) {
  switch (expr.kind) {
    case ast::Expr::Kind::IDENTIFIER:
      return expr.identifier;
    case ast::Expr::Kind::CHECK: {
      std::string text = '<' + spelt(expr.left) + ' ' + std::string(ir::spelling(expr.op));
      if (expr.modifier != ir::Modifier::NONE) {
        text += ' ' + std::string(ir::spelling(expr.modifier));
      }
      if (expr.right_operand) return text + ' ' + spelt(*expr.right_operand) + '>';
      if (expr.op != ir::Operator::EXISTS) text += ' ' + spelt(expr.right);
      return text + '>';
    }
    default:
      break;
  }
  std::string text = expr.kind == ast::Expr::Kind::AND  ? "(and"
                     : expr.kind == ast::Expr::Kind::OR ? "(or"
                                                        : "(not";
  for (const ast::Expr& child : expr.children) text += ' ' + spelt(child);
  return text + ')';
}

/// A text whose offsets are those of file 0.
inline MappedText mapped(std::string_view text) {
  return {std::string(text),
          Span{.file = FileId{}, .begin = 0, .end = static_cast<uint32_t>(text.size())}};
}

/// The tree, or `error: MESSAGE`.
inline std::string parse(std::string_view text) {
  const auto result = ir::parse_condition(mapped(text));
  return result ? spelt(*result) : "error: " + result.error().message;
}
inline bool parses(std::string_view text) { return ir::parse_condition(mapped(text)).has_value(); }

}  // namespace falcoc::test
