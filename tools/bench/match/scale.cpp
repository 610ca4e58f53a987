// What the number of rules changes: time for one event, time to make the code, memory. Rules in the
// manner of Falco's stable ones, ordinary events, each size beside the first.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>

#include "compiler/codegen/native/generate.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/ruleset.h"
#include "tools/bench/match/generate.h"
#include "tools/bench/match/ordinary_events.h"

namespace falcoc::bench {
namespace {

ir::Program load(const std::string& text) {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  load_rules(sources.add("generated.yaml", text), sources, set, diagnostics);
  return ir::compile(set, {}, diagnostics);
}

/// Resident memory of this process that is not shared with files.
double resident_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    double kib = 0;
    if (word == "RssAnon:" && in >> kib) return kib / 1024;
  }
  return 0;
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Measured {
  double event_ns = 0;
  double generate_ms = 0;
  double load_ms = 0;
  double object_kib = 0;
  double memory_mib = 0;  ///< of the loaded matcher, patterns and tables included
};

/// The least of many short runs: what else the machine does only ever adds.
double event_ns(const native::Matcher& matcher, const ir::Program& program) {
  std::vector<std::unique_ptr<testing::BoundFacts>> events;
  std::vector<EventKind> kinds;
  for (const testing::Facts& facts : ordinary_events()) {
    kinds.push_back(facts.event_kind().value());
    events.push_back(std::make_unique<testing::BoundFacts>(facts, program));
  }
  constexpr int kTurns = 60;
  constexpr int kRounds = 2'000;
  ir::ValueArena arena;
  std::vector<uint64_t> matched(matcher.words_per_result());
  double best = 1e9;
  for (int turn = 0; turn < kTurns; ++turn) {
    const double begin = cpu_seconds();
    for (int round = 0; round < kRounds; ++round) {
      for (size_t i = 0; i < events.size(); ++i) {
        matcher.match(kinds[i], events[i]->context(), arena, matched);
        arena.clear();
      }
    }
    best = std::min(best,
                    1e9 * (cpu_seconds() - begin) / (kRounds * static_cast<double>(events.size())));
  }
  return best;
}

std::expected<Measured, Diagnostic> measure(size_t rules) {
  const ir::Program program = load(generate_stable_like_rules(rules));
  const std::vector<Accessor> accessors = testing::BoundFacts::accessors(program);
  Measured result;
  double begin = cpu_seconds();
  const auto made = native::generate(program, std::vector<bool>(accessors.size(), true));
  if (!made) return std::unexpected(made.error());
  result.generate_ms = 1e3 * (cpu_seconds() - begin);
  result.object_kib = static_cast<double>(made->object.size()) / 1024;
  const double memory_before = resident_mib();
  begin = cpu_seconds();
  const auto matcher = native::Matcher::load(program, accessors, made->object);
  if (!matcher) return std::unexpected(matcher.error());
  result.load_ms = 1e3 * (cpu_seconds() - begin);
  result.event_ns = event_ns(*matcher, program);
  result.memory_mib = resident_mib() - memory_before;
  return result;
}

int run() {
  fmt::print("{:>6} {:>10} {:>9} {:>12} {:>9} {:>12} {:>12}\n", "rules", "ns/event", "of first",
             "generate ms", "load ms", "object KiB", "memory MiB");
  double first_ns = 0;
  for (const size_t rules : {25, 100, 1'000, 5'000}) {
    const auto result = measure(rules);
    if (!result) {
      std::cerr << result.error().message << "\n";
      return 1;
    }
    if (first_ns == 0) first_ns = result->event_ns;
    fmt::print("{:>6} {:>10.1f} {:>8.2f}x {:>12.0f} {:>9.1f} {:>12.0f} {:>12.1f}\n", rules,
               result->event_ns, result->event_ns / first_ns, result->generate_ms, result->load_ms,
               result->object_kib, result->memory_mib);
  }
  return 0;
}

}  // namespace
}  // namespace falcoc::bench

int main() { return falcoc::bench::run(); }
