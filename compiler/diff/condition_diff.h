// Two conditions compared by the events that they match. What is said of all events is proved: a
// SAT solver finds no assignment of answers to checks, among those that some event may give, for
// which it does not hold. What differs is shown by an event on which the reference evaluator
// disagrees.
#pragma once

#include <functional>
#include <optional>

#include "compiler/ir/fact_source.h"
#include "compiler/ir/program.h"

namespace falcoc::diff {

enum class Verdict : uint8_t {
  EQUAL,
  STRICTER,  ///< the old one matches all that the new one does
  LOOSER,    ///< the new one matches all that the old one does
  CHANGED,   ///< neither, or not decided
};

struct ConditionDiff {
  Verdict verdict = Verdict::EQUAL;
  bool is_decided = true;                    ///< CHANGED only: false if the budget did not suffice
  std::optional<testing::Facts> only_old{};  ///< an event that only the old condition matches
  std::optional<testing::Facts> only_new{};
};

struct DiffOptions {
  /// Conflicts of the solver in one question: some seconds at most.
  int conflicts = 100'000;
  /// Events that are tried until one tells two conditions apart.
  int attempts = 40;
  /// Adds to the facts of an example what a live event of its kind has too.
  std::function<void(testing::Facts&)> complete = [](testing::Facts&) {};
};

ConditionDiff compare(const ir::Program& program, ir::NodeId old_condition,
                      ir::NodeId new_condition, const DiffOptions& options);

/// Whether the condition matches an event of these facts: it can be true for events of this type,
/// and the reference evaluator says that it is.
bool matches(const ir::Program& program, ir::NodeId condition, const testing::Facts& facts);

}  // namespace falcoc::diff
