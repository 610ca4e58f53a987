// What is said of two conditions is so for every event: conditions and events are generated over
// the whole language, and the reference evaluator is asked.
//   FALCOC_DIFFERENTIAL_CASES   number of generated rulesets, each with many pairs and events
//   FALCOC_DIFFERENTIAL_SEED    to repeat a run
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "compiler/diff/condition_diff.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/print.h"
#include "tests/differential/generate.h"

namespace falcoc::differential {

void showValue(const CaseSpec& spec, std::ostream& out) {
  out << spec.atoms.size() << " checks, " << spec.nodes.size() << " connectives, "
      << spec.events.size() << " events";
}

namespace {

using diff::Verdict;
using ir::NodeId;

constexpr uint64_t kDefaultCases = 60;
constexpr size_t kPairs = 40;  ///< of one ruleset

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Texts with a NUL byte in them, which conditions are not compared for.
bool has_nul(GeneratedEvent& event, const ir::Program& program) {
  const auto is_cut = [](const Value& value) {
    const std::string_view text = value.text();
    const size_t nul = text.find('\0');
    return nul != text.npos && text.find_first_not_of('\0', nul) != text.npos;
  };
  for (const FieldRef& field : program.fields) {
    Value value;
    if (ir::type_traits(field.type).group != ir::TypeGroup::TEXT ||
        !GeneratedEvent::read(&event, field, value))
      continue;
    const bool cut = field.shape == Shape::SCALAR
                         ? is_cut(value)
                         : std::ranges::any_of(std::span(value.items, value.size), is_cut);
    if (cut) return true;
  }
  return false;
}

struct Pair {
  NodeId before, after;
  bool may_be_looser = true, may_be_stricter = true;  ///< what can be said at all
};

/// Pairs of which little is known, pairs that were made by one change, and of the first `checks`
/// conditions pairs that say something of each other if they are about one field.
std::vector<Pair> pairs_of(ir::ProgramBuilder& builder, const std::vector<NodeId>& conditions,
                           size_t checks, std::mt19937_64& random) {
  std::vector<Pair> pairs;
  const auto any = [&] { return conditions[random() % conditions.size()]; };
  const auto check = [&] { return checks == 0 ? any() : conditions[random() % checks]; };
  for (size_t i = 0; i < kPairs; ++i) {
    const NodeId a = any(), b = any(), c = any();
    switch (i % 5) {
      case 0:
        pairs.push_back({a, b});
        break;
      case 1:
        pairs.push_back({a, builder.all_of({a, b}), false, true});
        break;
      case 2:
        pairs.push_back(
            {builder.all_of({a, b}), builder.all_of({a, builder.any_of({b, c})}), true, false});
        break;
      case 3:  // by the laws of De Morgan and distribution the same
        pairs.push_back({builder.any_of({builder.all_of({a, b}), builder.all_of({a, c})}),
                         builder.all_of({a, builder.negate(builder.all_of(
                                                {builder.negate(b), builder.negate(c)}))}),
                         false, false});
        break;
      default:
        pairs.push_back({check(), check()});
        pairs.push_back({check(), builder.any_of({check(), check()})});
        pairs.push_back({builder.all_of({check(), check()}), check()});
    }
  }
  return pairs;
}

/// All checks about one field, most without transformer.
CaseSpec about_one_field(CaseSpec spec) {
  constexpr size_t kWithTransformer = 5;  // one in so many
  for (size_t i = 0; i < spec.atoms.size(); ++i) {
    spec.atoms[i].field = spec.atoms.front().field;
    if (i % kWithTransformer != 0) spec.atoms[i].transformer = 1;
    spec.atoms[i].right_side = 0;
  }
  return spec;
}

struct Counts {
  size_t equal = 0, stricter = 0, looser = 0, changed = 0, differences = 0;
};

/// What the verdict says and this event shows to be wrong; empty if nothing.
std::string refuted(const ir::Program& program, const Pair& pair, Verdict verdict,
                    GeneratedEvent& event, const std::vector<Accessor>& accessors, Counts& counts) {
  const auto holds = [&](NodeId node) {
    ir::ValueArena arena;
    return program.node_info(node).may_be_true.test(event.kind()) &&
           ir::evaluate(program, node, {&event, accessors}, arena);
  };
  const bool before = holds(pair.before), after = holds(pair.after);
  counts.differences += before != after;
  const bool wrong =
      (before && !after && (verdict == Verdict::EQUAL || verdict == Verdict::LOOSER)) ||
      (after && !before && (verdict == Verdict::EQUAL || verdict == Verdict::STRICTER));
  if (!wrong) return {};
  return fmt::format("verdict {}\n  old: {}\n  new: {}\n{}", static_cast<int>(verdict),
                     ir::print_condition(program, pair.before),
                     ir::print_condition(program, pair.after),
                     event.print(program, pair.before) + event.print(program, pair.after));
}

void count(Verdict verdict, Counts& counts) {
  counts.equal += verdict == Verdict::EQUAL;
  counts.stricter += verdict == Verdict::STRICTER;
  counts.looser += verdict == Verdict::LOOSER;
  counts.changed += verdict == Verdict::CHANGED;
}

/// The verdict of each pair against what is known of it, and against events.
std::string judge(const CaseSpec& spec, uint64_t seed, Counts& counts) {
  std::mt19937_64 random(seed);
  ir::Program made = build_program(spec);
  std::vector<NodeId> conditions;
  for (const ir::Rule& rule : made.rules) conditions.push_back(rule.condition);
  if (conditions.empty()) return {};
  ir::ProgramBuilder builder(std::move(made));
  const std::vector<Pair> pairs = pairs_of(builder, conditions, spec.atoms.size(), random);
  const ir::Program program = std::move(builder).finish();
  const std::vector<Accessor> accessors(program.fields.size(), &GeneratedEvent::read);
  std::vector<Verdict> verdicts;
  for (const Pair& pair : pairs) {
    const auto diff =
        diff::compare(program, pair.before, pair.after, {.conflicts = 2000, .attempts = 0});
    verdicts.push_back(diff.verdict);
    count(diff.verdict, counts);
    const bool too_much =
        diff.is_decided &&
        (diff.verdict == Verdict::CHANGED ? !pair.may_be_looser || !pair.may_be_stricter : false);
    const bool wrong_way = (diff.verdict == Verdict::LOOSER && !pair.may_be_looser) ||
                           (diff.verdict == Verdict::STRICTER && !pair.may_be_stricter);
    if (too_much || wrong_way) {
      return fmt::format("verdict {} of\n  old: {}\n  new: {}", static_cast<int>(diff.verdict),
                         ir::print_condition(program, pair.before),
                         ir::print_condition(program, pair.after));
    }
  }
  for (const EventSpec& event_spec : spec.events) {
    GeneratedEvent event(event_spec, program);
    if (has_nul(event, program)) continue;
    for (size_t i = 0; i < pairs.size(); ++i) {
      std::string found = refuted(program, pairs[i], verdicts[i], event, accessors, counts);
      if (!found.empty()) return found;
    }
  }
  return {};
}

TEST_CASE("diff: no generated event contradicts a verdict, and known changes are found as such") {
  const uint64_t cases = number_from_environment("FALCOC_DIFFERENTIAL_CASES", kDefaultCases);
  const uint64_t seed = number_from_environment("FALCOC_DIFFERENTIAL_SEED", std::random_device{}());
  MESSAGE("FALCOC_DIFFERENTIAL_SEED=" << seed << " FALCOC_DIFFERENTIAL_CASES=" << cases);
  setenv("RC_PARAMS", fmt::format("seed={} max_success={} noshrink=1", seed, cases).c_str(), 1);
  Counts counts;
  const bool agree = rc::check("verdicts hold of events", [&] {
    CaseSpec spec = *generate_case();
    if (*rc::gen::arbitrary<bool>()) spec = about_one_field(std::move(spec));
    const std::string found = judge(spec, *rc::gen::arbitrary<uint64_t>(), counts);
    if (!found.empty()) RC_FAIL(found);
  });
  CHECK(agree);
  MESSAGE(counts.equal << " equal, " << counts.stricter << " stricter, " << counts.looser
                       << " looser, " << counts.changed << " changed; " << counts.differences
                       << " times an event told two apart");
  // A generator that says little would prove little.
  CHECK(counts.stricter > cases);
  CHECK(counts.looser > cases);
  CHECK(counts.changed > cases);
  CHECK(counts.differences > 100 * cases);
}

}  // namespace
}  // namespace falcoc::differential
