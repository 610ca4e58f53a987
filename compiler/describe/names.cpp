// See names.h.
#include "compiler/describe/names.h"

#include "compiler/ir/parse.h"

namespace falcoc::describe {

NameTable::NameTable(const rules::RuleSet& set) {
  for (const rules::Macro& macro : set.macros) macros_.emplace(macro.name.str(), &macro);
  for (const rules::List& list : set.lists) lists_.emplace(list.name.str(), &list);
  for (const rules::Rule& rule : set.rules) {
    mark_used(in_condition(rule.condition));
    for (const rules::Exception& exception : rule.exceptions) {
      for (const rules::ExceptionRow& row : exception.rows) {
        for (const rules::ExceptionValue& value : row.elements) {
          if (const auto* one = std::get_if<rules::Text>(&value.value)) {
            mark_list_used(one->str());
          } else {
            for (const rules::Text& item : std::get<std::vector<rules::Text>>(value.value)) {
              mark_list_used(item.str());
            }
          }
        }
      }
    }
  }
}

Names NameTable::in_condition(const MappedText& text) const {
  Names names;
  if (const auto condition = ir::parse_condition(text)) collect(*condition, names);
  return names;
}

std::set<std::string> NameTable::in_items(const std::vector<rules::Text>& items) const {
  std::set<std::string> names;
  for (const rules::Text& item : items) {
    if (lists_.contains(item.str())) names.insert(item.str());
  }
  return names;
}

std::vector<std::string> NameTable::expanded(const rules::List& list) const {
  std::set<std::string_view> lists;
  std::set<std::string_view> seen;
  std::vector<std::string> items;
  expand(list, lists, seen, items);
  return items;
}

/// A list is entered once: what it holds is there then, and cycles end.
void NameTable::expand(const rules::List& list, std::set<std::string_view>& lists,
                       std::set<std::string_view>& seen, std::vector<std::string>& items) const {
  if (!lists.insert(list.name.str()).second) return;
  for (const rules::Text& item : list.items) {
    if (const auto named = lists_.find(item.str()); named != lists_.end()) {
      expand(*named->second, lists, seen, items);
    } else if (seen.insert(item.str()).second) {
      items.push_back(item.str());
    }
  }
}

void NameTable::collect(const ast::Expr& expr, Names& names) const {
  if (expr.kind == ast::Expr::Kind::IDENTIFIER) names.macros.insert(expr.identifier);
  for (const ast::Expr& child : expr.children) collect(child, names);
  for (const ast::Literal& literal : expr.right.items) {
    if (!literal.quoted && lists_.contains(literal.text)) names.lists.insert(literal.text);
  }
}

void NameTable::mark_used(const Names& names) {
  for (const std::string& list : names.lists) mark_list_used(list);
  for (const std::string& name : names.macros) {
    const auto macro = macros_.find(name);
    if (macro == macros_.end() || !used_.macros.insert(name).second) continue;
    mark_used(in_condition(macro->second->condition));
  }
}

void NameTable::mark_list_used(const std::string& name) {
  const auto list = lists_.find(name);
  if (list == lists_.end() || !used_.lists.insert(name).second) return;
  for (const rules::Text& item : list->second->items) mark_list_used(item.str());
}

}  // namespace falcoc::describe
