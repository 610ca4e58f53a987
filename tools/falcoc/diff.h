// What `falcoc diff` and the comparison of `falcoc ci` with a revision print.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/rule_input.h"
#include "compiler/diff/rule_diff.h"

namespace falcoc::cli {

/// Both sets have no errors.
std::vector<diff::RuleDiff> compare_rules(const check::RuleInput& old_set,
                                          const check::RuleInput& new_set);

/// Names for --fail-on.
std::vector<std::string> diff_kinds();
/// Some rule differs in one of these ways.
bool has_any(const std::vector<diff::RuleDiff>& diffs, const std::vector<std::string>& kinds);

std::string diff_text(const std::vector<diff::RuleDiff>& diffs);
std::string diff_json(const std::vector<diff::RuleDiff>& diffs);
/// A table of the rules that differ.
std::string diff_markdown(const std::vector<diff::RuleDiff>& diffs);

}  // namespace falcoc::cli
