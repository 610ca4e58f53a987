#include "compiler/lint/lint.h"

#include <array>

#include "compiler/lint/context.h"

namespace falcoc::lint {

namespace {

constexpr std::array kPasses = {find_contradictions, find_odd_literals, find_odd_shapes,
                                find_event_slips,    find_evasions,     find_output_slips,
                                find_metadata_slips, find_overlaps,     find_breaches};

}  // namespace

std::vector<Finding> lint(const Input& input) {
  Context context(input);
  for (const auto& pass : kPasses) pass(context);
  std::vector<Finding> findings = context.take();
  std::erase_if(findings, [&](const Finding& finding) {
    return input.policy.disabled.contains(finding.diagnostic.code);
  });
  return findings;
}

}  // namespace falcoc::lint
