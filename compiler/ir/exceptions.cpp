// One tree per exception: the disjunction of its rows.
#include "compiler/ir/exceptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/ir/field_ref.h"
#include "compiler/ir/lists.h"
#include "compiler/ir/lower.h"
#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

using Result = std::expected<ast::Expr, Diagnostic>;

std::unexpected<Diagnostic> error(Code code, Span span, std::string message,
                                  std::string hint = {}) {
  return std::unexpected(Diagnostic::at(code, span, std::move(message), std::move(hint)));
}

/// Operator and modifier of a `comps` entry.
struct Comparison {
  Operator op{};
  Modifier modifier = Modifier::NONE;

  bool takes_list() const {
    return modifier != Modifier::NONE || op == Operator::IN || op == Operator::INTERSECTS ||
           op == Operator::PMATCH;
  }
};

std::optional<Operator> find_operator(std::string_view word) {
  if (word == "==") return Operator::EQ;
  for (int i = 0; i <= static_cast<int>(Operator::PMATCH); ++i) {
    if (spelling(static_cast<Operator>(i)) == word) return static_cast<Operator>(i);
  }
  return std::nullopt;
}

std::optional<Modifier> find_modifier(std::string_view word) {
  for (Modifier modifier : {Modifier::ONEOF, Modifier::ANYOF, Modifier::ALLOF}) {
    if (spelling(modifier) == word) return modifier;
  }
  return std::nullopt;
}

std::optional<Comparison> parse_comparison(std::string_view text) {
  const size_t blank = text.find(' ');
  const auto op = find_operator(text.substr(0, blank));
  // `exists` has no values to compare with.
  if (!op || *op == Operator::EXISTS) return std::nullopt;
  Comparison comparison{.op = *op};
  if (blank != std::string_view::npos) {
    const size_t word = text.find_first_not_of(' ', blank);
    const auto modifier = find_modifier(text.substr(std::min(word, text.size())));
    if (!modifier) return std::nullopt;
    comparison.modifier = *modifier;
  }
  return comparison;
}

/// One column of an exception: a field and how it is compared.
struct Column {
  ast::Operand field;
  Comparison comparison;
  Span comparison_span;
};

/// A scalar that starts with a parenthesis is a list written as text: `(a, b)`.
std::expected<std::vector<ast::Literal>, Diagnostic> literals_of_text(const rules::Text& text,
                                                                      bool takes_list) {
  if (takes_list && text.str().starts_with('(')) {
    Span before = text.span;
    before.end = before.begin;
    MappedText check;
    check.append("evt.args in ", before);
    check.append(text.text);
    auto parsed = parse_condition(check);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    if (parsed->kind == ast::Expr::Kind::CHECK) return std::move(parsed->right.items);
  }
  auto literal = item_literal(text);
  if (!literal) return std::unexpected(std::move(literal.error()));
  return std::vector{std::move(*literal)};
}

std::expected<std::vector<ast::Literal>, Diagnostic> literals_of(const rules::ExceptionValue& value,
                                                                 bool takes_list) {
  if (const auto* text = std::get_if<rules::Text>(&value.value)) {
    return literals_of_text(*text, takes_list);
  }
  std::vector<ast::Literal> result;
  for (const rules::Text& text : std::get<std::vector<rules::Text>>(value.value)) {
    auto literal = item_literal(text);
    if (!literal) return std::unexpected(std::move(literal.error()));
    result.push_back(std::move(*literal));
  }
  return result;
}

ast::Expr make_check(const Column& column, std::vector<ast::Literal> literals, Span span) {
  ast::Expr check;
  check.kind = ast::Expr::Kind::CHECK;
  check.span = column.field.span;
  check.left = column.field;
  check.op = column.comparison.op;
  check.op_span = column.comparison_span;
  check.modifier = column.comparison.modifier;
  check.right = {.items = std::move(literals),
                 .expanded = {},
                 .parenthesised = column.comparison.takes_list(),
                 .span = span};
  return check;
}

/// A chain of one is the expression itself.
ast::Expr connect(ast::Expr::Kind kind, std::vector<ast::Expr> children, Span span) {
  if (children.size() == 1) return std::move(children.front());
  ast::Expr chain;
  chain.kind = kind;
  chain.span = span;
  chain.children = std::move(children);
  return chain;
}

