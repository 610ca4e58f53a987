// The reference evaluator and native code agree on generated rulesets and events, before and after
// the ruleset has been a bundle.
//   FALCOC_DIFFERENTIAL_CASES   number of rulesets, each with up to a dozen events
//   FALCOC_DIFFERENTIAL_SEED    to repeat a run
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/native.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/print.h"
#include "tests/differential/generate.h"

namespace falcoc::differential {

/// How RapidCheck shows a failing case: as conditions and facts.
void showValue(const CaseSpec& spec, std::ostream& out) {
  const ir::Program program = build_program(spec);
  out << "rules\n";
  for (const ir::Rule& rule : program.rules) {
    out << "  " << rule.name << ": " << ir::print_condition(program, rule.condition) << "\n";
  }
  for (const EventSpec& event : spec.events) out << GeneratedEvent(event, program).print(program);
}

namespace {

/// Fills about a minute of a build machine.
constexpr uint64_t kDefaultCases = 1500;

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void configure_rapidcheck() {
  const uint64_t seed = number_from_environment("FALCOC_DIFFERENTIAL_SEED", std::random_device{}());
  const uint64_t cases = number_from_environment("FALCOC_DIFFERENTIAL_CASES", kDefaultCases);
  MESSAGE("FALCOC_DIFFERENTIAL_SEED=" << seed << " FALCOC_DIFFERENTIAL_CASES=" << cases);
  setenv("RC_PARAMS", fmt::format("seed={} max_success={}", seed, cases).c_str(), 1);
}

std::vector<Accessor> accessors(const ir::Program& program) {
  return std::vector<Accessor>(program.fields.size(), GeneratedEvent::read);
}

std::vector<bool> reference(const ir::Program& program, GeneratedEvent& event) {
  event.serve(program);
  const std::vector<Accessor> all = accessors(program);
  ir::ValueArena arena;
  std::vector<bool> result;
  for (const ir::Rule& rule : program.rules) {
    result.push_back(ir::evaluate(program, rule.condition, {&event, all}, arena));
  }
  return result;
}

std::vector<bool> native_code(const native::Matcher& matcher, const ir::Program& program,
                              GeneratedEvent& event) {
  event.serve(program);
  ir::ValueArena arena;
  std::vector<uint64_t> words(matcher.words_per_result());
  matcher.match(event.kind(), &event, arena, words);
  std::vector<bool> result;
  for (size_t i = 0; i < program.rules.size(); ++i) {
    result.push_back(words[i / 64] >> (i % 64) & 1);
  }
  return result;
}

/// What the generated rulesets were made of, so that a generator that misses something is noticed.
struct Coverage {
  std::set<std::tuple<ir::TypeGroup, Shape, ir::Operator>> checks;
  std::set<std::pair<ir::Operator, ir::Modifier>> modifiers;
  std::set<ir::Transformer> transformers;
  size_t right_operands = 0, comparisons = 0, matches = 0;

  void add(const ir::Program& program) {
    for (const ir::Node& node : program.nodes) {
      if (node.kind != ir::Node::Kind::ATOM) continue;
      const ir::Type type = program.operand(node.left).type;
      checks.insert({ir::type_traits(type.param).group, type.shape, node.op});
      modifiers.insert({node.op, node.modifier});
      right_operands += node.right_side == ir::Node::RightSide::OPERAND;
    }
    for (const ir::Operand& operand : program.operands) {
      if (operand.kind == ir::Operand::Kind::TRANSFORM) transformers.insert(operand.transformer);
    }
  }
};

void check_case(const CaseSpec& spec, Coverage& coverage) {
  const ir::Program program = build_program(spec);
  coverage.add(program);
  const auto matcher = native::Matcher::compile(
      program, accessors(program), {.optimization_level = static_cast<int>(spec.atoms.size() % 3)});
  if (!matcher) RC_FAIL(matcher.error().message);
  const auto loaded = bundle::read(bundle::write(program), "generated");
  if (!loaded) RC_FAIL(loaded.error().message);
  const auto loaded_matcher =
      native::Matcher::compile(*loaded, accessors(*loaded), {.optimization_level = 0});
  if (!loaded_matcher) RC_FAIL(loaded_matcher.error().message);
  for (const EventSpec& event_spec : spec.events) {
    GeneratedEvent event(event_spec, program);
    const std::vector<bool> expected = reference(program, event);
    const std::vector<bool> found = native_code(*matcher, program, event);
    const std::vector<bool> found_loaded = native_code(*loaded_matcher, *loaded, event);
    for (size_t rule = 0; rule < expected.size(); ++rule) {
      ++coverage.comparisons;
      coverage.matches += expected[rule];
      if (expected[rule] == found[rule] && expected[rule] == found_loaded[rule]) continue;
      RC_FAIL(fmt::format("{}\n{}reference {}, native {}, native after bundle {}",
                          ir::print_condition(program, program.rules[rule].condition),
                          event.print(program), expected[rule], bool(found[rule]),
                          bool(found_loaded[rule])));
    }
  }
}

TEST_CASE("the reference evaluator and native code agree on every condition and event") {
  configure_rapidcheck();
  Coverage coverage;
  const bool agree = rc::check("native code = reference evaluator",
                               [&] { check_case(*generate_case(), coverage); });
  CHECK(agree);
  MESSAGE(coverage.comparisons << " comparisons, " << coverage.matches << " matches, "
                               << coverage.checks.size() << " kinds of checks, "
                               << coverage.right_operands << " right operands");
  if (!agree || coverage.comparisons < 50'000) return;
  CHECK(coverage.transformers.size() == static_cast<size_t>(ir::Transformer::VAL));
  CHECK(coverage.right_operands > 0);
  for (int op = 0; op <= static_cast<int>(ir::Operator::PMATCH); ++op) {
    CAPTURE(ir::spelling(static_cast<ir::Operator>(op)));
    CHECK(coverage.modifiers.contains({static_cast<ir::Operator>(op), ir::Modifier::NONE}));
  }
  for (const ir::Modifier modifier :
       {ir::Modifier::ONEOF, ir::Modifier::ANYOF, ir::Modifier::ALLOF}) {
    CHECK(coverage.modifiers.contains({ir::Operator::EQ, modifier}));
    CHECK(coverage.modifiers.contains({ir::Operator::NE, modifier}));
    CHECK(coverage.modifiers.contains({ir::Operator::REGEX, modifier}));
  }
  for (const Shape shape : {Shape::SCALAR, Shape::ANCESTORS, Shape::LIST}) {
    CHECK(coverage.checks.contains({ir::TypeGroup::TEXT, shape, ir::Operator::IN}));
  }
  CHECK(coverage.checks.contains({ir::TypeGroup::ADDRESS, Shape::EITHER_SIDE, ir::Operator::NE}));
  CHECK(coverage.checks.contains({ir::TypeGroup::NUMBER, Shape::EITHER_SIDE, ir::Operator::LT}));
  // Events that match nothing would prove little.
  CHECK(coverage.matches > coverage.comparisons / 20);
}

}  // namespace
}  // namespace falcoc::differential
