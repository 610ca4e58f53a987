// See late_rules.h.
#include "runtime/engine/late_rules.h"

#include <algorithm>
#include <cstring>

#include "compiler/ir/fact_fields.h"
#include "compiler/ir/literals.h"

namespace falcod {

namespace {

namespace ir = falcoc::ir;
using falcoc::FieldId;
using falcoc::FieldRef;
using falcoc::Shape;
using falcoc::Value;

/// Calls `visit` for every field below an operand.
template <typename Visit>
void for_each_field(const ir::Program& program, ir::OperandId id, Visit visit) {
  const ir::Operand& operand = program.operand(id);
  if (operand.kind == ir::Operand::Kind::FIELD) visit(operand.field);
  for (const ir::OperandId argument : operand.arguments) for_each_field(program, argument, visit);
}

template <typename Visit>
void for_each_output(const ir::OutputFormat& output, Visit visit) {
  const auto pieces = [&visit](const std::vector<ir::OutputPiece>& all) {
    for (const ir::OutputPiece& piece : all) {
      if (!piece.is_text) visit(piece.operand);
    }
  };
  pieces(output.pieces);
  for (const ir::OutputField& field : output.fields) visit(field.operand);
  for (const ir::OutputText& text : output.texts) pieces(text.pieces);
}

/// Calls `visit` for what makes alerts alike.
template <typename Visit>
void for_each_route(const ir::Program& program, Visit visit) {
  for (const ir::AlertRoute& route : program.routes) {
    for (const ir::OutputPiece& piece : route.group) {
      if (!piece.is_text) visit(piece.operand);
    }
  }
}

bool points_somewhere(falcoc::ParamType type) {
  const ir::TypeGroup group = ir::type_traits(type).group;
  return group != ir::TypeGroup::NUMBER && group != ir::TypeGroup::BOOLEAN;
}

void own_bytes(HeldEvent& held, Value& value) {
  if (value.size == 0) return;
  auto& block = held.blocks.emplace_back(std::make_unique_for_overwrite<std::byte[]>(value.size));
  std::memcpy(block.get(), value.data, value.size);
  value.data = reinterpret_cast<const char*>(block.get());
  held.bytes += value.size;
}

/// Makes the value independent of what it was borrowed from.
void own(HeldEvent& held, const FieldRef& field, Value& value) {
  const bool pointers = points_somewhere(field.type);
  if (field.shape == Shape::SCALAR) {
    if (pointers) own_bytes(held, value);
    return;
  }
  if (value.size == 0) return;
  const size_t bytes = value.size * sizeof(Value);
  auto& block = held.blocks.emplace_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
  auto* const items = reinterpret_cast<Value*>(block.get());
  std::memcpy(items, value.items, bytes);
  value.items = items;
  held.bytes += bytes;
  if (!pointers) return;
  for (size_t i = 0; i < value.size; ++i) own_bytes(held, items[i]);
}

/// Metadata as it is now, everything else as it was.
bool late_value(void* context, const FieldRef& field, Value& out) {
  auto& late = *static_cast<LateContext*>(static_cast<EventContext*>(context));
  const auto slot = static_cast<uint32_t>(&field - late.program->fields.data());
  const auto& slots = late.held->slots;
  const auto found = std::ranges::lower_bound(slots, slot);
  if (found != slots.end() && *found == slot) {
    const HeldEvent::Saved& saved = late.held->saved[static_cast<size_t>(found - slots.begin())];
    if (saved.present) out = saved.value;
    return saved.present;
  }
  const falcoc::Accessor get = accessor(field.id);
  return is_metadata(field.id) && get != nullptr && get(context, field, out);
}

std::vector<bool> metadata_fields(const ir::Program& program) {
  std::vector<bool> result;
  for (const FieldRef& field : program.fields) result.push_back(is_metadata(field.id));
  return result;
}

}  // namespace

bool is_metadata(FieldId field) {
  using enum FieldId;
  if (field == container_start_ts) return false;
  if (field == proc_is_container_healthcheck || field == proc_is_container_liveness_probe ||
      field == proc_is_container_readiness_probe) {
    return true;
  }
  return ir::field_dependencies(field).reason == ir::NoFact::METADATA;
}

LateRules::LateRules(const ir::Program& program, std::span<const falcoc::Accessor> accessors,
                     const AlertOptions& options, const std::string& hostname)
    : program_(program),
      accessors_(accessors),
      metadata_(metadata_fields(program)),
      partial_(program, metadata_),
      late_accessors_(program.fields.size(), &late_value),
      formatter_(program, late_accessors_, options, hostname) {
  for (const ir::Rule& rule : program.rules) {
    bool shows = false;
    const auto see = [&](ir::OperandId operand) { shows = shows || partial_.depends(operand); };
    for_each_output(rule.output, see);
    for_each_route(program, see);
    for (const ir::NodeId condition : rule.routes) shows = shows || partial_.depends(condition);
    shows_.push_back(shows);
    asks_.push_back(shows || partial_.depends(rule.condition));
  }
}

ir::Truth LateRules::matches(size_t rule, EventContext& context, ir::ValueArena& arena) {
  return partial_.evaluate(program_.rules[rule].condition, {&context, accessors_}, arena);
}

std::vector<uint32_t> LateRules::slots_of(const std::vector<uint32_t>& rules) const {
  std::vector<bool> wanted(program_.fields.size());
  std::vector<bool> seen(program_.nodes.size());
  std::vector<ir::NodeId> left;
  const auto add = [&](ir::OperandId operand) {
    for_each_field(program_, operand,
                   [&](ir::SlotId slot) { wanted[static_cast<size_t>(slot)] = true; });
  };
  for (const uint32_t rule : rules) {
    left.push_back(program_.rules[rule].condition);
    left.insert(left.end(), program_.rules[rule].routes.begin(), program_.rules[rule].routes.end());
    for_each_output(program_.rules[rule].output, add);
  }
  for_each_route(program_, add);
  while (!left.empty()) {
    const ir::NodeId id = left.back();
    left.pop_back();
    if (seen[static_cast<size_t>(id)]) continue;
    seen[static_cast<size_t>(id)] = true;
    const ir::Node& node = program_.node(id);
    left.insert(left.end(), node.children.begin(), node.children.end());
    if (node.kind != ir::Node::Kind::ATOM) continue;
    add(node.left);
    if (node.right_side == ir::Node::RightSide::OPERAND) add(node.right);
  }
  std::vector<uint32_t> slots;
  for (uint32_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] && !metadata_[i]) slots.push_back(i);
  }
  return slots;
}

