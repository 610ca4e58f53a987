// What becomes of a rule, in words.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/facts.h"
#include "compiler/ir/print.h"
#include "tools/falcoc/explain.h"

namespace falcoc::cli {

namespace {

/// Kinds for which the same is to be said of a rule.
struct Group {
  std::vector<std::string_view> kinds;
  const RuleView* view;
};

std::vector<Group> groups_of(const std::vector<KindView>& kinds, uint32_t rule) {
  std::vector<Group> groups;
  for (const KindView& kind : kinds) {
    const auto view = std::ranges::find(kind.rules, rule, &RuleView::rule);
    if (view == kind.rules.end()) continue;
    const auto known = std::ranges::find_if(
        groups, [&](const Group& group) { return group.view->same_as(*view); });
    if (known != groups.end()) {
      // Several kinds can have one name.
      if (known->kinds.back() != event_kind_name(kind.kind)) {
        known->kinds.push_back(event_kind_name(kind.kind));
      }
    } else {
      groups.push_back({{event_kind_name(kind.kind)}, &*view});
    }
  }
  return groups;
}

std::string explain_group(const Group& group) {
  const RuleView& view = *group.view;
  std::string text = fmt::format("  {}:\n", fmt::join(group.kinds, ", "));
  if (view.is_filtered) {
    text += fmt::format("    kernel passes  {}\n", view.guard);
  } else {
    text += "    unfiltered     the kernel passes every such event to this rule\n";
  }
  for (const std::string& blame : view.blames) {
    text +=
        fmt::format("    {}  {}\n", view.is_filtered ? "not exact    " : "because      ", blame);
  }
  text += fmt::format("    user space     {}\n", view.residual);
  return text;
}

/// Parts of the condition that keep their value while the process does not change.
std::string explain_facts(const ir::Program& program, uint32_t rule) {
  const ir::ProcessFacts facts = ir::process_facts(program);
  const ir::Program conditions = ir::fact_program(program, facts);
  std::vector<bool> seen(program.nodes.size());
  std::vector<ir::NodeId> open{program.rules[rule].condition};
  std::string text;
  const auto add = [&](uint32_t fact) {
    text += fmt::format("  process fact {}: {}\n", facts.facts[fact].bit,
                        ir::print_condition(conditions, conditions.rules[fact].condition));
  };
  while (!open.empty()) {
    const auto id = static_cast<size_t>(open.back());
    open.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    if (facts.fact_of_node[id] != ir::ProcessFacts::kNone) {
      add(facts.fact_of_node[id]);
      continue;
    }
    for (const uint32_t fact : facts.groups_of_node[id]) add(fact);
    const ir::Node& node = program.nodes[id];
    open.insert(open.end(), node.children.rbegin(), node.children.rend());
  }
  return text;
}

}  // namespace

std::string explain_rule(const ir::Program& program, const std::vector<KindView>& kinds,
                         uint32_t index) {
  const ir::Rule& rule = program.rules[index];
  std::string text = fmt::format("{}\n  {}:{}\n", rule.name, rule.origin.file, rule.origin.line);
  text += fmt::format("  condition: {}\n", ir::print_condition(program, rule.condition));
  const std::vector<Group> groups = groups_of(kinds, index);
  if (groups.empty()) {
    return text + (rule.enabled ? "  No event can make it true.\n" : "  It is disabled.\n");
  }
  text += explain_facts(program, index);
  for (const Group& group : groups) text += explain_group(group);
  return text;
}

}  // namespace falcoc::cli
