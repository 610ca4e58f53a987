// Which checks of a rule its tests have seen true, and which false; and which changes of a rule no
// test would notice. Checks of the event's type, and the idiom `evt.num = 0` for what never holds,
// are not counted: no test can make them other than they are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/falcoc/testing/trial.h"

namespace falcoc::cli {

using Trials = std::vector<std::unique_ptr<Trial>>;

struct CheckCoverage {
  ir::NodeId check;
  bool was_true = false, was_false = false;
  /// Of a check that was true and compares with several: those that made it so in no test, as rules
  /// write them.
  std::vector<std::string> unmet{};
};

struct RuleCoverage {
  uint32_t rule;
  std::vector<CheckCoverage> checks;

  size_t wanted() const { return checks.size() * 2; }
  size_t seen() const;
};

/// Whether a test says what this rule shall do.
bool is_tested(const ir::Program& program, const Trials& trials, uint32_t rule);

/// Of every enabled rule. A check counts in events that its rule can see.
std::vector<RuleCoverage> cover(const ir::Program& program, const Trials& trials);

enum class Mutation : uint8_t { NEGATED, ALWAYS_TRUE, ALWAYS_FALSE };
std::string_view mutation_name(Mutation mutation);

struct Mutant {
  uint32_t rule;
  ir::NodeId check;
  Mutation mutation;
};

struct MutationResult {
  size_t tried = 0;
  std::vector<Mutant> survivors;
};

/// Changes one check of one tested rule at a time; a mutant survives if every test still passes.
MutationResult mutate(const ir::Program& program, const Trials& trials, bool all_rules);

}  // namespace falcoc::cli
