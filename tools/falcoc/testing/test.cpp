// `falcoc test`: rules tried on events written by hand and on captures.
#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <thread>

#include "compiler/ir/print.h"
#include "tools/falcoc/captures.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/expected_alerts.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/testing/results.h"

namespace falcoc::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kWatchInterval{300};
constexpr std::string_view kTestEnding = ".test.yaml";

/// One run of `falcoc test`, from files to results.
class Tester {
 public:
  explicit Tester(const TestOptions& options) : options_(options) {}

  /// FAILURE if a file cannot be used.
  ExitStatus run();
  const TestRun& result() const { return run_; }
  /// Everything that was read.
  const std::vector<std::string>& files() const { return files_; }

 private:
  /// Files of tests by the rules that they test: coverage is that of all tests of the same rules.
  using Groups = std::map<std::vector<std::string>, std::vector<Suite>>;

  std::expected<Groups, ExitStatus> read_suites();
  ExitStatus run_group(const std::vector<std::string>& paths, const std::vector<Suite>& suites);
  void check_names(const Suite& suite, const ir::Program& program);
  void run_cases(const Suite& suite, const ir::Program& program, Trials& trials);
  void measure(const ir::Program& program, const Trials& trials);
  bool run_capture(const CaptureTest& test, const ir::Program& program);
  bool is_chosen(const std::string& name) const {
    return options_.filter.empty() || name.find(options_.filter) != std::string::npos;
  }
  TestResult started(const std::string& name, Span span) const {
    const SourceFile& file = sources_.file(span.file);
    return {.file = file.name(),
            .line = file.position(span.begin).line,
            .name = name,
            .problems = {},
            .reasons = {}};
  }
  ExitStatus complain(ExitStatus status);

  const TestOptions& options_;
  SourceMap sources_;
  Diagnostics diagnostics_;
  std::vector<std::string> files_;
  TestRun run_;
};

/// Files named, and those of directories that end as files of tests do.
std::vector<std::string> test_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      if (entry.path().string().ends_with(kTestEnding)) found.push_back(entry.path().string());
    }
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

ExitStatus Tester::complain(ExitStatus status) {
  for (const Diagnostic& finding : diagnostics_.items()) {
    write_all(render_text(finding, sources_, false), stderr);
  }
  return status;
}

void Tester::check_names(const Suite& suite, const ir::Program& program) {
  std::vector<std::string_view> names;
  for (const ir::Rule& rule : program.rules) names.emplace_back(rule.name);
  const auto check = [&](const RuleName& name) {
    if (std::ranges::find(names, name.text) != names.end()) return;
    const std::string_view closest = closest_name(name.text, names);
    diagnostics_.add(
        Diagnostic::at(Code::TEST_RULE, name.span, fmt::format("no rule is called `{}`", name.text),
                       closest.empty() ? "" : fmt::format("did you mean `{}`?", closest)));
  };
  for (const TestCase& test : suite.cases) {
    std::ranges::for_each(test.expectation.alerts, check);
    std::ranges::for_each(test.expectation.rejects, check);
  }
  for (const CaptureTest& test : suite.captures) {
    for (const auto& [name, count] : test.counts) check(name);
  }
}

void Tester::run_cases(const Suite& suite, const ir::Program& program, Trials& trials) {
  for (const TestCase& test : suite.cases) {
    if (!is_chosen(test.name)) continue;
    try {
      trials.push_back(std::make_unique<Trial>(program, test));
    } catch (const std::invalid_argument& error) {
      diagnostics_.add(Diagnostic::at(Code::TEST_FACT, test.span, error.what(),
                                      "a value must be one that its field can have"));
      continue;
    }
    const Trial& trial = *trials.back();
    TestResult result = started(test.name, test.span);
    result.problems = judge(program, trial, matching_rules(trial), options_.all_rules);
    for (const RuleName& name : test.expectation.alerts) {
      const auto rule = std::ranges::find(program.rules, name.text, &ir::Rule::name);
      const auto index = static_cast<uint32_t>(rule - program.rules.begin());
      if (result.problems.empty() || trial.matches(index)) continue;
      for (std::string& reason : trial.reasons(index)) result.reasons.push_back(std::move(reason));
    }
    run_.tests.push_back(std::move(result));
  }
}

void Tester::measure(const ir::Program& program, const Trials& trials) {
  if (options_.coverage) {
    for (const RuleCoverage& rule : cover(program, trials)) {
      RuleLine line{.rule = program.rules[rule.rule].name,
                    .checks = {},
                    .is_tested = is_tested(program, trials, rule.rule),
                    .seen = rule.seen(),
                    .wanted = rule.wanted()};
      for (const CheckCoverage& check : rule.checks) {
        line.checks.push_back({ir::print_condition(program, check.check), check.was_true,
                               check.was_false, check.unmet});
      }
      run_.coverage.push_back(std::move(line));
    }
  }
  if (options_.mutate) {
    MutationResult result = mutate(program, trials, options_.all_rules);
    run_.mutants = run_.mutants.value_or(0) + result.tried;
    for (const Mutant& mutant : result.survivors) {
      run_.survivors.push_back({program.rules[mutant.rule].name,
                                ir::print_condition(program, mutant.check),
                                mutation_name(mutant.mutation)});
    }
  }
}

