// See daemon.h: options, rules, then one of the tasks.
#include "runtime/daemon/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <expected>
#include <string>

#include "runtime/daemon/describe.h"
#include "runtime/daemon/exit_status.h"
#include "runtime/daemon/load.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/replay.h"
#include "runtime/daemon/report.h"
#include "runtime/daemon/watch.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return code(std::fflush(stdout) == 0 && written ? ExitStatus::OK : ExitStatus::RUNTIME);
}

int print(const std::expected<std::string, Diagnostic>& text, const Reporter& reporter) {
  if (text) return print(*text);
  reporter.show(text.error());
  return code(ExitStatus::USAGE);
}

/// Loads the rules, then describes or runs them.
int with_rules(Options options, falcoc::SourceMap& sources, falcoc::Diagnostics& diagnostics,
               const Reporter& reporter) {
  if (options.rule_paths.empty()) {
    if (auto standard = standard_rules()) {
      options.rule_paths.push_back(std::move(*standard));
    } else {
      diagnostics.add(Diagnostic::global(Code::NO_RULES, "the standard rules are not installed",
                                         "name rule files with -r"));
    }
  }
  std::string fingerprint = rules_fingerprint(options.rule_paths);
  auto rules = diagnostics.has_errors()
                   ? std::nullopt
                   : load_rules(options.rule_paths, options.output_additions, sources, diagnostics);
  reporter.show(diagnostics);
  if (!rules) return code(ExitStatus::RULES);
  if (options.task == Task::DESCRIBE_RULES) {
    return print(describe_rules(*rules, options.describe, options.alerts.json), reporter);
  }
  if (!options.captures.empty()) return replay(options, std::move(rules->program), reporter);
  return watch(options, std::move(rules->program), std::move(fingerprint), reporter);
}

/// Descriptors that the shell closed (`>&-`) must not become those of files opened later. Returns
/// whether standard output was open.
bool fill_standard_descriptors() {
  const bool has_output = ::fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDWR);  // takes the lowest free number
  }
  return has_output;
}

int run(int argc, const char* const* argv) {
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  if (!fill_standard_descriptors()) {
    Reporter(sources, false)
        .show(Diagnostic::global(Code::OUTPUT_FAILED, "standard output is closed",
                                 "send it somewhere, to /dev/null if nobody wants the alerts"));
    return code(ExitStatus::RUNTIME);
  }
  auto options = parse_options(argc, argv, diagnostics);
  const Reporter reporter(sources, options && options->quiet);
  if (!options) {
    reporter.show(diagnostics);
    reporter.show(options.error());
    return code(ExitStatus::USAGE);
  }
  switch (options->task) {
    case Task::HELP:
      return print(options->help);
    case Task::VERSION:
      return print(version_text(options->alerts.json));
    case Task::LIST_FIELDS:
      return print(list_fields(options->list_source, options->names_only), reporter);
    case Task::DESCRIBE_RULES:
    case Task::RUN:
      break;
  }
  return with_rules(std::move(*options), sources, diagnostics, reporter);
}

}  // namespace

int daemon_main(int argc, const char* const* argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory or threads: nothing here throws on purpose.
    fmt::print(stderr, "falcod: {}\n", error.what());
    return code(ExitStatus::RUNTIME);
  }
}

}  // namespace falcod
