// Decides what becomes a function: merges the specialised programs of all event kinds into one DAG
// and splits it into functions of bounded size and depth. Knows the IR, not LLVM.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compiler/ir/program.h"

namespace falcoc::native {

/// Nodes that one function expands at most. Larger functions make optimisation and register
/// allocation slower than linearly.
inline constexpr uint32_t kMaxFunctionNodes = 256;
/// Nesting that one function expands at most; bounds the generator's own recursion.
inline constexpr uint32_t kMaxFunctionDepth = 24;
/// Children of one AND or OR; longer ones become a tree of groups.
inline constexpr size_t kMaxChildren = 64;
/// Literals of one set that are expanded to code; larger sets are looked up in a table.
inline constexpr size_t kMaxInlineLiterals = 1024;

struct NodePlan {
  static constexpr uint32_t kNone = ~uint32_t{0};

  bool is_function = false;  ///< has a function of its own; else expanded where it is used
  uint32_t memo = kNone;     ///< index of the word that keeps its result during an event
};

/// A rule that can match and what is left of its condition.
struct Root {
  uint32_t rule = 0;
  ir::NodeId condition{};

  bool operator==(const Root&) const = default;
};

struct Plan {
  static constexpr uint16_t kNotLive = ~uint16_t{0};  ///< as kNoMatcher of the manifest

  std::vector<ir::Node> nodes;  ///< 0 is FALSE, 1 is TRUE; children precede parents
  std::vector<NodePlan> node_plans;
  std::vector<std::vector<Root>> matchers;            ///< distinct sets of rules, in rule order
  std::array<uint16_t, kEventKinds> matcher_of_kind;  ///< index into matchers, or kNotLive
  size_t memos = 0;

  const ir::Node& node(ir::NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  const NodePlan& node_plan(ir::NodeId id) const { return node_plans[static_cast<size_t>(id)]; }
};

Plan make_plan(const ir::Program& program);

}  // namespace falcoc::native
