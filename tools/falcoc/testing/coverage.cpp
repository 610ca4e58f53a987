#include "tools/falcoc/testing/coverage.h"

#include <algorithm>
#include <utility>

#include "compiler/ir/compile.h"
#include "compiler/ir/print.h"

namespace falcoc::cli {

namespace {

bool is_of_event_type(FieldId field) {
  return field == FieldId::evt_type || field == FieldId::evt_type_is ||
         field == FieldId::syscall_type || field == FieldId::evt_dir;
}

/// What the event's type decides, and `evt.num = 0`, by which rules say never.
bool is_fixed(const ir::Program& program, const ir::Node& atom) {
  const ir::Operand& left = program.operand(atom.left);
  if (left.kind != ir::Operand::Kind::FIELD) return false;
  const FieldId field = program.field(left.field).id;
  if (is_of_event_type(field)) return true;
  if (field != FieldId::evt_num || atom.right_side != ir::Node::RightSide::LITERALS) return false;
  const auto& literals = program.literal_set(atom.literals);
  return literals.size() == 1 && literals.front().number == 0;
}

/// Checks of a condition, each once, in the order they are written.
std::vector<ir::NodeId> checks_of(const ir::Program& program, ir::NodeId condition) {
  std::vector<ir::NodeId> found;
  std::vector<bool> seen(program.nodes.size());
  std::vector<ir::NodeId> open{condition};
  while (!open.empty()) {
    const ir::NodeId id = open.back();
    open.pop_back();
    if (seen[static_cast<size_t>(id)]) continue;
    seen[static_cast<size_t>(id)] = true;
    const ir::Node& node = program.node(id);
    open.insert(open.end(), node.children.rbegin(), node.children.rend());
    if (node.kind == ir::Node::Kind::ATOM && !is_fixed(program, node)) found.push_back(id);
  }
  return found;
}

/// What checks compare with, one at a time: each item of a list as a check of its own, in a program
/// that goes on where the rules' ends.
class Items {
 public:
  Items(const ir::Program& program, const Trials& trials) : of_(program.nodes.size()) {
    ir::ProgramBuilder builder(program);
    for (size_t i = 0; i < program.nodes.size(); ++i) add(program, i, builder);
    program_ = std::move(builder).finish();
    trials_.reserve(trials.size());
    for (const auto& trial : trials) trials_.emplace_back(program_, trial->test());
  }

  /// Of the items of `check` those that held in no trial that `counts`.
  template <typename Counts>
  std::vector<std::string> unmet(ir::NodeId check, Counts counts) const {
    std::vector<std::string> names;
    for (const auto& [name, node] : of_[static_cast<size_t>(check)]) {
      bool met = false;
      for (size_t i = 0; i < trials_.size() && !met; ++i) met = counts(i) && trials_[i].holds(node);
      if (!met) names.push_back(name);
    }
    return names;
  }

 private:
  void add(const ir::Program& program, size_t index, ir::ProgramBuilder& builder) {
    const ir::Node& atom = program.nodes[index];
    if (atom.kind != ir::Node::Kind::ATOM || atom.right_side != ir::Node::RightSide::LITERALS)
      return;
    const std::vector<ir::Literal>& literals = program.literal_set(atom.literals);
    if (literals.size() < 2) return;
    const ir::Type type = program.operand(atom.left).type;
    for (const ir::Literal& literal : literals) {
      ir::Node single = atom;
      // a list is in what holds all of it; here it is enough that the item is in the list
      if (atom.op == ir::Operator::IN && type.shape == Shape::LIST)
        single.op = ir::Operator::INTERSECTS;
      single.literals = builder.literals({literal});
      of_[index].emplace_back(ir::print_literal(type.param, atom.op, literal),
                              builder.atom(single));
    }
  }

