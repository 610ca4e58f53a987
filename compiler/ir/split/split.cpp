// Guards of all rules of one kind, bottom-up over the specialised DAG.
#include "compiler/ir/split/split.h"

#include <algorithm>

#include "compiler/ir/facts.h"
#include "compiler/ir/split/atom_bounds.h"

namespace falcoc::ir::split {
namespace {

size_t index(NodeId id) { return static_cast<size_t>(id); }

class SplitPass {
 public:
  SplitPass(const Program& program, const Specialized& specialized, const Options& options)
      : program_(program),
        specialized_(specialized),
        options_(options),
        guards_(options.simplify),
        values_(specialized.kind, guards_),
        bounds_(specialized.nodes.size()),
        inexact_(specialized.nodes.size()) {}

  KernelPlan run() && {
    for (size_t i = 0; i < specialized_.nodes.size(); ++i) {
      bounds_[i] = of_node(NodeId(static_cast<uint32_t>(i)));
    }
    KernelPlan plan;
    plan.kind = specialized_.kind;
    for (uint32_t rule = 0; rule < specialized_.conditions.size(); ++rule) {
      const NodeId condition = specialized_.conditions[rule];
      if (condition == Specialized::kFalse) continue;
      plan.rules.push_back({.rule = rule,
                            .guard = mutated_ends(bounds_[index(condition)].may_be_true),
                            .blames = blames_of(condition)});
    }
    for (size_t i = 0; i < plan.rules.size(); ++i) {
      plan.rules[i].candidate = candidate_bit(i, plan.rules.size());
    }
    plan.texts = values_.texts();
    plan.descriptor = values_.descriptor();
    std::move(guards_).finish(plan);
    return plan;
  }

 private:
  uint32_t fact_of(NodeId id) const {
    return options_.facts.empty() ? ProcessFacts::kNone : options_.facts[index(id)];
  }

  Bounds of_node(NodeId id) {
    Bounds bounds = structure_of(id, specialized_.node(id));
    const uint32_t fact = fact_of(id);
    if (fact == ProcessFacts::kNone) return bounds;
    const auto bit = [&](bool negative) {
      return guards_.test({.kind = KernelTest::Kind::FACT, .fact = fact, .negative = negative});
    };
    inexact_[index(id)] = {};
    return {guards_.all_of({bounds.may_be_true, bit(false)}),
            guards_.all_of({bounds.may_be_false, bit(true)})};
  }

  Bounds structure_of(NodeId id, const Node& node) {
    switch (node.kind) {
      case Node::Kind::FALSE:
        return {KernelPlan::kFalse, KernelPlan::kTrue};
      case Node::Kind::TRUE:
        return {KernelPlan::kTrue, KernelPlan::kFalse};
      case Node::Kind::ATOM: {
        const AtomBounds atom = bounds_of_atom(program_, node, values_, guards_, options_.mutation);
        if (atom.reason != Reason::NONE) {
          inexact_[index(id)] = {.check = specialized_.origins[index(id)],
                                 .reason = atom.reason,
                                 .is_unknown = atom.bounds.is_unknown()};
        }
        return atom.bounds;
      }
      case Node::Kind::NOT: {
        const Bounds& child = bounds_[index(node.children.front())];
        if (options_.mutation == Mutation::NOT_KEEPS_SIDES) return child;
        return {child.may_be_false, child.may_be_true};
      }
      case Node::Kind::AND:
      case Node::Kind::OR:
        return connective(node);
    }
    return {};
  }

  Bounds connective(const Node& node) {
    std::vector<GuardId> may_be_true, may_be_false;
    for (const NodeId child : node.children) {
      may_be_true.push_back(bounds_[index(child)].may_be_true);
      may_be_false.push_back(bounds_[index(child)].may_be_false);
    }
    if (node.kind == Node::Kind::AND) {
      return {guards_.all_of(std::move(may_be_true)), guards_.any_of(std::move(may_be_false))};
    }
    if (options_.mutation == Mutation::OR_TAKES_THE_FIRST) may_be_true.resize(1);
    return {guards_.any_of(std::move(may_be_true)), guards_.all_of(std::move(may_be_false))};
  }

  std::vector<Blame> blames_of(NodeId condition) const {
    std::vector<Blame> blames;
    std::vector<NodeId> pending{condition};
    std::vector<bool> seen(specialized_.nodes.size());
    while (!pending.empty()) {
      const NodeId id = pending.back();
      pending.pop_back();
      if (seen[index(id)]) continue;
      seen[index(id)] = true;
      if (fact_of(id) != ProcessFacts::kNone) continue;
      if (inexact_[index(id)].reason != Reason::NONE) blames.push_back(inexact_[index(id)]);
      std::ranges::copy(specialized_.node(id).children, std::back_inserter(pending));
    }
    std::ranges::sort(blames, {}, &Blame::check);
    return blames;
  }

  /// Mutation::RANGES_LOSE_THEIR_ENDS, else the guard itself.
  GuardId mutated_ends(GuardId guard) {
    if (options_.mutation != Mutation::RANGES_LOSE_THEIR_ENDS) return guard;
    const GuardNode node = guards_.node(guard);
    if (node.kind == GuardNode::Kind::TEST &&
        guards_.test_of(node).kind == KernelTest::Kind::NUMBER) {
      KernelTest test = guards_.test_of(node);
      std::vector<Range> shorter;
      for (Range range : test.ranges) {
        if (range.last > range.first) --range.last;
        shorter.push_back(range);
      }
      return guards_.number_in(test.number, std::move(shorter));
    }
    if (node.children.empty()) return guard;
    std::vector<GuardId> children;
    for (const GuardId child : node.children) children.push_back(mutated_ends(child));
    return node.kind == GuardNode::Kind::AND ? guards_.all_of(children) : guards_.any_of(children);
  }

  const Program& program_;
  const Specialized& specialized_;
  const Options& options_;
  GuardBuilder guards_;
  KernelValues values_;
  std::vector<Bounds> bounds_;
  std::vector<Blame> inexact_;
};

}  // namespace

KernelPlan plan_kernel(const Program& program, const Specialized& specialized,
                       const Options& options) {
  return SplitPass(program, specialized, options).run();
}

KernelPlan plan_kernel(const Program& program, const ProcessFacts& facts,
                       const Specialized& specialized, Mutation mutation) {
  if (!filterable_kinds().test(specialized.kind)) {
    return plan_kernel(program, specialized, {.facts = {}, .mutation = mutation});
  }
  const FactLeaves leaves = fact_leaves(program, facts, specialized);
  std::vector<uint32_t> bits;
  for (const uint32_t fact : leaves.fact) {
    bits.push_back(fact == ProcessFacts::kNone ? fact : facts.facts[fact].bit);
  }
  return plan_kernel(program, leaves.specialized, {.facts = bits, .mutation = mutation});
}

std::vector<KernelPlan> plan_kernel(const Program& program, Mutation mutation) {
  const ProcessFacts facts = process_facts(program);
  const EventSet kinds = live_kinds(program) & filterable_kinds();
  std::vector<KernelPlan> plans;
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (!kinds.test(kind)) continue;
    plans.push_back(
        plan_kernel(program, facts, specialize(program, static_cast<EventKind>(kind)), mutation));
  }
  return plans;
}

bool KernelPlan::passes_everything() const {
  return std::ranges::any_of(rules, [](const RuleGuard& rule) { return rule.guard == kTrue; });
}

}  // namespace falcoc::ir::split