Result make_row(const std::vector<Column>& columns, const rules::ExceptionRow& row) {
  if (row.elements.size() != columns.size()) {
    return error(
        Code::EXCEPTION_SHAPE, row.span,
        fmt::format("row of {} values for {} fields", row.elements.size(), columns.size()));
  }
  std::vector<ast::Expr> checks;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool takes_list = columns[i].comparison.takes_list();
    const rules::ExceptionValue& value = row.elements[i];
    auto literals = literals_of(value, takes_list);
    if (!literals) return std::unexpected(std::move(literals.error()));
    if (!takes_list && std::holds_alternative<std::vector<rules::Text>>(value.value)) {
      return error(Code::LIST_NOT_SCALAR, value.span,
                   fmt::format("operator `{}` compares with one value, not with a list",
                               spelling(columns[i].comparison.op)),
                   "use `in`, `pmatch`, `intersects` or a modifier in `comps`");
    }
    checks.push_back(make_check(columns[i], std::move(*literals), value.span));
  }
  return connect(ast::Expr::Kind::AND, std::move(checks), row.span);
}

/// Scalar form: one check with the values of all rows.
Result make_scalar_form(const Column& column, const rules::Exception& exception) {
  std::vector<ast::Literal> all;
  for (const rules::ExceptionRow& row : exception.rows) {
    for (const rules::ExceptionValue& value : row.elements) {
      auto literals = literals_of(value, false);
      if (!literals) return std::unexpected(std::move(literals.error()));
      std::ranges::move(*literals, std::back_inserter(all));
    }
  }
  return make_check(column, std::move(all), exception.rows.front().span);
}

std::expected<std::vector<Column>, Diagnostic> columns_of(const rules::Exception& exception) {
  std::vector<Column> columns;
  for (size_t i = 0; i < exception.fields.size(); ++i) {
    const rules::Text& text = exception.fields[i];
    // Falco checks these when it reads the rule: no skip-if-unknown-filter helps here.
    const auto invalid = [&](const Diagnostic& reason) {
      return error(Code::EXCEPTION_FIELD, text.span,
                   fmt::format("`{}` is not a valid field of exception `{}`: {}", text.str(),
                               exception.name.str(), reason.message),
                   reason.hint);
    };
    auto field = parse_operand(text.text);
    if (!field) return invalid(field.error());
    ProgramBuilder scratch;
    if (auto typed = lower_operand(*field, scratch); !typed) return invalid(typed.error());
    if (i >= exception.comps.size()) {
      return error(Code::EXCEPTION_SHAPE, exception.name.span, "fewer comps than fields");
    }
    const auto comparison = parse_comparison(exception.comps[i].str());
    if (!comparison) {
      return error(
          Code::EXCEPTION_OPERATOR, exception.comps[i].span,
          fmt::format("`{}` cannot compare a field of an exception", exception.comps[i].str()));
    }
    columns.push_back({std::move(*field), *comparison, exception.comps[i].span});
  }
  return columns;
}

Result make_exception(const std::vector<Column>& columns, const rules::Exception& exception) {
  if (!exception.fields_is_list && columns.front().comparison.takes_list()) {
    return make_scalar_form(columns.front(), exception);
  }
  std::vector<ast::Expr> rows;
  for (const rules::ExceptionRow& row : exception.rows) {
    auto made = make_row(columns, row);
    if (!made) return made;
    rows.push_back(std::move(*made));
  }
  return connect(ast::Expr::Kind::OR, std::move(rows), exception.name.span);
}

}  // namespace

Result with_exceptions(ast::Expr condition, const rules::Rule& rule) {
  const Span span = condition.span;
  std::vector<ast::Expr> parts;
  parts.push_back(std::move(condition));
  for (const rules::Exception& exception : rule.exceptions) {
    auto columns = columns_of(exception);
    if (!columns) return std::unexpected(std::move(columns.error()));
    if (exception.rows.empty() || columns->empty()) continue;
    auto made = make_exception(*columns, exception);
    if (!made) return made;
    ast::Expr negation;
    negation.kind = ast::Expr::Kind::NOT;
    negation.span = exception.name.span;
    negation.children.push_back(std::move(*made));
    parts.push_back(std::move(negation));
  }
  return connect(ast::Expr::Kind::AND, std::move(parts), span);
}

}  // namespace falcoc::ir