HeldEvent LateRules::hold(EventContext& context, std::vector<uint32_t> rules) const {
  HeldEvent held;
  held.slots = slots_of(rules);
  held.rules = std::move(rules);
  held.event = *context.event;
  held.event.params = {};
  held.event.captured = nullptr;
  held.event.record = nullptr;
  held.process = std::make_shared<Process>(*context.process);
  held.first_event_time_ns = context.first_event_time_ns;
  held.saved.resize(held.slots.size());
  for (size_t i = 0; i < held.slots.size(); ++i) {
    const falcoc::Accessor get = accessors_[held.slots[i]];
    const FieldRef& field = program_.fields[held.slots[i]];
    HeldEvent::Saved& saved = held.saved[i];
    saved.present = get != nullptr && get(&context, field, saved.value);
    if (saved.present) own(held, field, saved.value);
  }
  held.bytes += sizeof(HeldEvent) + sizeof(Process) +
                held.slots.size() * (sizeof(HeldEvent::Saved) + sizeof(uint32_t));
  return held;
}

void LateRules::prepare(LateContext& context, const HeldEvent& held) const {
  context.program = &program_;
  context.held = &held;
  context.event = &held.event;
  context.process = held.process;
  context.first_event_time_ns = held.first_event_time_ns;
}

bool LateRules::matches_late(size_t rule, LateContext& context, ir::ValueArena& arena) const {
  EventContext* const base = &context;
  return ir::evaluate(program_, program_.rules[rule].condition, {base, late_accessors_}, arena);
}

}  // namespace falcod
