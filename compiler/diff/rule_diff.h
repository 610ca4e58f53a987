// Two rulesets compared rule by rule: what conditions match, with macros, lists and exceptions in
// place, and what else of a rule is not the same.
#pragma once

#include <string>
#include <vector>

#include "compiler/diff/condition_diff.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::diff {

struct Ruleset {
  const rules::RuleSet& rules;
  const ir::Program& program;  ///< compiled from `rules`
};

/// Something of a rule beside its condition, before and after.
struct Change {
  std::string what;  ///< "priority"
  std::string before, after;
};

struct RuleDiff {
  std::string name;
  const ir::Rule* old_rule = nullptr;  ///< null: added
  const ir::Rule* new_rule = nullptr;  ///< null: removed
  ConditionDiff condition{};           ///< if it is in both
  std::vector<Change> changes{};

  bool is_added() const { return old_rule == nullptr; }
  bool is_removed() const { return new_rule == nullptr; }
  /// Alerts that could be raised before and cannot be now, or the other way round.
  bool is_switched_off() const { return in_both() && old_rule->enabled && !new_rule->enabled; }
  bool is_switched_on() const { return in_both() && !old_rule->enabled && new_rule->enabled; }
  bool in_both() const { return !is_added() && !is_removed(); }
  /// Nothing differs.
  bool is_same() const {
    return in_both() && condition.verdict == Verdict::EQUAL && changes.empty();
  }
};

/// Rules by name: those of the new set in its order, then those removed.
std::vector<RuleDiff> compare(const Ruleset& old_set, const Ruleset& new_set,
                              const DiffOptions& options);

/// "equal", "stricter", "looser", "changed", "added", "removed".
std::string_view verdict_name(const RuleDiff& diff);

}  // namespace falcoc::diff
