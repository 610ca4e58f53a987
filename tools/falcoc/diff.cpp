// `falcoc diff`: two versions of rules compared by what they match.
#include "tools/falcoc/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/testing/made_events.h"

namespace falcoc::cli {

namespace {

using diff::RuleDiff;
using diff::Verdict;

bool is(const RuleDiff& it, Verdict verdict) {
  return it.in_both() && it.condition.verdict == verdict;
}

struct Kind {
  std::string_view name;
  bool (*holds)(const RuleDiff& diff);
};

constexpr std::array<Kind, 5> kKinds = {{
    {"looser", [](const RuleDiff& it) { return is(it, Verdict::LOOSER) || it.is_switched_on(); }},
    {"stricter", [](const RuleDiff& it) { return is(it, Verdict::STRICTER); }},
    {"changed", [](const RuleDiff& it) { return is(it, Verdict::CHANGED); }},
    {"removed", [](const RuleDiff& it) { return it.is_removed() || it.is_switched_off(); }},
    {"any", [](const RuleDiff& it) { return !it.is_same(); }},
}};

/// False if it cannot be compared, which is said.
bool is_usable(const RuleInput& input, ExitStatus& status) {
  if (!input.unreadable && !input.diagnostics.has_errors()) return true;
  report(input, formats().front(), false, stderr);
  status = input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  return false;
}

}  // namespace

std::vector<RuleDiff> compare_rules(const RuleInput& old_set, const RuleInput& new_set) {
  diff::DiffOptions options;
  options.complete = [](testing::Facts& facts) { complete(facts); };
  return diff::compare({old_set.rules, old_set.program}, {new_set.rules, new_set.program}, options);
}

std::vector<std::string> diff_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

bool has_any(const std::vector<RuleDiff>& diffs, const std::vector<std::string>& kinds) {
  return std::ranges::any_of(kKinds, [&](const Kind& kind) {
    return std::ranges::find(kinds, kind.name) != kinds.end() &&
           std::ranges::any_of(diffs, kind.holds);
  });
}

ExitStatus diff_rules(const DiffCommandOptions& options) {
  const RuleInput old_set = read_rules(options.old_paths);
  const RuleInput new_set = read_rules(options.new_paths);
  ExitStatus status = ExitStatus::CLEAN;
  if (!is_usable(old_set, status) || !is_usable(new_set, status)) return status;
  const std::vector<RuleDiff> diffs = compare_rules(old_set, new_set);
  const bool is_json = options.format == "json";
  if (!write_all(is_json ? diff_json(diffs) : diff_text(diffs), stdout)) return ExitStatus::FAILURE;
  return has_any(diffs, options.fail_on) ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
}

}  // namespace falcoc::cli
