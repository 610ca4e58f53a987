// `falcoc explain`: for one rule or all, in words, what its condition becomes and where each part
// of it runs.
#include "tools/falcoc/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/explain_emit.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

ExitStatus explain(const ExplainOptions& options) {
  RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  ir::Program& program = input.program;
  if (!options.rule.empty()) {
    const auto rule = std::ranges::find(program.rules, options.rule, &ir::Rule::name);
    if (rule == program.rules.end()) {
      report_unknown_rule(options.rule, program);
      return ExitStatus::FAILURE;
    }
    // The others are only in the way.
    ir::Rule chosen = std::move(*rule);
    program.rules = {std::move(chosen)};
  }
  if (!options.emit.empty()) return emit(program, options.emit);
  const std::vector<KindView> kinds = view_kinds(program);
  std::string text;
  for (uint32_t i = 0; i < program.rules.size(); ++i) {
    text += (i == 0 ? "" : "\n") + explain_rule(program, kinds, i);
  }
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
