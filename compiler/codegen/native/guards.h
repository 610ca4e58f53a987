// In which order the rules of a matcher are ruled out. Evaluating rule by rule costs as much as
// there are rules; but rules of one kind ask about the same few things, so that most of them can be
// ruled out together:
//
//   TEST      a condition that several rules have in common decides about all of them
//   LOOK_UP   the rules that want certain values of one operand are found by its value
//   RULES     what is left: rule by rule
//
// Before: a and b; a and x = 1; x = 2 and c.  After: TEST a {RULES 1, 2}, RULES 3; or, if there are
// more of them: LOOK_UP x {1: RULES 2, 2: RULES 3}, RULES 1.
// A rule that is not ruled out is evaluated whole, so that guards may let through too much. Knows
// the IR, not LLVM.
#pragma once

#include <unordered_map>
#include <vector>

#include "compiler/codegen/native/clauses.h"
#include "compiler/codegen/native/estimate.h"
#include "compiler/codegen/native/plan.h"

namespace falcoc::native {

struct Step {
  enum class Kind : uint8_t { RULES, TEST, LOOK_UP };
  Kind kind = Kind::RULES;
  std::vector<uint32_t> rules{};  ///< RULES: positions in the matcher
  ir::NodeId test{};              ///< TEST
  std::vector<Step> inner{};      ///< TEST: if it holds
  uint32_t look_up = 0;           ///< LOOK_UP: index into Guards::look_ups
};

/// Where a key leads: to the rules that have it, then on to what shorter keys lead to.
struct LookUpLeaf {
  std::vector<Step> steps;
  uint32_t next = 0;  ///< leaf, 0 for none
};

struct LookUp {
  struct Target {
    Key key;
    uint32_t leaf = 0;
  };
  ir::OperandId operand{};
  std::vector<Target> targets;      ///< no key twice
  std::vector<LookUpLeaf> leaves;   ///< leaf 0 is empty
  std::vector<uint32_t> all_rules;  ///< of the matcher, in order
};

/// Steps of one matcher.
struct Guards {
  std::vector<Step> steps;
  std::vector<LookUp> look_ups;
};

/// Chooses the steps of matchers; remembers what it derives of conditions that they share.
class GuardChooser {
 public:
  /// Both must outlive the chooser.
  GuardChooser(const ir::Program& program, const Plan& plan);
  Guards choose(const std::vector<Root>& rules);

 private:
  friend class Choice;

  const std::vector<Clause>& clauses(ir::NodeId node);

  const ir::Program& program_;
  const Plan& plan_;
  std::vector<Estimate> estimates_;                          ///< by node
  std::unordered_map<size_t, std::vector<Clause>> clauses_;  ///< by node
};

}  // namespace falcoc::native
