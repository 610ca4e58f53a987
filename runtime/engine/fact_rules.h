// The process facts of one ruleset and what evaluates them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/ir/facts.h"
#include "compiler/ir/memo_evaluator.h"
#include "probe/abi.h"
#include "runtime/engine/context.h"

namespace falcod {

class FactRules {
 public:
  /// `number` tells rulesets apart in the kernel; not 0.
  FactRules(const falcoc::ir::Program& program, uint32_t number);
  FactRules(const FactRules&) = delete;
  FactRules& operator=(const FactRules&) = delete;

  uint32_t number() const { return number_; }
  const falcoc::ir::ProcessFacts& facts() const { return facts_; }
  bool empty() const { return facts_.facts.empty(); }
  /// Some fact asks for names of users or groups.
  bool asks_for_users() const;

  /// Bits of struct fc_facts for the process of `context`, and what they depend on. The context's
  /// event is not looked at. Words without facts are unknown.
  void evaluate(EventContext& context, fc_facts& out);
  /// The condition of a fact as a rule would say it.
  std::string text(const falcoc::ir::ProcessFact& fact) const;

 private:
  uint32_t number_;
  falcoc::ir::ProcessFacts facts_;
  falcoc::ir::Program program_;  ///< rule i is fact i
  std::vector<falcoc::Accessor> accessors_;
  falcoc::ir::MemoEvaluator evaluator_;
};

}  // namespace falcod
