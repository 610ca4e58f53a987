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
#include "compiler/rules/ruleset.h"
#include "tests/support/fact_source.h"

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

/// Ordinary activity that matches no rule: what nearly all events are.
std::vector<testing::Facts> ordinary_events() {
  std::vector<testing::Facts> events;
  for (const char* type : {"openat", "execve", "connect", "unlinkat", "symlinkat", "dup3"}) {
    testing::Facts facts;
    facts.set("evt.type", type);
    facts.set("evt.num", "7");
    facts.set("proc.name", "nginx");
    facts.set("proc.exepath", "/usr/sbin/nginx");
    facts.set("proc.pname", "systemd");
    facts.set("proc.cmdline", "nginx -g daemon off;");
    facts.set_list("proc.aname", {"systemd"});
    facts.set("fd.name", "/var/www/html/index.html");
    facts.set("fd.directory", "/var/www/html");
    facts.set("fd.num", "9");
    facts.set("fd.typechar", "f");
    facts.set("user.name", "www-data");
    facts.set("user.uid", "33");
    facts.set("container.id", "host");
    events.push_back(std::move(facts));
  }
  return events;
}

/// The events bound to the program's fields.
struct Workload {
  ir::Program program = load();
  std::vector<std::unique_ptr<testing::BoundFacts>> events;
  std::vector<EventKind> kinds;

  Workload() {
    for (const testing::Facts& facts : ordinary_events()) {
      if (!facts.event_kind()) continue;
      kinds.push_back(*facts.event_kind());
      events.push_back(std::make_unique<testing::BoundFacts>(facts, program));
    }
  }
};

void match_native(const Workload& workload, const native::Matcher& matcher,
                  std::vector<uint64_t>& words) {
  ir::ValueArena arena;
  for (size_t i = 0; i < workload.events.size(); ++i) {
    matcher.match(workload.kinds[i], workload.events[i]->context(), arena, words);
    benchmark::DoNotOptimize(words.data());
    arena.clear();
  }
}

/// What the engine does without native code: only rules that the event's kind leaves alive.
void match_reference(const Workload& workload) {
  ir::ValueArena arena;
  for (size_t i = 0; i < workload.events.size(); ++i) {
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
  constexpr int kRounds = 20'000;
  const std::clock_t begin = std::clock();
  for (int round = 0; round < kRounds; ++round) match();
  const double spent_ns = 1e9 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return spent_ns / static_cast<double>(kRounds * events);
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
  const auto ordered = compile(workload, {.order_by_cost = true});
  if (!matcher || !ordered) return 1;
  std::vector<uint64_t> words(matcher->words_per_result());
  const size_t events = workload.events.size();
  const auto add = [&](const char* name, auto match) {
    benchmark::RegisterBenchmark(name, [&workload, events, match](benchmark::State& state) {
      for (auto _ : state) match();
      state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(events));
    });
  };
  const auto native = [&] { match_native(workload, *matcher, words); };
  const auto native_ordered = [&] { match_native(workload, *ordered, words); };
  const auto reference = [&] { match_reference(workload); };
  add("native", native);
  add("native, conditions ordered by cost", native_ordered);
  add("reference", reference);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  const double native_ns = ns_per_event(events, native);
  const double ordered_ns = ns_per_event(events, native_ordered);
  const double reference_ns = ns_per_event(events, reference);
  fmt::print(
      "{} rules: native {:.0f} ns/event (ordered by cost {:.0f}), reference {:.0f} ns/event, "
      "ratio {:.1f}\n",
      workload.program.rules.size(), native_ns, ordered_ns, reference_ns, reference_ns / native_ns);
  return 0;
}

}  // namespace
}  // namespace falcoc

int main(int argc, char** argv) { return falcoc::run(argc, argv); }
