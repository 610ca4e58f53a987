#include "tools/falcoc/unfiltered.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace falcoc::cli {

namespace {

/// Whether events of this kind are so many that what the kernel keeps back of them counts.
bool is_frequent(EventKind kind) {
  const EventInfo* const info = event_of_kind(kind);
  return info != nullptr && info->category != EventCategory::PROCESS &&
         info->category != EventCategory::USER;
}

}  // namespace

void note_unfiltered(const check::RuleInput& input, std::span<const KindView> kinds,
                     std::vector<lint::Finding>& findings) {
  std::map<std::string_view, Span> places;
  for (const rules::Rule& rule : input.rules.rules) places.emplace(rule.name.str(), rule.name.span);
  std::set<uint32_t> told;
  for (const KindView& kind : kinds) {
    if (!is_frequent(kind.kind)) continue;
    for (const RuleView& rule : kind.rules) {
      if (rule.is_filtered || !told.insert(rule.rule).second) continue;
      const std::string& name = input.program.rules[rule.rule].name;
      lint::Finding finding{
          .diagnostic = Diagnostic::at(
              Code::LINT_UNFILTERED, places.at(name),
              fmt::format("every {} goes to rule `{}`: {}", event_kind_name(kind.kind), name,
                          rule.blames.empty() ? "the kernel can decide none of its checks"
                                              : rule.blames.front()),
              "`falcoc explain` shows what each event type costs")};
      finding.owner = name;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace falcoc::cli
