// `falcoc check` and `falcoc compile`: the same findings; one stops there, the other writes a
// bundle.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "compiler/bundle/bundle.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

ExitStatus status_of(const RuleInput& input, bool strict) {
  if (input.unreadable) return ExitStatus::FAILURE;
  const bool warnings = input.diagnostics.count(Severity::WARNING) > 0;
  return input.diagnostics.has_errors() || (strict && warnings) ? ExitStatus::FINDINGS
                                                                : ExitStatus::CLEAN;
}

}  // namespace

ExitStatus check(const CheckOptions& options) {
  const RuleInput input = read_rules(options.paths);
  report(input, *options.format, options.strict, stdout);
  return status_of(input, options.strict);
}

ExitStatus compile(const CompileCommandOptions& options) {
  const RuleInput input = read_rules(options.check.paths);
  report(input, *options.check.format, options.check.strict, stderr);
  const ExitStatus status = status_of(input, options.check.strict);
  if (status != ExitStatus::CLEAN) return status;

  const std::string bytes = bundle::write(input.program);
  std::string why;
  if (options.output == "-") {
    if (!write_all(bytes, stdout)) why = std::strerror(errno);
  } else {
    why = replace_file(options.output, bytes);
  }
  if (why.empty()) return ExitStatus::CLEAN;
  fmt::print(stderr, "error: {}: {}\n", options.output, why);
  return ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
