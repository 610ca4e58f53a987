#include "tools/falcoc/references.h"

#include <algorithm>

#include "compiler/ir/parse.h"

namespace falcoc::cli {

namespace {

using Kind = Reference::Kind;

void collect(const ast::Operand& operand, std::vector<Reference>& named) {
  if (operand.kind == ast::Operand::Kind::FIELD) named.push_back({Kind::FIELD, operand.name});
  for (const ast::Operand& argument : operand.arguments) collect(argument, named);
}

void collect(const ast::Expr& expr, std::vector<Reference>& named) {
  if (expr.kind == ast::Expr::Kind::IDENTIFIER) named.push_back({Kind::MACRO, expr.identifier});
  if (expr.kind == ast::Expr::Kind::CHECK) {
    collect(expr.left, named);
    if (expr.right_operand) collect(*expr.right_operand, named);
    for (const ast::Literal& literal : expr.right.items) {
      if (!literal.quoted) named.push_back({Kind::WORD, literal.text});
    }
  }
  for (const ast::Expr& child : expr.children) collect(child, named);
}

std::vector<Reference> named_in(const MappedText& condition) {
  std::vector<Reference> named;
  if (const auto parsed = ir::parse_condition(condition)) collect(*parsed, named);
  return named;
}

void collect(const rules::Exception& exception, std::vector<Reference>& named) {
  for (const rules::Text& field : exception.fields) {
    named.push_back({Kind::FIELD, field.str().substr(0, field.str().find('['))});
  }
  for (const rules::ExceptionRow& row : exception.rows) {
    for (const rules::ExceptionValue& element : row.elements) {
      if (const auto* one = std::get_if<rules::Text>(&element.value)) {
        named.push_back({Kind::WORD, one->str()});
      } else {
        for (const rules::Text& text : std::get<std::vector<rules::Text>>(element.value)) {
          named.push_back({Kind::WORD, text.str()});
        }
      }
    }
  }
}

}  // namespace

References::References(const rules::RuleSet& set) {
  for (const rules::Macro& macro : set.macros) macros_.emplace(macro.name.str(), &macro);
  for (const rules::List& list : set.lists) lists_.emplace(list.name.str(), &list);
}

bool References::has(const std::string& name) const {
  return macros_.contains(name) || lists_.contains(name);
}

std::vector<Reference> References::of(const rules::Rule& rule) const {
  std::vector<Reference> named = named_in(rule.condition);
  for (const rules::Exception& exception : rule.exceptions) collect(exception, named);
  std::vector<Reference> all;
  follow(named, all);
  return all;
}

const rules::Macro* References::macro(const Reference& reference) const {
  const auto found = macros_.find(reference.name);
  return reference.kind == Kind::MACRO && found != macros_.end() ? found->second : nullptr;
}

const rules::List* References::list(const Reference& reference) const {
  const auto found = lists_.find(reference.name);
  return reference.kind == Kind::WORD && found != lists_.end() ? found->second : nullptr;
}

void References::follow(const std::vector<Reference>& named, std::vector<Reference>& all) const {
  for (const Reference& reference : named) {
    if (std::ranges::find(all, reference) != all.end()) continue;
    all.push_back(reference);
    if (const rules::Macro* found = macro(reference)) follow(named_in(found->condition), all);
    if (const rules::List* found = list(reference)) {
      std::vector<Reference> items;
      for (const rules::Text& item : found->items) items.push_back({Kind::WORD, item.str()});
      follow(items, all);
    }
  }
}

}  // namespace falcoc::cli
