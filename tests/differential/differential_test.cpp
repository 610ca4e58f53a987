// The reference evaluator and native code agree on every condition and event, before and after the
// ruleset has been a bundle: first on every check that the language has, then on generated
// rulesets.
//   FALCOC_DIFFERENTIAL_CASES   number of generated rulesets, each with many events
//   FALCOC_DIFFERENTIAL_SEED    to repeat a run
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "compiler/ir/literals.h"
#include "compiler/ir/print.h"
#include "tests/differential/check_maker.h"
#include "tests/differential/engines.h"
#include "tests/differential/shrink.h"

namespace falcoc::differential {

/// The failing rule and event are in the message of the failure, shrunk; this is where it came
/// from.
void showValue(const CaseSpec& spec, std::ostream& out) {
  out << spec.atoms.size() << " checks, " << spec.nodes.size() << " connectives, "
      << spec.events.size() << " events";
}

namespace {

/// With the systematic part more than a million comparisons, in about a minute of one processor.
constexpr uint64_t kDefaultCases = 150;
constexpr size_t kEventsPerSystematicProgram = 64;

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Chosen once per process, so that both parts print and use the same.
uint64_t seed() {
  static const uint64_t chosen =
      number_from_environment("FALCOC_DIFFERENTIAL_SEED", std::random_device{}());
  return chosen;
}

/// What the rulesets were made of and what came of it, so that a generator that misses something is
/// noticed.
struct Coverage {
  using Check = std::tuple<ir::TypeGroup, Shape, ir::Operator, ir::Modifier>;

  std::set<Check> checks;
  std::set<std::pair<ir::Transformer, ir::Operator>> transformers;
  std::set<std::pair<ir::TypeGroup, Shape>> right_operands;
  size_t large_sets = 0, comparisons = 0, matches = 0;

