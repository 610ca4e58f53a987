// A ruleset for tests of native code: conditions from text, facts, and both evaluators on them.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compiler/codegen/native/native.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/fact_source.h"
#include "compiler/ir/parse.h"

namespace falcoc::testing {

inline ir::Program program_of(const std::vector<std::string>& conditions) {
  ir::ProgramBuilder builder;
  for (const std::string& text : conditions) {
    CAPTURE(text);
    const Span span{.begin = 0, .end = static_cast<uint32_t>(text.size())};
    const auto tree = ir::parse_condition(MappedText(text, span));
    REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().message));
    Diagnostics warnings;
    const auto node = ir::lower_condition(*tree, builder, warnings);
    REQUIRE_MESSAGE(node.has_value(), (node ? "" : node.error().message));
    ir::Rule rule;
    rule.name = text;
    rule.condition = *node;
    builder.rule(std::move(rule));
  }
  return std::move(builder).finish();
}

/// Which rules match, by rule number.
inline std::vector<size_t> matches(const native::Matcher& matcher, EventKind kind, void* context) {
  ir::ValueArena arena;
  std::vector<uint64_t> words(matcher.words_per_result(), ~uint64_t{0});
  matcher.match(kind, context, arena, words);
  std::vector<size_t> rules;
  for (size_t rule = 0; rule < 64 * words.size(); ++rule) {
    if (words[rule / 64] >> (rule % 64) & 1) rules.push_back(rule);
  }
  return rules;
}

inline std::vector<size_t> matches(const native::Matcher& matcher, const ir::Program& program,
                                   const Facts& facts) {
  BoundFacts bound(facts, program);
  const auto kind = facts.event_kind();
  REQUIRE(kind.has_value());
  return matches(matcher, *kind, bound.context());
}

inline std::vector<size_t> reference_matches(const ir::Program& program, const Facts& facts) {
  BoundFacts bound(facts, program);
  ir::ValueArena arena;
  std::vector<size_t> rules;
  for (size_t rule = 0; rule < program.rules.size(); ++rule) {
    if (ir::evaluate(program, program.rules[rule].condition, bound.source(), arena)) {
      rules.push_back(rule);
    }
  }
  return rules;
}

inline native::Matcher compiled(const ir::Program& program, const native::Options& options = {}) {
  auto matcher = native::Matcher::compile(program, BoundFacts::accessors(program), options);
  REQUIRE_MESSAGE(matcher.has_value(), (matcher ? "" : matcher.error().message));
  return std::move(*matcher);
}

}  // namespace falcoc::testing
