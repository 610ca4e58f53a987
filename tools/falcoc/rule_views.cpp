// Specialises, splits and estimates, and puts it into words.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/codegen/native/estimate.h"
#include "compiler/ir/print.h"
#include "compiler/ir/split/split.h"
#include "tools/falcoc/explain.h"

namespace falcoc::cli {

namespace {

/// Fields that a node of `program` may fetch.
void collect_fields(const ir::Program& program, ir::OperandId id, std::set<std::string>& fields) {
  const ir::Operand& operand = program.operand(id);
  if (operand.kind == ir::Operand::Kind::FIELD) {
    fields.insert(ir::print_field(program.field(operand.field)));
  }
  for (const ir::OperandId argument : operand.arguments) {
    collect_fields(program, argument, fields);
  }
}

/// Each node once, however often conditions share it.
std::vector<std::string> fields_of(const ir::Program& program, ir::NodeId condition) {
  std::set<std::string> fields;
  std::vector<bool> seen(program.nodes.size());
  std::vector<ir::NodeId> open{condition};
  while (!open.empty()) {
    const ir::NodeId id = open.back();
    open.pop_back();
    if (seen[static_cast<size_t>(id)]) continue;
    seen[static_cast<size_t>(id)] = true;
    const ir::Node& node = program.node(id);
    open.insert(open.end(), node.children.begin(), node.children.end());
    if (node.kind != ir::Node::Kind::ATOM) continue;
    collect_fields(program, node.left, fields);
    if (node.right_side == ir::Node::RightSide::OPERAND) {
      collect_fields(program, node.right, fields);
    }
  }
  return {fields.begin(), fields.end()};
}

std::vector<std::string> blames_of(const ir::Program& program, const ir::split::RuleGuard& guard) {
  std::vector<std::string> blames;
  for (const ir::split::Blame& blame : guard.blames) {
    blames.push_back(fmt::format("{} {}", ir::print_condition(program, blame.check),
                                 ir::split::reason_text(blame.reason)));
  }
  return blames;
}

}  // namespace

std::vector<KindView> view_kinds(const ir::Program& program) {
  std::vector<KindView> views;
  ir::Program specialized_program = program;  // its nodes are exchanged for those of each kind
  const ir::ProcessFacts facts = ir::process_facts(program);
  const EventSet live = ir::live_kinds(program);
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    // The type of an asyncevent is whatever its maker called it: every rule that names a type may
    // match, and no kernel is asked.
    if (!live.test(kind) || event_kind_name(static_cast<EventKind>(kind)) == "asyncevent") continue;
    ir::Specialized specialized = ir::specialize(program, static_cast<EventKind>(kind));
    KindView view{
        static_cast<EventKind>(kind), ir::split::plan_kernel(program, facts, specialized), {}};
    const auto estimates = native::estimate_nodes(program, specialized.nodes);
    specialized_program.nodes = std::move(specialized.nodes);
    for (const ir::split::RuleGuard& guard : view.plan.rules) {
      const ir::NodeId condition = specialized.conditions[guard.rule];
      view.rules.push_back({
          .rule = guard.rule,
          .guard = ir::split::print_guard(view.plan, guard.guard),
          .is_filtered = guard.guard != ir::split::KernelPlan::kTrue,
          .blames = blames_of(program, guard),
          .residual = ir::print_condition(specialized_program, condition),
          .fields = fields_of(specialized_program, condition),
          .ns = estimates[static_cast<size_t>(condition)].ns,
      });
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace falcoc::cli
