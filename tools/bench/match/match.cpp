// Cost of one event against a whole ruleset: native code and the reference evaluator on the same
// events, and the ratio between them. Rules: Falco's stable ones where they are at hand, else ours.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "compiler/codegen/native/native.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/fact_source.h"
#include "compiler/rules/ruleset.h"
#include "tools/bench/match/ordinary_events.h"

namespace falcoc {
namespace {

std::vector<std::filesystem::path> rule_files() {
  if (std::filesystem::exists(FALCOC_STABLE_RULES)) return {FALCOC_STABLE_RULES};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FALCOC_OWN_RULES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

ir::Program load() {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  for (const std::filesystem::path& path : rule_files()) {
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    load_rules(sources.add(path.string(), std::move(text)), sources, set, diagnostics);
  }
  ir::Program program = ir::compile(set, {}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.items()) {
    if (code_info(diagnostic.code).severity == Severity::ERROR) {
      std::cerr << render_text(diagnostic, sources, false) << "\n";
    }
  }
  return program;
}

/// The events bound to the program's fields.
struct Workload {
  ir::Program program = load();
  std::vector<std::unique_ptr<testing::BoundFacts>> events;
  std::vector<EventKind> kinds;

  Workload() {
    for (const testing::Facts& facts : bench::ordinary_events()) {
      if (!facts.event_kind()) continue;
      kinds.push_back(*facts.event_kind());
      events.push_back(std::make_unique<testing::BoundFacts>(facts, program));
    }
  }
};

void match_one(const native::Matcher& matcher, EventKind kind, testing::BoundFacts& event,
               ir::ValueArena& arena, std::vector<uint64_t>& words) {
  matcher.match(kind, event.context(), arena, words);
  benchmark::DoNotOptimize(words.data());
  arena.clear();
}

void match_native(const Workload& workload, const native::Matcher& matcher, ir::ValueArena& arena,
                  std::vector<uint64_t>& words) {
  for (size_t i = 0; i < workload.events.size(); ++i) {
    match_one(matcher, workload.kinds[i], *workload.events[i], arena, words);
  }
}

/// What the engine does without native code: only rules that the event's kind leaves alive.
void match_reference(const Workload& workload, ir::ValueArena& arena, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    for (const ir::Rule& rule : workload.program.rules) {
      if (!rule.enabled || !workload.program.rule_events(rule).test(workload.kinds[i])) continue;
      benchmark::DoNotOptimize(
          ir::evaluate(workload.program, rule.condition, workload.events[i]->source(), arena));
    }
    arena.clear();
  }
}

/// Processor time, so that a busy machine changes both sides alike.
template <typename Match>
double ns_per_event(size_t events, Match match) {
  constexpr int kRounds = 2'000;
  const std::clock_t begin = std::clock();
  for (int round = 0; round < kRounds; ++round) match();
  const double spent_ns = 1e9 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return spent_ns / static_cast<double>(kRounds * events);
}

/// The least of many short runs: what else the machine does only ever adds. The sides take turns.
template <typename Native, typename Reference>
std::pair<double, double> compare(size_t events, Native native, Reference reference) {
  constexpr int kTurns = 60;
  std::pair<double, double> best{1e9, 1e9};
  for (int turn = 0; turn < kTurns; ++turn) {
    best.first = std::min(best.first, ns_per_event(events, native));
    best.second = std::min(best.second, ns_per_event(events, reference));
  }
  return best;
}

std::optional<native::Matcher> compile(const Workload& workload, const native::Options& options) {
  auto matcher = native::Matcher::compile(
      workload.program, testing::BoundFacts::accessors(workload.program), options);
  if (matcher) return std::move(*matcher);
  std::cerr << matcher.error().message << "\n";
  return std::nullopt;
}

int run(int argc, char** argv) {
  const Workload workload;
  const auto matcher = compile(workload, {});
  if (!matcher) return 1;
  std::vector<uint64_t> words(matcher->words_per_result());
  ir::ValueArena arena;
  const size_t events = workload.events.size();
  const auto add = [&](const char* name, auto match) {
    benchmark::RegisterBenchmark(name, [&workload, events, match](benchmark::State& state) {
      for (auto _ : state) match();
      state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(events));
    });
  };
  const auto native = [&] { match_native(workload, *matcher, arena, words); };
  const auto reference = [&] { match_reference(workload, arena, 0, events); };
  add("native", native);
  add("reference", reference);
  for (size_t i = 0; i < events; ++i) {
    add(fmt::format("native/{}", event_kind_name(workload.kinds[i])).c_str(),
        [&, i] { match_one(*matcher, workload.kinds[i], *workload.events[i], arena, words); });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  for (size_t i = 0; i < events; ++i) {
    const auto one = [&] {
      match_one(*matcher, workload.kinds[i], *workload.events[i], arena, words);
    };
    const auto one_reference = [&] { match_reference(workload, arena, i, i + 1); };
    const auto [ns, slow_ns] = compare(1, one, one_reference);
    fmt::print("{}: native {:.1f} ns, reference {:.0f} ns\n", event_kind_name(workload.kinds[i]),
               ns, slow_ns);
  }
  const auto [native_ns, reference_ns] = compare(events, native, reference);
  fmt::print("{} rules: native {:.1f} ns/event, reference {:.0f} ns/event, ratio {:.1f}\n",
             workload.program.rules.size(), native_ns, reference_ns, reference_ns / native_ns);
  return 0;
}

}  // namespace
}  // namespace falcoc

int main(int argc, char** argv) { return falcoc::run(argc, argv); }
