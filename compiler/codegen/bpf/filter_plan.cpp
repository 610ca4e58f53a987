#include "compiler/codegen/bpf/filter_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/codegen/bpf/guards.h"

namespace falcoc::bpf {
namespace {

using ir::split::GuardBuilder;
using ir::split::GuardId;
using ir::split::GuardNode;
using ir::split::KernelPlan;
using ir::split::KernelTest;

/// What a part may come to, in instructions by estimate. Jumps reach 32,767 instructions far.
constexpr size_t kPartInstructions = 12'000;
constexpr size_t kInstructionsPerTest = 8;
constexpr size_t kBytesPerComparison = 8;
constexpr size_t kInstructionsPerComparison = 6;
/// A test of more literals or ranges than this is not asked, unless in a map: it alone would fill a
/// program.
constexpr size_t kMostLiterals = 1000;
/// Tests of one filter that are answered by maps; a program may use 64 maps, and a set of texts is
/// several.
constexpr size_t kMostLookedUp = 7;
constexpr size_t kInstructionsPerLookup = 400;

/// Instructions for what lies below these guards, each node and test once.
class Size {
 public:
  explicit Size(const KernelPlan& plan)
      : plan_(plan), seen_(plan.nodes.size()), tested_(plan.tests.size()) {}

  size_t add(GuardId guard) {
    if (seen_[static_cast<size_t>(guard)]) return kInstructionsPerTest;
    seen_[static_cast<size_t>(guard)] = true;
    const GuardNode& node = plan_.node(guard);
    size_t size = kInstructionsPerTest;
    const bool is_test =
        node.kind == GuardNode::Kind::TEST || node.kind == GuardNode::Kind::NOT_TEST;
    if (is_test && !tested_[static_cast<size_t>(node.test)]) {
      tested_[static_cast<size_t>(node.test)] = true;
      const KernelTest& test = plan_.test(node.test);
      if (is_looked_up(test)) return size + kInstructionsPerLookup;
      size += test.ranges.size() * kInstructionsPerComparison;
      for (const std::string& literal : test.literals) {
        const size_t places =
            test.match == ir::split::TextMatch::CONTAINS ? kBytesPerComparison : 1;
        size += places * (literal.size() / kBytesPerComparison + 2) * kInstructionsPerComparison;
      }
    }
    for (const GuardId child : node.children) size += add(child);
    return size;
  }

 private:
  const KernelPlan& plan_;
  std::vector<bool> seen_;
  std::vector<bool> tested_;
};

/// Guards by candidate bit; what stands for several rules is true if it is for one of them.
struct Bits {
  KernelPlan plan;
  std::vector<Decided> decided;
};

/// Calls `visit(const KernelTest&)` for every test below a guard; false if one of the calls is.
template <typename Visitor>
bool for_each_test(const KernelPlan& plan, GuardId guard, Visitor&& visit) {
  const GuardNode& node = plan.node(guard);
  if (node.kind == GuardNode::Kind::TEST || node.kind == GuardNode::Kind::NOT_TEST) {
    return visit(plan.test(node.test));
  }
  return std::ranges::all_of(node.children,
                             [&](GuardId child) { return for_each_test(plan, child, visit); });
}

/// Leaves out tests that would need more programs or maps than there may be.
Decision affordable(const KernelPlan& plan, const std::vector<Decided>& guards) {
  std::set<KernelTest> looked_up;
  for (const Decided& each : guards) {  // the plan has tests that simplification has left over
    for_each_test(plan, each.guard, [&](const KernelTest& test) {
      if (is_looked_up(test) && looked_up.size() < kMostLookedUp) looked_up.insert(test);
      return true;
    });
  }
  return [looked_up = std::move(looked_up)](const KernelTest& test, bool) -> std::optional<bool> {
    const bool is_long = std::max(test.literals.size(), test.ranges.size()) > kMostLiterals;
    const bool is_missing = is_looked_up(test) ? !looked_up.contains(test) : is_long;
    return is_missing ? std::optional(true) : std::nullopt;
  };
}

Bits by_bit(const KernelPlan& from, const std::vector<Decided>& guards, const Decision& decision) {
  GuardBuilder builder;
  GuardRewriter rewriter(from, builder, decision);
  std::map<uint64_t, std::vector<GuardId>> alternatives;
  for (const Decided& each : guards) {
    alternatives[each.bits].push_back(rewriter.rewrite(each.guard));
  }
  std::map<GuardId, uint64_t> bits;
  for (auto& [bit, any] : alternatives) bits[builder.any_of(std::move(any))] |= bit;
  Bits result;
  for (const auto& [guard, all] : bits) {
    if (guard != KernelPlan::kFalse) result.decided.push_back({all, guard});
  }
  std::move(builder).finish(result.plan);
  return result;
}

/// Whether a test below the guard is such a one.
bool asks(const KernelPlan& plan, GuardId guard, bool (*is_such)(const KernelTest&)) {
  return !for_each_test(plan, guard, [&](const KernelTest& test) { return !is_such(test); });
}

bool is_about_fact(const KernelTest& test) { return test.kind == KernelTest::Kind::FACT; }

bool is_about_text(const KernelTest& test) {
  return test.kind == KernelTest::Kind::TEXT || test.kind == KernelTest::Kind::TEXT_STATE;
}

/// What is left of the guards after a decision, in the part's own plan.
class PartMaker {
 public:
  PartMaker(const Bits& bits, std::vector<Decided> decided)
      : bits_(bits), decided_(std::move(decided)) {}

