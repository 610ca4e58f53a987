// `falcoc ci`: everything that a change of rules has to pass, in one run, with a summary for
// people.
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/diff.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/revision.h"

namespace falcoc::cli {

namespace {

struct Step {
  std::string_view name;
  std::string_view meaning;
  ExitStatus status;
};

std::string_view verdict(ExitStatus status) {
  switch (status) {
    case ExitStatus::CLEAN:
      return "passed";
    case ExitStatus::FINDINGS:
      return "findings";
    default:
      return "could not run";
  }
}

std::string markdown(const std::vector<Step>& steps) {
  std::string text = "### Falco rules\n\n| step | | what it looks at |\n|---|---|---|\n";
  for (const Step& step : steps) {
    text += fmt::format("| {} | {} | {} |\n", step.name, verdict(step.status), step.meaning);
  }
  return text;
}

/// The rules against those of a revision of git. What differs is added to `summary`.
ExitStatus compare_with_base(const ContinuousOptions& options, std::string& summary) {
  auto texts = files_of_revision(options.base, options.paths);
  if (!texts) {
    fmt::print(stderr, "error: {}\n", texts.error());
    return ExitStatus::FAILURE;
  }
  const RuleInput before = read_rules(std::move(*texts));
  const RuleInput after = read_rules(options.paths);
  if (before.diagnostics.has_errors()) {
    report(before, formats().front(), false, stderr);
    return ExitStatus::FAILURE;
  }
  // Those of the rules of today were told of.
  if (after.unreadable || after.diagnostics.has_errors()) return ExitStatus::FINDINGS;
  const std::vector<diff::RuleDiff> diffs = compare_rules(before, after);
  if (!write_all(diff_text(diffs), stdout)) return ExitStatus::FAILURE;
  summary += diff_markdown(diffs);
  return has_any(diffs, options.fail_on) ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
}

/// False if it cannot be written, which is said.
bool append(const std::string& path, const std::string& text) {
  errno = 0;
  std::ofstream out(path, std::ios::app);
  out << text << '\n';
  out.close();
  if (!out) fmt::print(stderr, "error: {}: {}\n", path, std::strerror(errno));
  return static_cast<bool>(out);
}

}  // namespace

ExitStatus continuous(const ContinuousOptions& options) {
  // In a workflow of GitHub findings show beside the lines that they are about.
  const char* const actions = std::getenv("GITHUB_ACTIONS");
  const Format& format = actions != nullptr && std::strcmp(actions, "true") == 0
                             ? *find_format("github")
                             : formats().front();
  const CheckOptions rules{.paths = options.paths, .format = &format, .strict = true};

  std::vector<Step> steps;
  const auto begin = [&](std::string_view name) { fmt::print("== {}\n", name); };
  const auto end = [&](std::string_view name, std::string_view meaning, ExitStatus status) {
    std::fflush(stdout);
    steps.push_back({name, meaning, status});
  };
  begin("check");
  end("check", "files load, names and types are right", check(rules));
  begin("lint");
  CheckOptions linted = rules;
  linted.strict = false;  // notes are advice
  end("lint", "rules can match, are not easily evaded, say what they found",
      lint({.check = linted, .settings = {}, .baseline = {}, .new_baseline = {}}));
  begin("fmt");
  end("fmt", "files are laid out as `falcoc fmt` does",
      format_files({.paths = options.paths, .check = true}));
  if (!options.tests.empty()) {
    TestOptions tests;
    tests.paths = options.tests;
    tests.format = test_format_names().front();
    begin("test");
    end("test", "rules do as their tests say", test(tests));
  }
  std::string differences;
  if (!options.base.empty()) {
    begin("diff");
    end("diff", "what rules match, compared with the base",
        compare_with_base(options, differences));
  }

  ExitStatus status = ExitStatus::CLEAN;
  fmt::print("== summary\n");
  for (const Step& step : steps) {
    fmt::print("{:<6} {}\n", step.name, verdict(step.status));
    status = std::max(status, step.status);
  }
  std::string summary = options.summary;
  if (const char* const path = std::getenv("GITHUB_STEP_SUMMARY");
      summary.empty() && path != nullptr)
    summary = path;
  if (!summary.empty() && !append(summary, markdown(steps) + differences))
    return ExitStatus::FAILURE;
  return status;
}

}  // namespace falcoc::cli
