// See daemon.h: options, rules, then one of the tasks.
#include "runtime/daemon/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <expected>
#include <optional>
#include <string>

#include "runtime/config/read.h"
#include "runtime/daemon/describe.h"
#include "runtime/daemon/exit_status.h"
#include "runtime/daemon/inform.h"
#include "runtime/daemon/load.h"
#include "runtime/daemon/options.h"
#include "runtime/daemon/reload.h"
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
int with_rules(const Options& options, falcoc::SourceMap& sources, const Reporter& reporter) {
  const bool watches = options.task != Task::DESCRIBE_RULES && options.captures.empty();
  std::unique_ptr<Preparation> prepared;
  if (watches) {
    auto begun = Preparation::begin(options, reporter);
    if (!begun) {
      reporter.show(begun.error());
      return code(ExitStatus::RUNTIME);
    }
    prepared = std::move(*begun);
  }
  falcoc::Diagnostics diagnostics;
  const Config& config = options.config;
  std::string fingerprint = reload_fingerprint(options);
  auto rules = load_rules(options.rule_paths,
                          {.additions = config.append_output,
                           .selections = config.rules,
                           .routes = route::alert_routes(options.routes),
                           .static_fields = config.static_fields},
                          sources, diagnostics);
  reporter.show(diagnostics);
  if (!rules) return code(ExitStatus::RULES);
  if (options.task == Task::DESCRIBE_RULES) {
    return print(describe_rules(*rules, options.describe, config.alerts.json), reporter);
  }
  if (!options.captures.empty()) return replay(options, std::move(rules->program), reporter);
  return watch(options, *prepared, std::move(rules->program), std::move(fingerprint), reporter);
}

int check_configuration(const Options& options, falcoc::SourceMap& sources,
                        const Reporter& reporter, falcoc::Diagnostics diagnostics) {
  // what sinks ask of alerts is compiled with the rules otherwise
  falcoc::ir::add_alert_routes({}, route::alert_routes(options.routes),
                               options.config.static_fields, sources, diagnostics);
  reporter.show(diagnostics);
  const auto count = [&](falcoc::Severity severity) { return diagnostics.count(severity); };
  const bool failed = diagnostics.has_errors();
  const std::string name =
      options.config.files.empty() ? "built-in configuration" : options.config.files.front();
  const int printed =
      print(fmt::format("{}: {} ({} errors, {} warnings, {} notes)\n", name,
                        failed ? "Invalid" : "Ok", count(falcoc::Severity::ERROR),
                        count(falcoc::Severity::WARNING), count(falcoc::Severity::NOTE)));
  return failed ? code(ExitStatus::USAGE) : printed;
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

/// Tasks that only print something, and need no rules. Nothing for the others.
std::optional<int> answer(const Options& options, int argc, const char* const* argv,
                          const Reporter& reporter) {
  const bool json = options.config.alerts.json;
  switch (options.task) {
    case Task::VERSION:
      return print(version_text(json));
    case Task::LIST_FIELDS:
      return print(list_fields(options.list_source, options.names_only, options.list_format,
                               options.config.static_fields),
                   reporter);
    case Task::LIST_EVENTS:
      return print(list_events(options.list_format));
    case Task::LIST_PLUGINS:
      return print(list_plugins());
    case Task::PLUGIN_INFO:
      return print(plugin_info(options.plugin), reporter);
    case Task::IGNORED_EVENTS:
      return print("Ignored syscall(s):\n  none: rules see every system call they ask for\n");
    case Task::PAGE_SIZE:
      return print(fmt::format("Your system page size is: {}\n", ::sysconf(_SC_PAGESIZE)));
    case Task::SUPPORT:
      return print(support_report(options, argc, argv));
    case Task::VALIDATE: {
      const Validation validation = validate(options.validate, json, options.describe_validated,
                                             options.config.static_fields);
      const int printed = print(validation.text);
      return validation.valid ? printed : code(ExitStatus::RULES);
    }
    default:
      return std::nullopt;
  }
}

int with_configuration(const Options& options, falcoc::SourceMap& sources,
                       const falcoc::Diagnostics& diagnostics, int argc, const char* const* argv) {
  ReportOptions report{.quiet = options.quiet, .verbose = options.verbose};
  // A program that is asked something answers where it was asked.
  if (options.task == Task::RUN) report.log = options.config.log;
  report.verbose = report.verbose || options.task == Task::CONFIG_CHECK;
  const Reporter reporter(sources, report);
  if (options.task == Task::CONFIG_CHECK) {
    return check_configuration(options, sources, reporter, diagnostics);
  }
  reporter.show(diagnostics);
  if (diagnostics.has_errors()) {
    const bool rules = std::ranges::any_of(diagnostics.items(), [](const Diagnostic& diagnostic) {
      return diagnostic.code == Code::NO_RULES;
    });
    return code(rules ? ExitStatus::RULES : ExitStatus::USAGE);
  }
  if (const auto status = answer(options, argc, argv, reporter)) return *status;
  return with_rules(options, sources, reporter);
}

int run(int argc, const char* const* argv) {
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  if (!fill_standard_descriptors()) {
    Reporter(sources, {})
        .show(Diagnostic::global(Code::OUTPUT_FAILED, "standard output is closed",
                                 "send it somewhere, to /dev/null if nobody wants the alerts"));
    return code(ExitStatus::RUNTIME);
  }
  auto options = parse_options(argc, argv, diagnostics);
  if (!options) {
    const Reporter reporter(sources, {});
    reporter.show(diagnostics);
    reporter.show(options.error());
    return code(ExitStatus::USAGE);
  }
  if (options->task == Task::HELP) return print(options->help);
  if (options->task == Task::CONFIG_SCHEMA) return print(config::json_schema());
  configure(*options, config::process_environment(), sources, diagnostics);
  return with_configuration(*options, sources, diagnostics, argc, argv);
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
