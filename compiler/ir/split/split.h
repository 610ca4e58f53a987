// The split's driver: the specialised rules of one kind of event to what the kernel can decide.
#pragma once

#include <span>
#include <vector>

#include "compiler/ir/facts.h"
#include "compiler/ir/specialize.h"
#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::ir::split {

/// An over-approximation broken on purpose, for the test that the test of the law notices.
enum class Mutation : uint8_t {
  NONE,
  NOT_KEEPS_SIDES,       ///< `not` does not swap may-be-true and may-be-false
  UNKNOWN_IS_FALSE,      ///< an unknown check counts as false
  ODD_PATHS_ARE_NORMAL,  ///< paths with `..` are compared as passed
  RELATIVE_PATHS_FAIL,   ///< a relative path matches nothing
  LONG_TEXTS_FAIL,       ///< a text too long to look at matches nothing
  ABSENT_IS_TRUE,        ///< a check of an absent value counts as true in both directions: `not` of
                         ///< it is dropped
  RANGES_LOSE_THEIR_ENDS,  ///< the last number of a range is left out
  OR_TAKES_THE_FIRST,      ///< only the first alternative of an `or` counts
  SOCKETS_HAVE_ONE_END,    ///< where an end may be either, only the first counts
  HOSTS_HAVE_NO_NAMES,     ///< an address that may have a name counts as one that has none
};
inline constexpr int kMutations = static_cast<int>(Mutation::HOSTS_HAVE_NO_NAMES) + 1;

struct Options {
  /// Parallel to the specialised nodes: the process fact that is the node's truth, as its bit in
  /// the words of facts, or ProcessFacts::kNone. Empty: there are none.
  std::span<const uint32_t> facts{};
  bool simplify = true;  ///< absorb what is implied, factor out what is shared
  Mutation mutation = Mutation::NONE;
};

KernelPlan plan_kernel(const Program& program, const Specialized& specialized,
                       const Options& options = {});

/// With process facts where the kind's events may be dropped, as process_facts() numbers them.
KernelPlan plan_kernel(const Program& program, const ProcessFacts& facts,
                       const Specialized& specialized, Mutation mutation = Mutation::NONE);

/// The plans of all kinds that some rule can match and a filter may drop, likewise.
std::vector<KernelPlan> plan_kernel(const Program& program, Mutation mutation = Mutation::NONE);

}  // namespace falcoc::ir::split
