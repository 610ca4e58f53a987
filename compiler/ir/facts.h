// Process facts: the parts of rules that keep their value while their process does not change
// (DESIGN section 6, tier 3). User space evaluates each once per process, the kernel's filters read
// the results. Finds them, numbers them, and says what each depends on. Knows the IR only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/ir/specialize.h"

namespace falcoc::ir {

/// What must be as it was when a fact was evaluated, beyond the process and its image. Combined
/// with |. All but USERS can be compared in the kernel.
namespace fact_depends {
inline constexpr uint8_t CREDENTIALS = 1 << 0;  ///< effective user and group
inline constexpr uint8_t PRIVILEGES = 1 << 1;   ///< capabilities, login user
inline constexpr uint8_t SESSION = 1 << 2;      ///< session, process group, terminal
inline constexpr uint8_t CGROUPS = 1 << 3;
inline constexpr uint8_t ANCESTORS = 1 << 4;  ///< identity and image of all of them
inline constexpr uint8_t USERS = 1 << 5;      ///< databases of users and groups
}  // namespace fact_depends

/// Why a node is no fact.
enum class NoFact : uint8_t {
  NONE,         ///< it can be one
  EVENT,        ///< differs from event to event
  DIRECTORY,    ///< working directories are renamed without a trace
  LEADER,       ///< asks for the leader of a session or group, a process like any other
  METADATA,     ///< the container engine or orchestrator may tell it later, or otherwise
  THREAD,       ///< differs between threads of the process
  LIMITS,       ///< changes without a trace
  UNVERSIONED,  ///< nothing says when it changes
  NO_FILTER,    ///< matters only for events that no filter may drop
  TOO_MANY,     ///< kFactWords are full of facts that are used more often
};
/// For people: "because …".
std::string_view no_fact_reason(NoFact reason);

/// Room for facts under every process: words of 64. All facts of one word share dependencies.
inline constexpr size_t kFactWords = 8;

/// One fact: a node of the program, or some children of an AND or OR taken together.
struct ProcessFact {
  Node::Kind connective = Node::Kind::ATOM;  ///< AND, OR: of `nodes`; ATOM: nodes[0] as it is
  std::vector<NodeId> nodes{};               ///< ascending
  uint8_t dependencies = 0;                  ///< fact_depends
  uint32_t bit = 0;                          ///< below 64 * kFactWords
  uint64_t uses = 0;                         ///< places in conditions, saturating
};

struct ProcessFacts {
  static constexpr uint32_t kNone = ~uint32_t{0};

  std::vector<ProcessFact> facts;  ///< by ascending bit
  /// What the facts of each word depend on together.
  std::array<uint8_t, kFactWords> word_dependencies{};
  /// Parallel to Program::nodes. NONE for facts, for what stands inside of them, and for nodes that
  /// only join facts and other parts.
  std::vector<NoFact> reasons;
  /// Parallel to Program::nodes: the fact that is the node itself, or kNone.
  std::vector<uint32_t> fact_of_node;
  /// Parallel to Program::nodes: of an AND or OR, the facts that stand for some of its children.
  std::vector<std::vector<uint32_t>> groups_of_node;
};

/// Kinds whose events a filter in the kernel may drop: not those that make a process what it is,
/// which change or end its facts themselves.
EventSet filterable_kinds();

/// The facts of all enabled rules. Linear in the program.
ProcessFacts process_facts(const Program& program, const EventSet& filterable = filterable_kinds());

/// A program whose rule i is fact i, for an evaluator: fields and operands keep their ids.
Program fact_program(const Program& program, const ProcessFacts& facts);

/// A specialised program in which each fact that is left is one node.
struct FactLeaves {
  Specialized specialized;     ///< equivalent to the one given
  std::vector<uint32_t> fact;  ///< parallel to its nodes: index into ProcessFacts::facts, or kNone
};
FactLeaves fact_leaves(const Program& program, const ProcessFacts& facts,
                       const Specialized& specialized);

}  // namespace falcoc::ir
