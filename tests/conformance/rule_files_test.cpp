// The recorded rule files of the specification in every engine: what loads means the same in the
// reference evaluator, in native code, and after a way through a bundle.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compiler/bundle/bundle.h"
#include "compiler/codegen/native/native.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/fact_source.h"
#include "compiler/ir/print.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::conformance {
namespace {

struct Loaded {
  ir::Program program;
  bool good = false;
};

Loaded load(const nlohmann::json& files) {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  for (const auto& file : files) {
    rules::load_rules(sources.add(file["name"], file["content"]), sources, set, diagnostics);
  }
  Loaded loaded;
  loaded.program = ir::compile(set, {.sources = &sources}, diagnostics);
  loaded.good = !diagnostics.has_errors();
  return loaded;
}

/// Events near to what the records ask for, so that rules of both verdicts are met.
std::vector<testing::Facts> events() {
  std::vector<testing::Facts> all;
  for (const char* type : {"open", "execve", "connect"}) {
    for (const char* name : {"a", "x", "cat", "n1", "bash"}) {
      testing::Facts facts;
      facts.set("evt.type", type);
      facts.set("proc.name", name);
      facts.set("proc.pname", "x");
      facts.set("proc.cmdline", std::string(name) + " a b");
      facts.set("proc.pid", "1");
      facts.set("fd.name", "/etc/x");
      facts.set("user.name", "root");
      all.push_back(std::move(facts));
    }
  }
  return all;
}

std::vector<bool> by_reference(const ir::Program& program, const testing::Facts& facts) {
  testing::BoundFacts bound(facts, program);
  ir::ValueArena arena;
  std::vector<bool> result;
  for (const ir::Rule& rule : program.rules) {
    result.push_back(rule.enabled && ir::evaluate(program, rule.condition, bound.source(), arena));
  }
  return result;
}

std::vector<bool> natively(const ir::Program& program, const native::Matcher& matcher,
                           const testing::Facts& facts) {
  testing::BoundFacts bound(facts, program);
  std::vector<uint64_t> matched(matcher.words_per_result());
  ir::ValueArena arena;
  matcher.match(*facts.event_kind(), bound.context(), arena, matched);
  std::vector<bool> result;
  for (size_t i = 0; i < program.rules.size(); ++i) {
    result.push_back((matched[i / 64] >> (i % 64) & 1) != 0);
  }
  return result;
}

void check_same_text(const ir::Program& program, const ir::Program& copy) {
  REQUIRE(copy.rules.size() == program.rules.size());
  for (size_t i = 0; i < program.rules.size(); ++i) {
    CHECK(copy.rules[i].name == program.rules[i].name);
    CHECK(copy.rules[i].output_text == program.rules[i].output_text);
    CHECK(copy.rules[i].enabled == program.rules[i].enabled);
    CHECK(print_condition(copy, copy.rules[i].condition) ==
          print_condition(program, program.rules[i].condition));
  }
}

TEST_CASE("recorded rule files mean the same in every engine") {
  const std::filesystem::path path =
      std::filesystem::path(FALCOC_SHARED_DIR) / "spec/rulefile-vectors.jsonl";
  if (!std::filesystem::exists(path)) {
    MESSAGE("SKIPPED: no " << path.string());
    return;
  }
  std::ifstream in(path);
  size_t records = 0, evaluated = 0, matches = 0;
  for (std::string line; std::getline(in, line); ++records) {
    const auto record = nlohmann::json::parse(line);
    CAPTURE(record["id"].get<std::string>());
    const Loaded loaded = load(record["files"]);
    if (!loaded.good || loaded.program.rules.empty()) continue;  // ir_resolve_test has the verdicts
    const auto copy = bundle::read(bundle::write(loaded.program), "record");
    REQUIRE_MESSAGE(copy.has_value(), (copy ? "" : copy.error().message));
    check_same_text(loaded.program, *copy);
    const auto matcher = native::Matcher::compile(*copy, testing::BoundFacts::accessors(*copy));
    REQUIRE_MESSAGE(matcher.has_value(), (matcher ? "" : matcher.error().message));
    for (const testing::Facts& facts : events()) {
      const std::vector<bool> expected = by_reference(loaded.program, facts);
      CHECK(by_reference(*copy, facts) == expected);
      CHECK(natively(*copy, *matcher, facts) == expected);
      matches += static_cast<size_t>(std::ranges::count(expected, true));
    }
    ++evaluated;
  }
  MESSAGE(fmt::format("{} records, {} of them load and were evaluated, {} matches", records,
                      evaluated, matches));
  CHECK(records >= 123);
  CHECK(evaluated > 60);
  CHECK(matches > 100);
}

}  // namespace
}  // namespace falcoc::conformance
