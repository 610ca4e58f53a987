// The law of the split (DESIGN section 6): a rule that matches an event is a candidate of the
// event's filter. Generated rulesets meet generated events in the reference evaluator, in native
// code and in the kernel, with process facts known, unknown and stale.
//   FALCOC_LAW_RULESETS   how many rulesets, each with many events
//   FALCOC_LAW_SEED       to repeat a run
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <random>

#include "compiler/ir/print.h"
#include "tests/compiler/ir/compiling.h"
#include "tests/differential/shrink.h"
#include "tests/law/calls.h"
#include "tests/law/generate.h"
#include "tests/law/judge.h"

namespace falcoc::law {
namespace {

/// More than a million comparisons of a rule with an event.
constexpr uint64_t kDefaultRulesets = 24;
constexpr size_t kRules = 60;
constexpr size_t kEvents = 760;
/// Rulesets in which a mutation must show.
constexpr size_t kMutatedRulesets = 40;
/// Rulesets on a kernel that joins no paths.
constexpr uint64_t kOlderRulesets = 6;

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

uint64_t seed() {
  static const uint64_t chosen = number_from_environment("FALCOC_LAW_SEED", std::random_device{}());
  return chosen;
}

ir::Program compiled(const std::string& rules) {
  ir::Compilation compiled(rules);
  for (const Diagnostic& item : compiled.diagnostics.items()) {
    REQUIRE_MESSAGE(code_info(item.code).severity != Severity::ERROR, item.message);
  }
  return std::move(compiled.program);
}

/// What rules and events are about.
struct Case {
  ir::Program program;
  std::vector<EventKind> kinds;
  size_t events = kEvents;
};

Case an_ordinary_case(const Stage& stage, Random& random) {
  return {compiled(generate_rules(random, stage.ports(), kRules)), kinds(), kEvents};
}

struct Counts {
  size_t comparisons = 0, matches = 0, events = 0, rejected = 0, candidates = 0, facts = 0;
  size_t programs = 0;
  size_t known = 0;  ///< events whose candidates are known without the kernel
  size_t loose = 0;  ///< of those: the filter passed more
};

/// The rule and the event, the condition cut to what matters.
std::string describe(Stage& stage, const ir::Program& program, size_t rule, const Call& call,
                     const std::string& event, Knowledge knowledge, uint64_t choice,
                     ir::split::Mutation mutation) {
  const auto fails = [&](const ir::Program& smaller) {
    const auto judge = Judge::make(stage, smaller, mutation);
    return judge && (*judge)->judge(call, knowledge, choice).offence().has_value();
  };
  ir::Program small = differential::only_rule(program, rule);
  if (fails(small)) small = differential::shrink(std::move(small), fails);
  return fmt::format("{}\n{}\nfacts {}", ir::print_condition(small, small.rules.front().condition),
                     event,
                     knowledge == Knowledge::KNOWN     ? "known"
                     : knowledge == Knowledge::UNKNOWN ? "unknown"
                                                       : fmt::format("stale ({})", choice % 12));
}

/// Runs one ruleset; says what was wrong, empty if nothing.
std::string run(Stage& stage, Random& random, const Case& tested, ir::split::Mutation mutation,
                Counts& counts) {
  const ir::Program& program = tested.program;
  auto judge = Judge::make(stage, program, mutation);
  if (!judge) return judge.error();
  counts.facts += (*judge)->known_facts();
  counts.programs += (*judge)->programs();
  Calls calls(random, tested.kinds);
  for (size_t i = 0; i < tested.events; ++i) {
    const Call call = calls.next();
    const auto knowledge = static_cast<Knowledge>(random() % 3);
    const uint64_t choice = random();
    const Verdict verdict = (*judge)->judge(call, knowledge, choice);
    counts.comparisons += verdict.matched.size();
    counts.matches += static_cast<size_t>(std::ranges::count(verdict.matched, true));
    counts.candidates += static_cast<size_t>(std::ranges::count(verdict.candidate, true));
    ++counts.events;
    counts.rejected += !verdict.passed;
    counts.known += verdict.expected.has_value();
    counts.loose += verdict.is_loose();
    if (!verdict.keeps_guards()) {
      const int bit = std::countr_zero(*verdict.expected ^ verdict.said);
      return fmt::format(
          "the guards say {:#x}, the filter {:#x}: {}\nfacts {}, stale {}\nbit {}: {}",
          *verdict.expected, verdict.said, calls.print(call), static_cast<int>(knowledge),
          choice % 12, bit, (*judge)->print_guards(call.kind, static_cast<uint64_t>(bit)));
    }
    if (const auto offence = verdict.offence()) {
      const bool lost = verdict.matched[*offence] && !verdict.candidate[*offence];
      const std::string event = calls.print(call);
      const bool matched = verdict.matched[*offence];
      judge->reset();
      return fmt::format(
          "{} ({}):\n{}", lost ? "lost by the filter" : "native code disagrees",
          matched ? "reference matches" : "reference does not match",
          describe(stage, program, *offence, call, event, knowledge, choice, mutation));
    }
  }
  return {};
}

/// Null, and said so, where there can be none.
std::unique_ptr<Stage> stage_or_skip(Provider provider = Provider::CURRENT) {
  auto stage = Stage::open(provider);
  if (!stage) {
    MESSAGE("SKIPPED: " << stage.error());
    return nullptr;
  }
  return std::move(*stage);
}

TEST_CASE("no filter loses a match, and native code agrees on what is left") {
  const auto stage = stage_or_skip();
  if (stage == nullptr) return;
  const uint64_t rulesets = number_from_environment("FALCOC_LAW_RULESETS", kDefaultRulesets);
  MESSAGE("FALCOC_LAW_SEED=" << seed() << " FALCOC_LAW_RULESETS=" << rulesets);
  Random random(seed());
  Counts counts;
  for (uint64_t i = 0; i < rulesets; ++i) {
    const std::string wrong =
        run(*stage, random, an_ordinary_case(*stage, random), ir::split::Mutation::NONE, counts);
    REQUIRE_MESSAGE(wrong.empty(), wrong);
  }
  MESSAGE(counts.comparisons << " comparisons, " << counts.matches << " matches, "
                             << counts.candidates << " candidates; of " << counts.events
                             << " events " << counts.rejected << " rejected; " << counts.facts
                             << " facts known; of " << counts.known
                             << " times that the guards were known the filter passed more "
                             << counts.loose << " times");
  // what passes everything, or matches nothing, would prove little
  CHECK(counts.matches > counts.comparisons / 200);
  CHECK(counts.rejected > counts.events / 20);
  CHECK(counts.candidates < counts.comparisons / 2);
  CHECK(counts.facts > 0);
  CHECK(counts.known > counts.events / 4);
  CHECK(counts.loose < counts.known / 1000);
}

TEST_CASE("no filter of a kernel that joins no paths loses a match") {
  const auto stage = stage_or_skip(Provider::BEFORE_6_2);
  if (stage == nullptr) return;
  MESSAGE("FALCOC_LAW_SEED=" << seed());
  Random random(seed());
  Counts counts;
  for (uint64_t i = 0; i < kOlderRulesets; ++i) {
    const std::string wrong =
        run(*stage, random, an_ordinary_case(*stage, random), ir::split::Mutation::NONE, counts);
    REQUIRE_MESSAGE(wrong.empty(), wrong);
  }
  CHECK(counts.matches > counts.comparisons / 200);
  CHECK(counts.rejected > counts.events / 20);
}

TEST_CASE("a filter that is cut into several programs loses no match") {
  const auto stage = stage_or_skip();
  if (stage == nullptr) return;
  MESSAGE("FALCOC_LAW_SEED=" << seed());
  constexpr size_t kLongRules = 160;
  Random random(seed());
  Counts counts;
  const Case tested{compiled(generate_long_rules(random, kLongRules)),
                    {static_cast<EventKind>(EventCode::OPENAT)},
                    kEvents};
  const std::string wrong = run(*stage, random, tested, ir::split::Mutation::NONE, counts);
  REQUIRE_MESSAGE(wrong.empty(), wrong);
  MESSAGE(counts.programs << " programs, " << counts.comparisons << " comparisons, "
                          << counts.matches << " matches, " << counts.candidates << " candidates");
  CHECK(counts.programs > 2);
  CHECK(counts.matches > 0);
  CHECK(counts.candidates < counts.comparisons * 3 / 4);  // rules share bits
}

TEST_CASE("sets that a filter looks up in maps lose no match") {
  const auto stage = stage_or_skip();
  if (stage == nullptr) return;
  MESSAGE("FALCOC_LAW_SEED=" << seed());
  constexpr size_t kLargeRules = 3;  // with two sets each at most, all are looked up
  constexpr int kRulesets = 12;
  Random random(seed());
  Counts counts;
  for (int i = 0; i < kRulesets; ++i) {
    const Case tested{
        compiled(generate_large_sets(random, stage->ports(), kLargeRules)),
        {static_cast<EventKind>(EventCode::OPENAT), static_cast<EventKind>(EventCode::CREAT),
         static_cast<EventKind>(EventCode::CONNECT), static_cast<EventKind>(EventCode::WRITE)},
        kEvents};
    const std::string wrong = run(*stage, random, tested, ir::split::Mutation::NONE, counts);
    REQUIRE_MESSAGE(wrong.empty(), wrong);
  }
  MESSAGE(counts.comparisons << " comparisons, " << counts.matches << " matches, "
                             << counts.candidates << " candidates, " << counts.rejected
                             << " events rejected, " << counts.known << " known, " << counts.loose
                             << " passed more");
  CHECK(counts.matches > 0);
  CHECK(counts.rejected > 0);
  CHECK(counts.known > counts.events / 4);
  CHECK(counts.loose == 0);
}

TEST_CASE("a filter that is wrong on purpose is found out") {
  const auto stage = stage_or_skip();
  if (stage == nullptr) return;
  // the same each time: whether rulesets are enough to notice is no matter of luck
  const uint64_t first = number_from_environment("FALCOC_LAW_SEED", 1);
  for (int i = 1; i < ir::split::kMutations; ++i) {
    CAPTURE(i);
    Random random(first);
    Counts counts;
    std::string wrong;
    for (size_t tried = 0; tried < kMutatedRulesets && wrong.empty(); ++tried) {
      wrong = run(*stage, random, an_ordinary_case(*stage, random),
                  static_cast<ir::split::Mutation>(i), counts);
    }
    CHECK_MESSAGE(wrong.starts_with("lost by the filter"), "mutation ", i,
                  " was not noticed: ", wrong);
  }
}

}  // namespace
}  // namespace falcoc::law
