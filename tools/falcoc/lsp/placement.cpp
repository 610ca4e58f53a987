#include "tools/falcoc/lsp/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "compiler/check/rule_input.h"
#include "tools/falcoc/explain.h"

namespace falcoc::lsp {

namespace {

/// More types are no rule that filters; they would all say the same.
constexpr size_t kMostEvents = 12;

std::string verdict(const cli::RuleView& rule) {
  if (!rule.is_filtered) {
    return rule.blames.empty() ? "user space" : "user space: " + rule.blames.front();
  }
  const bool by_fact = rule.guard.find("fact ") != rule.guard.npos;
  if (rule.blames.empty()) {
    return by_fact ? "kernel, by a process fact" : "kernel, exactly";
  }
  return "kernel, and again in user space: " + rule.blames.front();
}

}  // namespace

std::string placement_of(std::string check, std::span<const std::string> events) {
  if (events.empty()) return {};
  std::ranges::replace(check, '\n', ' ');
  const auto some = events.first(std::min(events.size(), kMostEvents));
  const std::string text = fmt::format(
      "- rule: check\n  desc: one check\n  condition: >\n    evt.type in ({}) and {}\n"
      "  output: check\n  priority: DEBUG\n",
      fmt::join(some, ", "), check);
  const check::RuleInput input =
      check::read_rules(std::vector<check::NamedText>{{.name = "check", .text = text}});
  if (input.diagnostics.has_errors()) return {};
  std::map<std::string, std::vector<std::string_view>> groups;
  for (const cli::KindView& kind : cli::view_kinds(input.program)) {
    for (const cli::RuleView& rule : kind.rules) {
      std::vector<std::string_view>& names = groups[verdict(rule)];
      const std::string_view name = event_kind_name(kind.kind);
      if (names.empty() || names.back() != name) names.push_back(name);
    }
  }
  std::string result;
  for (const auto& [what, names] : groups) {
    result += fmt::format("- {}: {}\n", fmt::join(names, ", "), what);
  }
  return result;
}

}  // namespace falcoc::lsp
