// What is left of a program when the kind of the event is known: `evt.type` and whatever follows
// from it fold to constants and most rules vanish (DESIGN section 5). Input of the code generators.
#pragma once

#include <vector>

#include "compiler/ir/program.h"

namespace falcoc::ir {

/// The part of a program that still depends on the event of one kind. Its nodes are a compact copy
/// with ids of their own; operands, literal sets and fields stay those of the program it was made
/// from, so that layout, slots and literals are shared by all kinds.
struct Specialized {
  static constexpr NodeId kFalse{0};
  static constexpr NodeId kTrue{1};

  EventKind kind = 0;
  /// nodes[0] is FALSE and nodes[1] is TRUE; children precede parents. AND and OR have at least two
  /// children, none of them constant. Every other node is reachable from some condition.
  std::vector<Node> nodes;
  /// Parallel to `nodes`: the node of the program it came from. The constants and nodes that lost
  /// children name the node they replace only as a hint for messages.
  std::vector<NodeId> origins;
  /// Parallel to Program::rules; kFalse for disabled rules and for rules that cannot match.
  std::vector<NodeId> conditions;

  const Node& node(NodeId id) const { return nodes[static_cast<size_t>(id)]; }
};

/// Needs Program::info. Time and memory are linear in the nodes that the live rules reach.
Specialized specialize(const Program& program, EventKind kind);

/// Kinds under which at least one enabled rule can match: those worth specialising.
EventSet live_kinds(const Program& program);

}  // namespace falcoc::ir
