// Lists in conditions: names become items, on the tree (RULE-LANGUAGE 5.9, quirks Q33 and Q34).
// Knows rule objects and syntax trees, not what literals mean.
#pragma once

#include <expected>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/ir/ast.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::ir {

/// Lists that name lists that name lists …: bounds the recursion.
inline constexpr uint32_t kMaxListNesting = 1000;
/// Items of one list with everything it names; lists that double one another grow exponentially.
inline constexpr size_t kMaxListItems = size_t{1} << 24;

/// A list item or exception value as the literal that Falco's text substitution would make of it:
/// inner quotes are syntax, everything else is plain text.
std::expected<ast::Literal, Diagnostic> item_literal(const rules::Text& item);

class ListTable {
 public:
  /// `set` must outlive the table.
  explicit ListTable(const rules::RuleSet& set);

  /// Replaces the names of lists in `condition`: shared where a list stands alone, spliced where it
  /// stands among other literals, and as scalar if it has one item.
  std::expected<void, Diagnostic> expand(ast::Expr& condition, Diagnostics& warnings);

  /// Unused lists, and errors in lists that no condition uses.
  void report(Diagnostics& diagnostics, bool with_unused);

 private:
  using Items = std::shared_ptr<const std::vector<ast::Literal>>;
  struct Entry {
    const rules::List* list = nullptr;
    enum class State : uint8_t { UNSEEN, OPEN, DONE } state = State::UNSEEN;
    std::expected<Items, Diagnostic> items = Items{};
    bool used = false;      ///< named by a list, macro or rule
    bool reported = false;  ///< its error was returned
  };

  Entry* find(const ast::Literal& literal);
  Entry* find(std::string_view name);
  const std::expected<Items, Diagnostic>& items_of(Entry& entry, uint32_t depth);
  std::expected<Items, Diagnostic> collect(Entry& entry, uint32_t depth);
  std::expected<void, Diagnostic> expand_check(ast::Expr& check, Diagnostics& warnings);
  std::expected<void, Diagnostic> splice(ast::Literals& literals);
  std::expected<void, Diagnostic> replace_scalar(ast::Literal& literal);
  std::expected<Items, Diagnostic> used_items(Entry& entry, Span use);
  void warn_of_names_in_text(const ast::Literals& literals, Diagnostics& warnings);
  void warn_of_nesting(const Entry& entry, Diagnostics& warnings);
  void warn_of_undefined(const ast::Literals& literals, Diagnostics& warnings) const;

  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, size_t> by_name_;
};

}  // namespace falcoc::ir
