// The typed intermediate representation: one hash-consed DAG for a whole ruleset, the input of the
// reference evaluator and of both code generators, and what a bundle stores. May know catalog/ and
// source/ only. Immutable once built; passes make a new Program.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/ast.h"

namespace falcoc::ir {

enum class NodeId : uint32_t {};
enum class OperandId : uint32_t {};
enum class SlotId : uint32_t {};        ///< index into Program::fields
enum class LiteralSetId : uint32_t {};  ///< index into Program::literal_sets

/// Static type of an operand. ANCESTORS and EITHER_SIDE occur on plain fields only.
struct Type {
  ParamType param = ParamType::NONE;
  Shape shape = Shape::SCALAR;

  bool operator==(const Type&) const = default;
};

/// Type of every LIST operand: whatever scalars stand in it, its elements are their texts.
inline constexpr Type kTextList{ParamType::CHARBUF, Shape::LIST};

/// A literal in binary form, converted for the type it is compared with.
struct Literal {
  std::string bytes{};      ///< text, buffer, pattern; address or network: 4 or 16 bytes
  uint64_t number = 0;      ///< numbers (signed ones as two's complement), booleans, ports
  uint8_t prefix_bits = 0;  ///< networks: length of the prefix; bytes are already masked

  auto operator<=>(const Literal&) const = default;
};

/// What is compared: a field, a transformed value or a constant.
struct Operand {
  enum class Kind : uint8_t { FIELD, TRANSFORM, CONSTANT, LIST };
  Kind kind = Kind::FIELD;
  Type type{};
  SlotId field{};                      ///< FIELD
  Transformer transformer{};           ///< TRANSFORM, never VAL
  char selector = 0;                   ///< TRANSFORM GETOPT: option letter, 0 if none
  std::string text{};                  ///< CONSTANT
  std::vector<OperandId> arguments{};  ///< TRANSFORM, LIST

  bool operator==(const Operand&) const = default;
};

/// One node of the DAG.
struct Node {
  enum class Kind : uint8_t { FALSE, TRUE, AND, OR, NOT, ATOM };
  enum class RightSide : uint8_t { NONE, LITERALS, OPERAND };

  Kind kind = Kind::FALSE;
  std::vector<NodeId> children{};  ///< AND, OR: two or more, in source order; NOT: one

  // ATOM
  OperandId left{};
  Operator op{};
  Modifier modifier = Modifier::NONE;
  RightSide right_side = RightSide::NONE;  ///< NONE for EXISTS
  LiteralSetId literals{};                 ///< one literal for scalar operators without modifier
  OperandId right{};

  bool operator==(const Node&) const = default;
};

/// Derived once per node when the program is built; not part of its identity.
struct NodeInfo {
  EventSet may_be_true{};  ///< event kinds under which the node can be true (over-approximation)
  EventSet may_be_false{};
  BindingTime binding = BindingTime::EVENT;
  float cost = 0;        ///< relative cost of evaluating it
  float fetch_cost = 0;  ///< checks only: the part for fetching operands, paid once per event
};

/// One piece of an output: text as is, or the value of an operand.
struct OutputPiece {
  bool is_text = true;
  std::string text;  ///< is_text: the text; else the token as written after %, for messages
  OperandId operand{};
  uint32_t width = 0;  ///< pad or cut to this many bytes, 0 = as is
};

/// A key of output_fields in JSON alerts: every plain field of the format, in order, once, and the
/// fields that were added to them.
struct OutputField {
  std::string key;
  OperandId operand{};
};

/// A further key of output_fields, whose value is formatted text (`append_output`).
struct OutputText {
  std::string key;
  std::vector<OutputPiece> pieces;
};

struct OutputFormat {
  std::vector<OutputPiece> pieces;
  std::vector<OutputField> fields;
  std::vector<OutputText> texts;  ///< keys that are not in `fields`
};

/// Where something was defined, for messages and the source map of a bundle.
struct Origin {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

struct Rule {
  std::string name;
  std::string description{};
  std::string source = "syscall";
  Priority priority = Priority::DEBUG;
  std::vector<std::string> tags{};
  bool enabled = true;
  bool capture = false;
  uint32_t capture_duration_ms = 0;
  NodeId condition{};
  OutputFormat output;
  std::string condition_text;  ///< as written, appended text included
  std::string output_text;
  Origin origin;
  /// Parallel to Program::routes: the condition on alerts of this rule. Added by the daemon, no
  /// part of a bundle.
  std::vector<NodeId> routes{};
};

/// Where the daemon's alerts may go.
struct AlertRoute {
  std::string name;
  std::vector<OutputPiece> group;  ///< alerts of one rule with the same text here are alike
};

/// A compiled ruleset. Ids index the vectors; children precede parents.
struct Program {
  std::vector<FieldRef> fields;
  std::vector<Operand> operands;
  std::vector<std::vector<Literal>> literal_sets;
  std::vector<Node> nodes;
  std::vector<NodeInfo> info;  ///< parallel to nodes
  std::vector<Rule> rules;     ///< in load order, which is match order
  std::vector<AlertRoute> routes{};
  std::string required_engine_version;

  const FieldRef& field(SlotId id) const { return fields[static_cast<size_t>(id)]; }
  const Operand& operand(OperandId id) const { return operands[static_cast<size_t>(id)]; }
  const std::vector<Literal>& literal_set(LiteralSetId id) const {
    return literal_sets[static_cast<size_t>(id)];
  }
  const Node& node(NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  const NodeInfo& node_info(NodeId id) const { return info[static_cast<size_t>(id)]; }
  /// Event kinds under which the rule can match.
  const EventSet& rule_events(const Rule& rule) const {
    return node_info(rule.condition).may_be_true;
  }
};

}  // namespace falcoc::ir
