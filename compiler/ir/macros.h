// Macros: each is parsed once, lowered once, and is one node for all its uses (RULE-LANGUAGE 5.9).
// An error in a macro is reported once, at the macro, with the rules that use it.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/ir/lists.h"
#include "compiler/ir/lower.h"

namespace falcoc::ir {

class MacroTable {
 public:
  /// Why the condition of a rule has no node.
  struct Failure {
    Diagnostic diagnostic;
    std::optional<size_t> macro;  ///< the macro whose text is wrong; else the rule's own is
  };

  /// Parses every macro and checks what it refers to. `set` must outlive the table.
  MacroTable(const rules::RuleSet& set, ListTable& lists, Diagnostics& warnings);

  /// Marks the macros of a rule's condition, whose names are all known or an error.
  std::expected<void, Diagnostic> require(const ast::Expr& condition);
  /// Lowers the macros that rules require, dependencies first.
  void lower(Lowering& lowering);
  /// Lowers the condition of a rule.
  std::expected<NodeId, Failure> condition(const ast::Expr& condition, Lowering& lowering) const;

  /// Remembers that a rule is lost because of a macro.
  void add_victim(size_t macro, const rules::Rule& rule);
  /// Errors of macros, and macros that nothing refers to.
  void report(Diagnostics& diagnostics, bool with_unused) const;
  /// True if some macro does not parse, so that what it uses is unknown.
  bool any_unparsed() const;

 private:
  struct Entry {
    const rules::Macro* macro = nullptr;
    ast::Expr body;
    std::vector<size_t> uses;
    bool referenced = false;  ///< by a macro or rule
    bool required = false;    ///< by a rule, maybe through other macros
    bool parsed = true;
    std::optional<Diagnostic> error;  ///< of its own text
    bool error_is_final = false;      ///< syntax or references: an error even if no rule uses it
    std::optional<size_t> culprit;  ///< the macro with the error that keeps this one from lowering
    NodeId node{};
    std::vector<Label> victims;
    size_t victim_count = 0;
  };

  void collect_uses(Entry& entry, const ast::Expr& expr);
  std::vector<size_t> dependency_order();
  void report_cycle(const std::vector<size_t>& path, size_t back_to);
  void lower_entry(size_t position, Lowering& lowering);
  Diagnostic undefined(const ast::Expr& identifier, std::string reason) const;

  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, size_t> by_name_;
  std::vector<size_t> order_;  ///< dependencies first
};

}  // namespace falcoc::ir
