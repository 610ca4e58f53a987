// Guards seen from where some tests are decided already: what is left of them. Knows the split
// only.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "compiler/ir/split/guard_builder.h"

namespace falcoc::bpf {

/// What of a guard's leaf is known: the test holds (`positive`) or does not. Nothing: it is asked.
using Decision =
    std::function<std::optional<bool>(const ir::split::KernelTest& test, bool positive)>;

/// Guards of one plan, simplified into one builder.
class GuardRewriter {
 public:
  GuardRewriter(const ir::split::KernelPlan& from, ir::split::GuardBuilder& to, Decision decision)
      : from_(from), to_(to), decision_(std::move(decision)), done_(from.nodes.size()) {}

  ir::split::GuardId rewrite(ir::split::GuardId guard);

 private:
  ir::split::GuardId leaf(const ir::split::GuardNode& node);

  const ir::split::KernelPlan& from_;
  ir::split::GuardBuilder& to_;
  Decision decision_;
  std::vector<std::optional<ir::split::GuardId>> done_;  ///< parallel to from_.nodes
};

/// Nothing is known that the probe must find: a leaf about a fact or the descriptor may hold either
/// way.
std::optional<bool> at_hand(const ir::split::KernelTest& test, bool positive);
/// Nothing but numbers is known.
std::optional<bool> numbers_alone(const ir::split::KernelTest& test, bool positive);
/// All texts are absolute and clean, and nothing that is sought was found in them.
std::optional<bool> nothing_found(const ir::split::KernelTest& test, bool positive);

}  // namespace falcoc::bpf
