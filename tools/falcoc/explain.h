// What becomes of a rule: used by `falcoc explain`, `falcoc cost`, `falcoc lint` and editors.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/ir/specialize.h"
#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::cli {

/// A rule under one kind of event.
struct RuleView {
  uint32_t rule = 0;
  std::string guard;                ///< what the kernel asks; "always" if it filters nothing
  bool is_filtered = false;         ///< the kernel rules some events out
  std::vector<std::string> blames;  ///< checks that it cannot decide, and why
  std::string residual;             ///< what is left of the condition for this kind
  std::vector<std::string> fields;  ///< that the residual may fetch, by name
  double ns = 0;                    ///< estimate of evaluating the residual once

  /// What there is to say, apart from the number of the rule.
  bool same_as(const RuleView& other) const {
    return guard == other.guard && blames == other.blames && residual == other.residual;
  }
};

/// All enabled rules under one kind of event.
struct KindView {
  EventKind kind = 0;
  ir::split::KernelPlan plan;
  std::vector<RuleView> rules;
};

/// Kinds under which an enabled rule can match, ascending.
std::vector<KindView> view_kinds(const ir::Program& program);

/// The rule's condition, its process facts, and for each group of kinds what is decided where.
std::string explain_rule(const ir::Program& program, const std::vector<KindView>& kinds,
                         uint32_t index);

}  // namespace falcoc::cli
