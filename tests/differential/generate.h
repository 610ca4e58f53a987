// Generated rulesets and events. A case is plain numbers, so that RapidCheck can shrink it;
// building it turns the numbers into a program and events by choosing from what is valid at each
// place.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/compile.h"

namespace falcoc::differential {

using Choice = uint16_t;

struct AtomSpec {
  Choice field = 0, transformer = 0, op = 0, modifier = 0, right_side = 0;
  std::vector<Choice> literals;
};
struct NodeSpec {
  Choice kind = 0;
  std::vector<Choice> children;  ///< earlier nodes or atoms
};
struct EventSpec {
  Choice kind = 0;
  std::vector<Choice> values;  ///< one per field, repeated as needed
};
struct CaseSpec {
  std::vector<AtomSpec> atoms;
  std::vector<NodeSpec> nodes;
  std::vector<EventSpec> events;
};

rc::Gen<CaseSpec> generate_case();

/// Every atom and every node is the condition of a rule.
ir::Program build_program(const CaseSpec& spec);

/// Rulesets with every check there is, one rule each.
std::vector<ir::Program> systematic_programs();

/// Values of one event for one program: near the literals that the program compares with, and in
/// keeping with what the kind says about fields. Owns them; the program must outlive it.
class GeneratedEvent {
 public:
  GeneratedEvent(const EventSpec& spec, const ir::Program& program);
  GeneratedEvent(const GeneratedEvent&) = delete;
  GeneratedEvent& operator=(const GeneratedEvent&) = delete;

  EventKind kind() const { return kind_; }
  /// Accessor for every field of any program that has equal fields in the same order.
  static bool read(void* context, const FieldRef& field, Value& out);
  void serve(const ir::Program& program) { fields_ = program.fields.data(); }
  /// The facts that the condition asks for, one per line.
  std::string print(const ir::Program& program, ir::NodeId condition) const;

 private:
  std::optional<Value> choose(const ir::Program& program, ir::SlotId slot, Choice choice);
  Value choose_scalar(const ir::Program& program, ir::SlotId slot, Choice choice);
  Value text(std::string bytes);

  EventKind kind_ = 0;
  const FieldRef* fields_ = nullptr;
  std::vector<std::optional<Value>> values_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
};

/// Fields of every type, shape and form of argument that conditions can name.
const std::vector<FieldRef>& field_pool();
/// A literal that `op` can compare with values of `type`.
ir::Literal choose_literal(const FieldRef* field, ParamType type, ir::Operator op, Choice choice);
/// The `number`-th of an endless row of members for large sets.
ir::Literal numbered_literal(ParamType type, size_t number);

}  // namespace falcoc::differential