  void add(const ir::Program& program) {
    for (const ir::Node& node : program.nodes) {
      if (node.kind != ir::Node::Kind::ATOM) continue;
      const ir::Operand& left = program.operand(node.left);
      const ir::TypeGroup group = ir::type_traits(left.type.param).group;
      checks.insert({group, left.type.shape, node.op, node.modifier});
      if (left.kind == ir::Operand::Kind::TRANSFORM)
        transformers.insert({left.transformer, node.op});
      if (node.right_side == ir::Node::RightSide::OPERAND) {
        right_operands.insert({group, left.type.shape});
      } else if (node.right_side == ir::Node::RightSide::LITERALS) {
        large_sets += program.literal_set(node.literals).size() > 1024;
      }
    }
  }
};

/// What differs between the engines on this event, as text; empty if nothing does.
std::string difference(Engines& engines, int level, const EventSpec& spec, Coverage& coverage) {
  GeneratedEvent event(spec, engines.program());
  std::vector<Engines::Results> results;
  std::string difference = find_difference(engines, level, event, results);
  coverage.comparisons += results.size();
  coverage.matches +=
      static_cast<size_t>(std::ranges::count_if(results, &Engines::Results::reference));
  return difference;
}

/// The operators of each type as RULE-LANGUAGE 3.1 has them, against what was generated.
void check_language_is_covered(const Coverage& coverage) {
  using enum ir::Operator;
  using enum ir::TypeGroup;
  using Operators = std::vector<ir::Operator>;
  const Operators equality = {EXISTS, EQ, NE, IN, INTERSECTS};
  const Operators order = {LT, LE, GT, GE};
  const Operators search = {CONTAINS, ICONTAINS, STARTSWITH, ENDSWITH, GLOB, IGLOB, REGEX};
  const Operators without_modifier = {EXISTS, IN, INTERSECTS, LT, LE, GT, GE, PMATCH};
  const auto covers = [&](ir::TypeGroup group, Shape shape, const Operators& operators) {
    for (const ir::Operator op : operators) {
      CAPTURE(static_cast<int>(group));
      CAPTURE(static_cast<int>(shape));
      CAPTURE(ir::spelling(op));
      CHECK(coverage.checks.contains({group, shape, op, ir::Modifier::NONE}));
      if (std::ranges::find(without_modifier, op) != without_modifier.end()) continue;
      for (const auto modifier : {ir::Modifier::ONEOF, ir::Modifier::ANYOF, ir::Modifier::ALLOF}) {
        CHECK(coverage.checks.contains({group, shape, op, modifier}));
      }
    }
  };
  for (const ir::TypeGroup group : {NUMBER, BOOLEAN, TEXT, ADDRESS, BUFFER}) {
    covers(group, Shape::SCALAR, equality);
  }
  for (const ir::TypeGroup group : {NUMBER, TEXT}) covers(group, Shape::SCALAR, order);
  for (const ir::TypeGroup group : {NUMBER, ADDRESS}) covers(group, Shape::EITHER_SIDE, equality);
  covers(NUMBER, Shape::EITHER_SIDE, order);
  covers(TEXT, Shape::SCALAR, search);
  covers(TEXT, Shape::SCALAR, {PMATCH});
  covers(BUFFER, Shape::SCALAR, {CONTAINS, BCONTAINS, STARTSWITH, BSTARTSWITH, ENDSWITH});
  covers(TEXT, Shape::ANCESTORS, equality);
  covers(TEXT, Shape::ANCESTORS, search);
  covers(TEXT, Shape::LIST, {EXISTS, IN, INTERSECTS});
  for (int i = 0; i < static_cast<int>(ir::Transformer::VAL); ++i) {
    const auto transformer = static_cast<ir::Transformer>(i);
    CAPTURE(i);
    CHECK(coverage.transformers.contains({transformer, EXISTS}));
    CHECK(coverage.transformers.contains({transformer, IN}));
  }
  for (const ir::TypeGroup group : {NUMBER, BOOLEAN, TEXT, ADDRESS, BUFFER}) {
    CHECK(coverage.right_operands.contains({group, Shape::SCALAR}));
  }
  CHECK(coverage.right_operands.contains({TEXT, Shape::LIST}));
}

TEST_CASE("a failing ruleset is shrunk to the part of the condition that matters") {
  CheckMaker maker;
  std::vector<ir::NodeId> checks;
  const std::vector<Choice> choices = {1, 2, 3, 4};
  for (const FieldRef& ref : field_pool()) {
    for (const ir::Operator op : {ir::Operator::IN, ir::Operator::REGEX}) {
      const auto check = maker.check({.left = maker.field(ref), .op = op}, choices, 0);
      if (check && checks.size() < 20) checks.push_back(*check);
    }
  }
  const ir::NodeId some = maker.out().all_of({checks.begin(), checks.begin() + 10});
  const ir::NodeId others = maker.out().any_of({checks.begin() + 10, checks.end()});
  maker.rule(checks.front());
  maker.rule(maker.out().all_of({some, maker.out().negate(others)}));
  const ir::Program whole = std::move(maker.out()).finish();
  const auto has_pattern = [](const ir::Program& program) {
    return ir::print_condition(program, program.rules.front().condition).find(" regex ") !=
           std::string::npos;
  };
  const ir::Program small = shrink(only_rule(whole, 1), has_pattern);
  REQUIRE(small.rules.size() == 1);
  const ir::Node* condition = &small.node(small.rules.front().condition);
  if (condition->kind == ir::Node::Kind::NOT) condition = &small.node(condition->children.front());
  CHECK(condition->kind == ir::Node::Kind::ATOM);
  CHECK(condition->op == ir::Operator::REGEX);
  CHECK(small.fields == whole.fields);
}

TEST_CASE("the reference evaluator and native code agree on every check of the language") {
  MESSAGE("FALCOC_DIFFERENTIAL_SEED=" << seed());
  std::mt19937_64 random(seed());
  const auto choice = [&random] { return static_cast<Choice>(random() % 40000); };
  Coverage coverage;
  int level = 0;
  for (ir::Program& program : systematic_programs()) {
    coverage.add(program);
    level = (level + 1) % 3;
    auto engines = Engines::make(std::move(program), level);
    REQUIRE_MESSAGE(engines.has_value(), (engines ? "" : engines.error()));
    for (size_t i = 0; i < kEventsPerSystematicProgram; ++i) {
      EventSpec event{.kind = choice(), .values = {}};
      std::generate_n(std::back_inserter(event.values), 31, choice);
      const std::string found = difference(**engines, level, event, coverage);
      REQUIRE_MESSAGE(found.empty(), found);
    }
  }
  MESSAGE(coverage.comparisons << " comparisons, " << coverage.matches << " matches, "
                               << coverage.checks.size() << " kinds of checks, "
                               << coverage.transformers.size() << " of transformers");
  // Events that match nothing would prove little.
  CHECK(coverage.matches > coverage.comparisons / 20);
  CHECK(coverage.large_sets > 20);

  check_language_is_covered(coverage);
}

TEST_CASE("the reference evaluator and native code agree on generated rulesets and events") {
  const uint64_t cases = number_from_environment("FALCOC_DIFFERENTIAL_CASES", kDefaultCases);
  MESSAGE("FALCOC_DIFFERENTIAL_SEED=" << seed() << " FALCOC_DIFFERENTIAL_CASES=" << cases);
  setenv("RC_PARAMS", fmt::format("seed={} max_success={} noshrink=1", seed(), cases).c_str(), 1);
  Coverage coverage;
  const bool agree = rc::check("native code = reference evaluator", [&] {
    const CaseSpec spec = *generate_case();
    ir::Program program = build_program(spec);
    coverage.add(program);
    const auto level = static_cast<int>(spec.atoms.size() % 4);
    auto engines = Engines::make(std::move(program), level);
    if (!engines) RC_FAIL(engines.error());
    for (const EventSpec& event : spec.events) {
      const std::string found = difference(**engines, level, event, coverage);
      if (!found.empty()) RC_FAIL(found);
    }
  });
  CHECK(agree);
  MESSAGE(coverage.comparisons << " comparisons, " << coverage.matches << " matches, "
                               << coverage.checks.size() << " kinds of checks");
  if (agree) CHECK(coverage.matches >= coverage.comparisons / 20);
}

}  // namespace
}  // namespace falcoc::differential
