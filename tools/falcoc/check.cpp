// `falcoc check` and `falcoc compile`: the same findings; one stops there, the other writes a
// bundle.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

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

/// Writes beside `path` and renames, so that a reader sees the old bundle or the new one. Returns
/// the reason if it cannot.
std::string write_file(const std::string& path, std::string_view bytes) {
  namespace fs = std::filesystem;
  std::error_code error;
  // A device or pipe (/dev/stdout) is written to, not replaced.
  const bool in_place = fs::exists(path, error) && !fs::is_regular_file(path, error);
  const std::string target = in_place ? path : path + ".new";
  errno = 0;
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) {
    const std::string why = std::strerror(errno);
    if (!in_place) fs::remove(target, error);
    return why;
  }
  if (in_place) return {};
  fs::rename(target, path, error);
  if (!error) return {};
  const std::string why = error.message();
  fs::remove(target, error);
  return why;
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
    why = write_file(options.output, bytes);
  }
  if (why.empty()) return ExitStatus::CLEAN;
  fmt::print(stderr, "error: {}: {}\n", options.output, why);
  return ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