  /// Nothing if there are more questions about texts than there is room for answers.
  std::optional<PartPlan> make() {
    PartPlan part;
    GuardBuilder builder;
    GuardRewriter all(bits_.plan, builder, [](const KernelTest&, bool) { return std::nullopt; });
    GuardRewriter numbers(bits_.plan, builder, numbers_alone);
    GuardRewriter nothing(bits_.plan, builder, nothing_found);
    std::vector<GuardId> by_numbers;
    std::vector<Decided> if_nothing;
    for (const Decided& each : decided_) {
      part.decided.push_back({each.bits, all.rewrite(each.guard)});
      by_numbers.push_back(numbers.rewrite(each.guard));
      const GuardId left = nothing.rewrite(each.guard);
      if (left != KernelPlan::kFalse) if_nothing.push_back({each.bits, left});
    }
    part.by_numbers = builder.any_of(std::move(by_numbers));
    std::move(builder).finish(part.plan);
    for (const Decided& each : part.decided) {
      part.bits |= each.bits;
      const bool added = for_each_test(part.plan, each.guard, [&](const KernelTest& test) {
        if (is_about_text(test)) part.texts_used |= 1u << test.text;
        return test.kind != KernelTest::Kind::TEXT || part.questions.add(test);
      });
      if (!added) return std::nullopt;
    }
    if (!part.questions.empty()) part.if_nothing_found = std::move(if_nothing);
    return part;
  }

 private:
  const Bits& bits_;
  std::vector<Decided> decided_;
};

/// Cuts where a program would become too long, or would ask too much of one text.
std::vector<PartPlan> cut(const Bits& bits) {
  std::vector<std::vector<Decided>> groups(1);
  Size size(bits.plan);
  size_t used = 0;
  for (const Decided& each : bits.decided) {
    const size_t more = size.add(each.guard);
    if (used + more > kPartInstructions && !groups.back().empty()) {
      groups.emplace_back();
      used = 0;
    }
    groups.back().push_back(each);
    used += more;
  }
  std::vector<PartPlan> parts;
  while (!groups.empty()) {
    std::vector<Decided> group = std::move(groups.front());
    groups.erase(groups.begin());
    if (auto part = PartMaker(bits, group).make()) {
      parts.push_back(std::move(*part));
    } else if (group.size() > 1) {
      const auto middle = group.begin() + static_cast<ptrdiff_t>(group.size() / 2);
      groups.insert(groups.begin(), {{group.begin(), middle}, {middle, group.end()}});
    } else {  // one rule that asks all that: it passes
      Bits passing;
      GuardBuilder().finish(passing.plan);
      parts.push_back(*PartMaker(passing, {{group.front().bits, KernelPlan::kTrue}}).make());
    }
  }
  return parts;
}

/// Texts are searched once, for early and late parts together, if there is one of each and room for
/// all answers: the verifier walks each search at some length.
void share_search(FilterPlan& filter) {
  if (filter.early.size() != 1 || filter.late.size() != 1) return;
  PartPlan& early = filter.early.front();
  PartPlan& late = filter.late.front();
  TextQuestions all = early.questions;
  for (const Decided& each : late.decided) {
    const bool added = for_each_test(late.plan, each.guard, [&](const KernelTest& test) {
      return test.kind != KernelTest::Kind::TEXT || all.add(test);
    });
    if (!added) return;
  }
  early.questions = late.questions = std::move(all);
  late.searches = false;
}

}  // namespace

std::optional<FilterPlan> plan_filter(const KernelPlan& plan) {
  if (plan.passes_everything()) return std::nullopt;
  std::vector<Decided> guards;
  for (const ir::split::RuleGuard& rule : plan.rules) {
    guards.push_back({uint64_t{1} << rule.candidate, rule.guard});
  }
  const Bits whole = by_bit(plan, guards, affordable(plan, guards));
  const Bits early = by_bit(whole.plan, whole.decided, at_hand);
  const bool passes = std::ranges::any_of(
      whole.decided, [](const Decided& each) { return each.guard == KernelPlan::kTrue; });
  if (passes) return std::nullopt;
  FilterPlan filter{.kind = plan.kind, .texts = plan.texts, .descriptor = plan.descriptor};
  filter.early = cut(early);
  Bits late{.plan = whole.plan, .decided = {}};
  for (const Decided& each : whole.decided) {
    const bool facts = asks(whole.plan, each.guard, is_about_fact);
    const bool descriptor = asks(whole.plan, each.guard, ir::split::is_about_descriptor);
    if (!facts && !descriptor) continue;
    filter.asks_facts |= facts;
    filter.asks_descriptor |= descriptor;
    late.decided.push_back(each);
    filter.late_bits |= each.bits;
  }
  if (!late.decided.empty()) filter.late = cut(late);
  for (auto* parts : {&filter.early, &filter.late}) {
    for (PartPlan& part : *parts) {
      filter.texts_used |= part.texts_used;
      part.plan.kind = plan.kind;
      part.plan.texts = plan.texts;
    }
  }
  share_search(filter);
  filter.wants_last_slash.resize(plan.texts.size());
  for (size_t i = 0; i < plan.texts.size(); ++i) {
    if (!needs_last_slash(plan, static_cast<uint8_t>(i))) continue;
    filter.wants_last_slash[i] = filter.wants_last_slash[filter.slot(i)] = true;
  }
  if (filter.parts_of_one() > kMostParts) return std::nullopt;
  return filter;
}

}  // namespace falcoc::bpf