  ir::Program program_;
  std::vector<Trial> trials_;  ///< parallel to the trials of the rules
  std::vector<std::vector<std::pair<std::string, ir::NodeId>>> of_;  ///< by check
};

bool sees(const Trial& trial, uint32_t rule) {
  return std::ranges::binary_search(trial.candidates(), rule);
}

}  // namespace

size_t RuleCoverage::seen() const {
  size_t count = 0;
  for (const CheckCoverage& check : checks) {
    count += (check.was_true ? 1u : 0u) + (check.was_false ? 1u : 0u);
  }
  return count;
}

bool is_tested(const ir::Program& program, const Trials& trials, uint32_t rule) {
  const auto names_it = [&](const RuleName& name) { return name.text == program.rules[rule].name; };
  return std::ranges::any_of(trials, [&](const auto& trial) {
    const Expectation& expectation = trial->test().expectation;
    return std::ranges::any_of(expectation.alerts, names_it) ||
           std::ranges::any_of(expectation.rejects, names_it);
  });
}

std::vector<RuleCoverage> cover(const ir::Program& program, const Trials& trials) {
  const Items items(program, trials);
  std::vector<RuleCoverage> all;
  for (uint32_t rule = 0; rule < program.rules.size(); ++rule) {
    if (!program.rules[rule].enabled) continue;
    RuleCoverage& coverage = all.emplace_back(RuleCoverage{rule, {}});
    for (const ir::NodeId check : checks_of(program, program.rules[rule].condition)) {
      CheckCoverage& of = coverage.checks.emplace_back(CheckCoverage{.check = check});
      for (const auto& trial : trials) {
        if (sees(*trial, rule)) (trial->holds(check) ? of.was_true : of.was_false) = true;
      }
      if (!of.was_true) continue;
      of.unmet = items.unmet(check, [&](size_t trial) { return sees(*trials[trial], rule); });
    }
  }
  return all;
}

std::string_view mutation_name(Mutation mutation) {
  switch (mutation) {
    case Mutation::NEGATED:
      return "negated";
    case Mutation::ALWAYS_TRUE:
      return "always true";
    case Mutation::ALWAYS_FALSE:
      return "always false";
  }
  return "";
}

namespace {

bool value_of(const Trial& trial, ir::NodeId check, Mutation mutation) {
  if (mutation == Mutation::NEGATED) return !trial.holds(check);
  return mutation == Mutation::ALWAYS_TRUE;
}

/// Whether a test fails with the mutant in place of its rule.
bool is_noticed(const ir::Program& program, const Trials& trials, const Mutant& mutant,
                bool all_rules) {
  for (const auto& trial : trials) {
    const bool value = value_of(*trial, mutant.check, mutant.mutation);
    if (!sees(*trial, mutant.rule) || value == trial->holds(mutant.check)) continue;
    const bool matches = trial->matches_if(mutant.rule, mutant.check, value);
    if (matches == trial->matches(mutant.rule)) continue;
    std::vector<uint32_t> matching;
    for (const uint32_t rule : trial->candidates()) {
      if (rule == mutant.rule ? matches : trial->matches(rule)) matching.push_back(rule);
    }
    // A test that fails anyway notices nothing.
    if (judge(program, *trial, matching_rules(*trial), all_rules).empty() &&
        !judge(program, *trial, matching, all_rules).empty()) {
      return true;
    }
  }
  return false;
}

}  // namespace

MutationResult mutate(const ir::Program& program, const Trials& trials, bool all_rules) {
  MutationResult result;
  for (uint32_t rule = 0; rule < program.rules.size(); ++rule) {
    if (!program.rules[rule].enabled || !is_tested(program, trials, rule)) continue;
    for (const ir::NodeId check : checks_of(program, program.rules[rule].condition)) {
      for (const Mutation mutation :
           {Mutation::NEGATED, Mutation::ALWAYS_TRUE, Mutation::ALWAYS_FALSE}) {
        const Mutant mutant{rule, check, mutation};
        ++result.tried;
        if (!is_noticed(program, trials, mutant, all_rules)) result.survivors.push_back(mutant);
      }
    }
  }
  return result;
}

}  // namespace falcoc::cli
