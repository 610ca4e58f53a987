// Uses of fields, found bottom-up: children precede parents in a program.
#include "runtime/engine/field_use.h"

#include <algorithm>
#include <set>

#include "compiler/ir/field_ref.h"

namespace falcod {
namespace {

using falcoc::ir::Node;
using falcoc::ir::NodeId;
using falcoc::ir::Operand;
using falcoc::ir::OperandId;
using falcoc::ir::Program;
using falcoc::ir::Rule;

class FieldUse {
 public:
  FieldUse(const Program& program, std::span<const falcoc::FieldId> fields)
      : operands_(program.operands.size()), nodes_(program.nodes.size()) {
    for (size_t i = 0; i < program.operands.size(); ++i) {
      const Operand& operand = program.operands[i];
      const bool is_field =
          operand.kind == Operand::Kind::FIELD &&
          std::ranges::find(fields, program.field(operand.field).id) != fields.end();
      operands_[i] = is_field || std::ranges::any_of(operand.arguments,
                                                     [this](OperandId id) { return uses(id); });
    }
    for (size_t i = 0; i < program.nodes.size(); ++i) {
      const Node& node = program.nodes[i];
      if (node.kind == Node::Kind::ATOM) {
        nodes_[i] =
            uses(node.left) || (node.right_side == Node::RightSide::OPERAND && uses(node.right));
      } else {
        nodes_[i] = std::ranges::any_of(node.children, [this](NodeId id) { return uses(id); });
      }
    }
  }

  /// Whether the rule, or where its alerts go, depends on one of the fields.
  bool uses(const Program& program, const Rule& rule) const {
    const auto& [pieces, fields, texts] = rule.output;
    return uses(rule.condition) || uses(pieces) ||
           std::ranges::any_of(rule.routes, [this](NodeId id) { return uses(id); }) ||
           std::ranges::any_of(program.routes,
                               [this](const auto& route) { return uses(route.group); }) ||
           std::ranges::any_of(fields, [this](const auto& field) { return uses(field.operand); }) ||
           std::ranges::any_of(texts, [this](const auto& text) { return uses(text.pieces); });
  }

 private:
  bool uses(const std::vector<falcoc::ir::OutputPiece>& pieces) const {
    return std::ranges::any_of(
        pieces, [this](const auto& piece) { return !piece.is_text && uses(piece.operand); });
  }
  bool uses(OperandId id) const { return operands_[static_cast<size_t>(id)]; }
  bool uses(NodeId id) const { return nodes_[static_cast<size_t>(id)]; }

  std::vector<bool> operands_;
  std::vector<bool> nodes_;
};

}  // namespace

falcoc::EventSet events_using(const Program& program, std::span<const falcoc::FieldId> fields) {
  const FieldUse use(program, fields);
  falcoc::EventSet events;
  for (const Rule& rule : program.rules) {
    if (rule.enabled && use.uses(program, rule)) events |= program.rule_events(rule);
  }
  return events;
}

/// Whether rules ask of descriptors at all: their names, too, say who is the client.
bool asks_about_descriptors(const Program& program) {
  return std::ranges::any_of(program.fields, [](const falcoc::FieldRef& field) {
    const std::string_view group = falcoc::field_info(field.id).field_class;
    return group == "fd" || group == "fdlist";
  });
}

EventDetails event_details(const Program& program) {
  using enum falcoc::FieldId;
  static constexpr falcoc::FieldId kStandard[] = {proc_stdin_type,  proc_stdout_type,
                                                  proc_stderr_type, proc_stdin_name,
                                                  proc_stdout_name, proc_stderr_name};
  static constexpr falcoc::FieldId kTable[] = {proc_fdopencount, proc_fdlimit, proc_fdusage,
                                               fd_types};
  static constexpr falcoc::FieldId kPolled[] = {fdlist_nums, fdlist_names,  fdlist_cips,
                                                fdlist_sips, fdlist_cports, fdlist_sports};
  static constexpr falcoc::FieldId kTrueNames[] = {fd_truename};
  falcoc::EventSet polls;
  polls.set(static_cast<size_t>(falcoc::EventCode::POLL));
  polls.set(static_cast<size_t>(falcoc::EventCode::PPOLL));
  const falcoc::EventSet standard_fds = events_using(program, kStandard);
  return {.standard_fds = standard_fds,
          .fd_table = events_using(program, kTable),
          .polled_fds = events_using(program, kPolled) & polls,
          .true_names = events_using(program, kTrueNames),
          .socket_roles = asks_about_descriptors(program) || standard_fds.any()};
}

std::vector<std::string> host_names_of(const Program& program) {
  std::set<std::string> names;
  for (const Node& node : program.nodes) {
    if (node.kind != Node::Kind::ATOM || node.right_side != Node::RightSide::LITERALS) continue;
    const Operand& left = program.operand(node.left);
    if (left.kind != Operand::Kind::FIELD) continue;
    if (!falcoc::ir::is_host_name(program.field(left.field).id)) continue;
    for (const falcoc::ir::Literal& literal : program.literal_set(node.literals)) {
      names.insert(literal.bytes);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace falcod
