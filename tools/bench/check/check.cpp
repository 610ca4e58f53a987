// What `falcoc check` costs. By stage, for files of 100, 1,000 and 10,000 rules: the time per 1,000
// rules is to stay the same. As a program, on Falco's own rules: wall time, processor time, memory.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>

#include "compiler/ir/compile.h"
#include "compiler/ir/parse.h"
#include "tools/bench/check/generate.h"

namespace {

using namespace falcoc;

/// Processor time, which other programs on the machine disturb least.
double milliseconds(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  };
  const double begin = now();
  work();
  return now() - begin;
}

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "{} failed\n", what);
  std::exit(1);
}

/// Milliseconds of each stage.
struct Stages {
  double load = 0;
  double parse = 0;
  double lower = 0;  ///< resolving, typing, hash-consing, outputs
  double derive = 0;
  double total() const { return load + parse + lower + derive; }
};

Stages measure(const std::string& text, size_t expected_rules) {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  const FileId file = sources.add("generated.yaml", text);
  Stages stages;
  stages.load = milliseconds([&] { (void)rules::load_rules(file, sources, set, diagnostics); });
  stages.parse = milliseconds([&] {
    for (const rules::Macro& macro : set.macros) (void)ir::parse_condition(macro.condition);
    for (const rules::Rule& rule : set.rules) (void)ir::parse_condition(rule.condition);
  });
  ir::Program program;
  const double compile =
      milliseconds([&] { program = ir::compile(set, {.sources = &sources}, diagnostics); });
  stages.derive = milliseconds([&] { ir::derive_info(program); });
  stages.lower = std::max(0.0, compile - stages.parse - stages.derive);
  if (program.rules.size() != expected_rules || diagnostics.has_errors()) {
    fail("compiling the generated rules");
  }
  return stages;
}

/// One measurement in a process of its own, as programs do it: later ones in the same process find
/// memory that is mapped and in the caches, small files more of it than large ones. What is done
/// once per process (the tables of the parsers) is done before.
Stages measure_in_child(const std::string& text, size_t rules) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) fail("pipe");
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    constexpr size_t kWarmUpRules = 15;
    (void)measure(bench::generate_rules(kWarmUpRules), kWarmUpRules);
    const Stages stages = measure(text, rules);
    ::_exit(::write(ends[1], &stages, sizeof stages) == sizeof stages ? 0 : 1);
  }
  ::close(ends[1]);
  Stages stages;
  const bool whole = ::read(ends[0], &stages, sizeof stages) == sizeof stages;
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0 || !whole) fail("a measurement");
  return stages;
}

/// The best of a few runs: what the work costs when nothing else disturbs.
Stages best(size_t rules) {
  const std::string text = bench::generate_rules(rules);
  const int runs = rules >= 10000 ? 3 : 10;
  Stages result;
  for (int i = 0; i < runs; ++i) {
    const Stages stages = measure_in_child(text, rules);
    if (i == 0 || stages.total() < result.total()) result = stages;
  }
  return result;
}

struct ProgramCost {
  double wall_ms = std::numeric_limits<double>::max();
  double cpu_ms = std::numeric_limits<double>::max();
  double rss_mib = 0;
};

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

/// One run of the program with its output discarded. False if it fails.
bool run_once(const char* path, ProgramCost& cost) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program = FALCOC_PROGRAM, command = "check", file = path;
  std::array<char*, 4> arguments = {program.data(), command.data(), file.data(), nullptr};
  pid_t pid = 0;
  int status = 1;
  rusage usage{};
  const auto begin = std::chrono::steady_clock::now();
  const bool good =
      posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ) == 0 &&
      wait4(pid, &status, 0, &usage) == pid;
  const double wall =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  posix_spawn_file_actions_destroy(&actions);
  if (!good || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return false;
  cost.wall_ms = std::min(cost.wall_ms, wall);
  cost.cpu_ms = std::min(cost.cpu_ms, milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
  cost.rss_mib = std::max(cost.rss_mib, static_cast<double>(usage.ru_maxrss) / 1024);
  return true;
}

int measure_program() {
  constexpr int kRuns = 20;
  if (!std::filesystem::exists(FALCOC_CORPUS)) {
    fmt::print("falcoc check: skipped, no {}\n", FALCOC_CORPUS);
    return 0;
  }
  ProgramCost cost;
  for (int i = 0; i < kRuns; ++i) {
    if (run_once(FALCOC_CORPUS, cost)) continue;
    fmt::print(stderr, "falcoc check failed\n");
    return 1;
  }
  fmt::print(
      "\nfalcoc check of Falco's stable rules, best of {}: wall {:.1f} ms, cpu {:.1f} ms, "
      "resident {:.1f} MiB\n",
      kRuns, cost.wall_ms, cost.cpu_ms, cost.rss_mib);
  return 0;
}

}  // namespace

int main() {
  // First: until it executes the program, a child counts the memory of its parent as its own.
  if (const int status = measure_program(); status != 0) return status;
  fmt::print("\nprocessor milliseconds per 1,000 rules\n{:>8} {:>8} {:>8} {:>14} {:>8} {:>8}\n",
             "rules", "load", "parse", "resolve+lower", "derive", "total");
  std::optional<double> thousand;
  double last = 0;
  for (const size_t rules : {size_t{100}, size_t{1000}, size_t{10000}}) {
    const Stages stages = best(rules);
    const double per_thousand = 1000.0 / static_cast<double>(rules);
    last = stages.total() * per_thousand;
    if (rules == 1000) thousand = last;
    fmt::print("{:>8} {:>8.1f} {:>8.1f} {:>14.1f} {:>8.1f} {:>8.1f}\n", rules,
               stages.load * per_thousand, stages.parse * per_thousand, stages.lower * per_thousand,
               stages.derive * per_thousand, last);
  }
  fmt::print("time per rule, 10,000 rules against 1,000: {:.2f}\n", last / *thousand);
  return 0;
}
