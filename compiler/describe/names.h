// The names of macros and lists in a rule set: which of them a condition or list names, what a list
// stands for, and what nothing uses.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/ast.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::describe {

struct Names {
  std::set<std::string> macros;
  std::set<std::string> lists;
};

class NameTable {
 public:
  /// `set` must outlive the table.
  explicit NameTable(const rules::RuleSet& set);

  /// What stands in the text of a condition itself; nothing if it does not parse.
  Names in_condition(const MappedText& text) const;
  /// Names in `items` that are lists.
  std::set<std::string> in_items(const std::vector<rules::Text>& items) const;
  /// The items with those of the lists they name, in order, each once.
  std::vector<std::string> expanded(const rules::List& list) const;
  /// What a rule names, itself or through others.
  const Names& used() const { return used_; }

 private:
  void collect(const ast::Expr& expr, Names& names) const;
  void mark_used(const Names& names);
  void mark_list_used(const std::string& name);
  void expand(const rules::List& list, std::set<std::string_view>& lists,
              std::set<std::string_view>& seen, std::vector<std::string>& items) const;

  std::map<std::string_view, const rules::Macro*> macros_;
  std::map<std::string_view, const rules::List*> lists_;
  Names used_;
};

}  // namespace falcoc::describe