/// False if the test cannot be made.
bool Tester::run_capture(const CaptureTest& test, const ir::Program& program) {
  std::vector<AlertJson> got;
  const falcod::AlertOptions alerts{
      .json = true, .iso8601_time = true, .all_rules = options_.all_rules};
  auto engine = capture_engine(program, alerts, [&](const falcod::Alert& alert) {
    got.push_back(normal_alert(AlertJson::parse(alert.line, nullptr, false)));
  });
  if (engine == nullptr || !replay_captures({test.capture}, *engine)) return false;
  files_.push_back(test.capture);
  TestResult result = started(test.name, test.span);
  if (!test.alerts.empty()) {
    std::ifstream file(test.alerts, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto expected = parse_alerts(text);
    if (options_.update) {
      std::ofstream(test.alerts, std::ios::binary) << write_alerts(got);
    } else if (!file.is_open() || !expected) {
      result.problems.push_back(
          fmt::format("{} holds no alerts; --update writes them", test.alerts));
    } else if (const auto differences = compare_alerts(*expected, got); !differences.empty()) {
      result.problems.push_back(
          fmt::format("{} alerts are not as in {}; `falcoc replay --expect` shows them",
                      differences.size(), test.alerts));
    }
  }
  for (const auto& [name, count] : test.counts) {
    const auto raised = static_cast<uint64_t>(std::ranges::count_if(
        got, [&](const AlertJson& alert) { return alert.value("rule", "") == name.text; }));
    if (raised != count) {
      result.problems.push_back(
          fmt::format("{} alerts of `{}` instead of {}", raised, name.text, count));
    }
  }
  run_.tests.push_back(std::move(result));
  return true;
}

std::expected<Tester::Groups, ExitStatus> Tester::read_suites() {
  Groups groups;
  for (const std::string& path : test_files(options_.paths)) {
    files_.push_back(path);
    bool unreadable = false;
    Suite suite = read_suite(path, sources_, diagnostics_, unreadable);
    if (unreadable || diagnostics_.has_errors()) return std::unexpected(ExitStatus::FAILURE);
    const std::vector<std::string>& rules = options_.rules.empty() ? suite.rules : options_.rules;
    if (rules.empty()) {
      diagnostics_.add(Diagnostic::global(Code::TEST_FILE,
                                          fmt::format("{} names no rules to test", path),
                                          "add `rules: FILE` to it, or give -r FILE"));
      return std::unexpected(ExitStatus::FAILURE);
    }
    std::vector<std::string> key;
    for (const std::string& rule : rules) key.push_back(fs::path(rule).lexically_normal().string());
    groups[std::move(key)].push_back(std::move(suite));
  }
  if (!groups.empty()) return groups;
  diagnostics_.add(Diagnostic::global(Code::TEST_FILE, "there are no tests",
                                      "in directories, files that end in .test.yaml are tests"));
  return std::unexpected(ExitStatus::FAILURE);
}

ExitStatus Tester::run_group(const std::vector<std::string>& paths,
                             const std::vector<Suite>& suites) {
  auto rules = rules_for_captures(paths);
  if (!rules) return rules.error();
  for (const check::InputFile& file : rules->files) files_.push_back(file.name);
  for (const Suite& suite : suites) check_names(suite, rules->program);
  if (diagnostics_.has_errors()) return ExitStatus::FAILURE;
  Trials trials;
  for (const Suite& suite : suites) {
    run_cases(suite, rules->program, trials);
    for (const CaptureTest& test : suite.captures) {
      if (is_chosen(test.name) && !run_capture(test, rules->program)) return ExitStatus::FAILURE;
    }
  }
  measure(rules->program, trials);
  return diagnostics_.has_errors() ? ExitStatus::FAILURE : ExitStatus::CLEAN;
}

ExitStatus Tester::run() {
  const auto groups = read_suites();
  ExitStatus status = groups ? ExitStatus::CLEAN : groups.error();
  if (groups) {
    for (const auto& [paths, suites] : *groups) status = std::max(status, run_group(paths, suites));
  }
  if (status != ExitStatus::CLEAN) return complain(status);
  const bool uncovered = options_.threshold > 0 && run_.covered() < options_.threshold;
  return run_.failed() > 0 || uncovered || !run_.survivors.empty() ? ExitStatus::FINDINGS
                                                                   : ExitStatus::CLEAN;
}

ExitStatus print(const TestOptions& options, const TestRun& run, ExitStatus status) {
  if (status == ExitStatus::FAILURE) return status;
  const auto format = std::ranges::find(test_formats(), options.format, &TestFormat::name);
  if (!write_all(format->render(run), stdout)) return ExitStatus::FAILURE;
  if (options.html.empty()) return status;
  std::ofstream page(options.html, std::ios::binary);
  page << coverage_page(run);
  page.close();
  if (page) return status;
  fmt::print(stderr, "error: {} cannot be written\n", options.html);
  return ExitStatus::FAILURE;
}

using Times = std::map<std::string, fs::file_time_type>;

Times times_of(const std::vector<std::string>& files) {
  Times times;
  for (const std::string& file : files) {
    std::error_code error;
    times[file] = fs::last_write_time(file, error);
  }
  return times;
}

}  // namespace

std::vector<std::string> test_format_names() {
  std::vector<std::string> names;
  for (const TestFormat& format : test_formats()) names.emplace_back(format.name);
  return names;
}

ExitStatus test(const TestOptions& options) {
  for (;;) {
    Tester tester(options);
    const ExitStatus status = print(options, tester.result(), tester.run());
    if (!options.watch) return status;
    std::fflush(stdout);
    const Times before = times_of(tester.files());
    while (times_of(tester.files()) == before) std::this_thread::sleep_for(kWatchInterval);
  }
}

}  // namespace falcoc::cli
