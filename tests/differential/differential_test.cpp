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

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/native.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/memo_evaluator.h"
#include "compiler/ir/print.h"
#include "tests/differential/check_maker.h"

namespace falcoc::differential {

/// How RapidCheck shows a failing case, shrunk: as conditions and facts.
void showValue(const CaseSpec& spec, std::ostream& out) {
  const ir::Program program = build_program(spec);
  for (const ir::Rule& rule : program.rules) {
    out << "  " << rule.name << ": " << ir::print_condition(program, rule.condition) << "\n";
    for (const EventSpec& event : spec.events) {
      out << GeneratedEvent(event, program).print(program, rule.condition);
    }
  }
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

std::vector<Accessor> accessors(const ir::Program& program) {
  return std::vector<Accessor>(program.fields.size(), GeneratedEvent::read);
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

/// One ruleset in every engine. Native code is compiled in two ways: as it is and from a bundle,
/// with other optimisation and order.
class Engines {
 public:
  /// The error says what failed.
  static std::expected<std::unique_ptr<Engines>, std::string> make(ir::Program program, int level) {
    auto engines = std::unique_ptr<Engines>(new Engines(std::move(program)));
    auto loaded = bundle::read(bundle::write(engines->program_), "generated");
    if (!loaded) return std::unexpected(loaded.error().message);
    engines->loaded_ = std::move(*loaded);
    auto native = native::Matcher::compile(engines->program_, accessors(engines->program_),
                                           {.optimization_level = level});
    if (!native) return std::unexpected(native.error().message);
    auto native_loaded =
        native::Matcher::compile(engines->loaded_, accessors(engines->loaded_),
                                 {.optimization_level = 0, .order_by_cost = false});
    if (!native_loaded) return std::unexpected(native_loaded.error().message);
    engines->native_.emplace(std::move(*native));
    engines->native_loaded_.emplace(std::move(*native_loaded));
    return engines;
  }

  const ir::Program& program() const { return program_; }

  /// What differs on this event, as text; empty if nothing does.
  std::string difference(const EventSpec& spec, Coverage& coverage) {
    GeneratedEvent event(spec, program_);
    const std::vector<Accessor> all = accessors(program_);
    ir::ValueArena arena;
    const ir::FieldSource source{&event, all};
    std::vector<uint64_t> found(native_->words_per_result());
    native_->match(event.kind(), &event, arena, found);
    event.serve(loaded_);
    std::vector<uint64_t> found_loaded(native_loaded_->words_per_result());
    native_loaded_->match(event.kind(), &event, arena, found_loaded);
    event.serve(program_);
    memo_.begin_event();
    for (size_t rule = 0; rule < program_.rules.size(); ++rule) {
      const ir::NodeId condition = program_.rules[rule].condition;
      const bool expected = ir::evaluate(program_, condition, source, arena);
      const bool memo = memo_.evaluate(condition, source, arena);
      const bool native = found[rule / 64] >> (rule % 64) & 1;
      const bool native_loaded = found_loaded[rule / 64] >> (rule % 64) & 1;
      ++coverage.comparisons;
      coverage.matches += expected;
      if (expected == memo && expected == native && expected == native_loaded) continue;
      return fmt::format("{}\n{}reference {}, memo {}, native {}, native after bundle {}",
                         ir::print_condition(program_, condition), event.print(program_, condition),
                         expected, memo, native, native_loaded);
    }
    return {};
  }

 private:
  explicit Engines(ir::Program program) : program_(std::move(program)), memo_(program_) {}

  ir::Program program_;
  ir::Program loaded_;
  ir::MemoEvaluator memo_;
  std::optional<native::Matcher> native_;
  std::optional<native::Matcher> native_loaded_;
};

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

TEST_CASE("the reference evaluator and native code agree on every check of the language") {
  MESSAGE("FALCOC_DIFFERENTIAL_SEED=" << seed());
  std::mt19937_64 random(seed());
  const auto choice = [&random] { return static_cast<Choice>(random() % 40000); };
  Coverage coverage;
  int level = 0;
  for (ir::Program& program : systematic_programs()) {
    coverage.add(program);
    auto engines = Engines::make(std::move(program), level++ % 3);
    REQUIRE_MESSAGE(engines.has_value(), (engines ? "" : engines.error()));
    for (size_t i = 0; i < kEventsPerSystematicProgram; ++i) {
      EventSpec event{.kind = choice(), .values = {}};
      std::generate_n(std::back_inserter(event.values), 31, choice);
      const std::string difference = (*engines)->difference(event, coverage);
      REQUIRE_MESSAGE(difference.empty(), difference);
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
  setenv("RC_PARAMS", fmt::format("seed={} max_success={}", seed(), cases).c_str(), 1);
  Coverage coverage;
  const bool agree = rc::check("native code = reference evaluator", [&] {
    const CaseSpec spec = *generate_case();
    ir::Program program = build_program(spec);
    coverage.add(program);
    auto engines = Engines::make(std::move(program), static_cast<int>(spec.atoms.size() % 4));
    if (!engines) RC_FAIL(engines.error());
    for (const EventSpec& event : spec.events) {
      const std::string difference = (*engines)->difference(event, coverage);
      if (!difference.empty()) RC_FAIL(difference);
    }
  });
  CHECK(agree);
  MESSAGE(coverage.comparisons << " comparisons, " << coverage.matches << " matches, "
                               << coverage.checks.size() << " kinds of checks");
  if (agree) CHECK(coverage.matches >= coverage.comparisons / 20);
}

}  // namespace
}  // namespace falcoc::differential
