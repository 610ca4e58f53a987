// What follows across operands: from a field to what a transformer makes of it, and from the type
// of the event to what such events can have.
#include <algorithm>
#include <set>

#include "compiler/catalog/event_sets.h"
#include "compiler/diff/questions.h"
#include "compiler/diff/theory.h"
#include "compiler/ir/evaluate.h"

namespace falcoc::diff {

using ir::Node;
using ir::NodeId;
using ir::Operand;
using ir::OperandId;

namespace {

/// The fields that an operand is made of.
void add_fields(const ir::Program& program, OperandId id, std::set<OperandId>& fields) {
  const Operand& operand = program.operand(id);
  if (operand.kind == Operand::Kind::FIELD) fields.insert(id);
  for (const OperandId argument : operand.arguments) add_fields(program, argument, fields);
}

/// Gives one field a value; all others are absent.
struct OneField {
  const FieldRef* field;
  Value value;

  static bool read(void* context, const FieldRef& field, Value& out) {
    const auto& self = *static_cast<const OneField*>(context);
    if (&field != self.field) return false;
    out = self.value;
    return true;
  }
};

/// Events that are called so. Those of asyncevents are named by whoever makes them.
EventSet kinds_called(const std::string& name) {
  EventSet kinds = event_kinds_named(name).value_or(EventSet{});
  for_each_kind(all_event_kinds(), [&](EventKind kind, const EventInfo& info) {
    if (info.event_class == EventClass::META) kinds.set(kind);
  });
  return kinds;
}

}  // namespace

void Theory::relate_transformed(const Subject& subject) {
  const Operand& transformed = program_.operand(subject.operand);
  if (transformed.kind != Operand::Kind::TRANSFORM || transformed.type.shape != Shape::SCALAR)
    return;
  std::set<OperandId> fields;
  add_fields(program_, subject.operand, fields);
  if (fields.size() != 1) return;
  const auto found = subjects_.find(*fields.begin());
  if (found == subjects_.end()) return;
  const Subject& source = found->second;
  const Operand& operand = program_.operand(source.operand);
  if (operand.type.shape != Shape::SCALAR) return;
  const std::vector<Accessor> accessors(program_.fields.size(), &OneField::read);
  for (const Question& question : source.questions) {
    if (!is_point(operand.type.param, question)) continue;
    OneField field{&program_.field(operand.field), value_of(question.literal, operand.type.param)};
    ir::ValueArena arena;
    Value made;
    if (!ir::evaluate_operand(program_, subject.operand, {&field, accessors}, arena, made)) {
      solver_.add({-question.holds, -subject.present});
      continue;
    }
    solver_.add({-question.holds, subject.present});
    const ParamType type = transformed.type.param;
    for (const Question& asked : subject.questions) {
      const bool holds = ir::compare_scalar(type, asked.op, made, asked.literal);
      solver_.add({-question.holds, holds ? asked.holds : -asked.holds});
    }
    for (const Interval& interval : subject.intervals) {
      const uint64_t order = order_of(type, made.u64);
      const bool holds = interval.first <= order && order <= interval.last;
      solver_.add({-question.holds, holds ? interval.holds : -interval.holds});
    }
  }
}

void Theory::relate_events() {
  const Subject* const types = event_types();
  if (types == nullptr) return;
  for (const Question& question : types->questions) {
    if (!is_point(ParamType::CHARBUF, question)) continue;
    const EventSet kinds = kinds_called(question.literal.bytes);
    for (const NodeId id : order_) {
      if (program_.node(id).kind != Node::Kind::ATOM) continue;
      const ir::NodeInfo& info = program_.node_info(id);
      const int holds = literals_.at(id);
      if ((kinds & info.may_be_true).none()) solver_.add({-question.holds, -holds});
      if ((kinds & info.may_be_false).none()) solver_.add({-question.holds, holds});
    }
  }
}

}  // namespace falcoc::diff
