// Runs every conformance case through one engine.
#include "tests/conformance/check_cases.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>

#include "compiler/ir/compile.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/parse.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/vectors.h"

namespace falcoc::conformance {
namespace {

/// What became of a condition before anything is evaluated.
struct Compiled {
  std::optional<ir::Program> program;
  Verdict failure{};  ///< without program
  Diagnostic diagnostic;
};

Compiled compile(const std::string& condition) {
  const MappedText text(condition, {FileId{}, 0, static_cast<uint32_t>(condition.size())});
  auto parsed = ir::parse_condition(text);
  if (!parsed) return {{}, Verdict::MALFORMED, std::move(parsed.error())};
  ir::ProgramBuilder builder;
  Diagnostics warnings;
  auto node = ir::lower_condition(*parsed, builder, warnings);
  if (!node) return {{}, Verdict::REJECTED, std::move(node.error())};
  ir::Rule rule;
  rule.name = "case";
  rule.condition = *node;
  builder.rule(std::move(rule));
  return {std::move(builder).finish(), {}, {}};
}

/// What is wrong with a refused condition; empty if it was to be refused so.
std::string refusal_error(const Expectation& expected, const Compiled& compiled) {
  const std::string_view code = code_info(compiled.diagnostic.code).id;
  if (compiled.failure == expected.verdict && (expected.code.empty() || expected.code == code)) {
    return {};
  }
  return fmt::format("is {} with {}: {}", spelling(compiled.failure), code,
                     compiled.diagnostic.message);
}

/// What is wrong with one expectation; empty if nothing is.
std::string error_of(const Expectation& expected, const testing::Facts& facts,
                     EvaluateRule& evaluate) {
  const Compiled compiled = compile(expected.condition);
  if (!compiled.program) return refusal_error(expected, compiled);
  const std::expected<bool, std::string> result = evaluate(*compiled.program, facts);
  if (!result) return "cannot be evaluated: " + result.error();
  if ((*result ? Verdict::TRUE : Verdict::FALSE) == expected.verdict) return {};
  return fmt::format("is {}", *result);
}

struct Counts {
  size_t conditions = 0;
  size_t failures = 0;
};

void check_file(const CaseFile& file, EvaluateRule& evaluate, Counts& counts) {
  for (const Case& one : file.cases) {
    for (const Expectation& expected : one.expectations) {
      ++counts.conditions;
      const std::string error = error_of(expected, one.facts, evaluate);
      counts.failures += error.empty() ? 0 : 1;
      CHECK_MESSAGE(error.empty(),
                    fmt::format("{}:{}: {}: `{}` should be {}, but {}", file.name, expected.line,
                                one.title, expected.condition, spelling(expected.verdict), error));
    }
  }
}

}  // namespace

std::expected<bool, std::string> evaluate_by_reference(const ir::Program& program,
                                                       const testing::Facts& facts) {
  testing::BoundFacts bound(facts, program);
  ir::ValueArena arena;
  return ir::evaluate(program, program.rules.front().condition, bound.source(), arena);
}

void check_cases(std::string_view engine, EvaluateRule& evaluate) {
  Counts counts;
  for (const std::filesystem::path& path : case_files(CONFORMANCE_DIR)) {
    const std::expected<CaseFile, std::string> file = read_case_file(path);
    REQUIRE_MESSAGE(file.has_value(), file.error());
    check_file(*file, evaluate, counts);
  }
  MESSAGE(fmt::format("{}: {} conditions, {} wrong", engine, counts.conditions, counts.failures));
  CHECK(counts.conditions > 0);
}

void check_vectors(std::string_view engine, EvaluateRule& evaluate) {
  const std::filesystem::path path = std::filesystem::path(FALCOC_SHARED_DIR) / "spec/vectors.tsv";
  if (!std::filesystem::exists(path)) {
    MESSAGE("SKIPPED: no " << path.string());
    return;
  }
  size_t left_out = 0;
  const auto file = read_vectors(path, left_out);
  REQUIRE_MESSAGE(file.has_value(), file.error());
  Counts counts;
  check_file(*file, evaluate, counts);
  MESSAGE(fmt::format("{}: {} recorded conditions, {} wrong, {} left out for a reason", engine,
                      counts.conditions, counts.failures, left_out));
  CHECK(counts.conditions + left_out >= 140);
}

}  // namespace falcoc::conformance
