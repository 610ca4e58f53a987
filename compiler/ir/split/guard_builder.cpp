// Hash-consing and the simplifications of guards.
#include "compiler/ir/split/guard_builder.h"

#include <algorithm>
#include <utility>

namespace falcoc::ir::split {
namespace {

constexpr uint8_t kAllStates = kTextUnreadable | kTextLong | kTextReadable;

bool is_leaf(const GuardNode& node) {
  return node.kind == GuardNode::Kind::TEST || node.kind == GuardNode::Kind::NOT_TEST;
}

GuardNode::Kind opposite(GuardNode::Kind connective) {
  return connective == GuardNode::Kind::AND ? GuardNode::Kind::OR : GuardNode::Kind::AND;
}

/// Tests of one text that can be one test with the literals of both.
bool same_search(const KernelTest& left, const KernelTest& right) {
  return left.text == right.text && left.part == right.part && left.match == right.match &&
         left.folded == right.folded;
}

std::vector<std::string> all_literals(const KernelTest& left, const KernelTest& right) {
  std::vector<std::string> all;
  std::ranges::set_union(left.literals, right.literals, std::back_inserter(all));
  return all;
}

}  // namespace

GuardBuilder::GuardBuilder(bool simplify) : simplify_(simplify) {
  add({.kind = GuardNode::Kind::FALSE});
  add({.kind = GuardNode::Kind::TRUE});
}

GuardId GuardBuilder::add(GuardNode node) {
  const auto [place, is_new] =
      node_ids_.emplace(std::move(node), GuardId(static_cast<uint32_t>(nodes_.size())));
  if (is_new) nodes_.push_back(place->first);
  return place->second;
}

GuardId GuardBuilder::leaf(KernelTest test, bool positive) {
  const auto [place, is_new] =
      test_ids_.emplace(std::move(test), TestId(static_cast<uint32_t>(tests_.size())));
  if (is_new) tests_.push_back(place->first);
  return add({.kind = positive ? GuardNode::Kind::TEST : GuardNode::Kind::NOT_TEST,
              .test = place->second});
}

GuardId GuardBuilder::test(KernelTest test) {
  switch (test.kind) {
    case KernelTest::Kind::NUMBER:
      return number_in(test.number, std::move(test.ranges));
    case KernelTest::Kind::TEXT_STATE:
      return text_state(test.text, test.states);
    case KernelTest::Kind::TEXT:
      if (test.literals.empty()) return KernelPlan::kFalse;
      return leaf(std::move(test), true);
    case KernelTest::Kind::FACT:
      return leaf(std::move(test), true);
  }
  return KernelPlan::kTrue;
}

GuardId GuardBuilder::number_in(const KernelNumber& number, std::vector<Range> ranges) {
  ranges = united(std::move(ranges));
  if (ranges.empty()) return KernelPlan::kFalse;
  if (complement(ranges).empty()) return KernelPlan::kTrue;
  return leaf({.kind = KernelTest::Kind::NUMBER, .number = number, .ranges = std::move(ranges)},
              true);
}

GuardId GuardBuilder::text_state(uint8_t text, uint8_t states) {
  states &= kAllStates;
  if (states == 0) return KernelPlan::kFalse;
  if (states == kAllStates) return KernelPlan::kTrue;
  return leaf({.kind = KernelTest::Kind::TEXT_STATE, .text = text, .states = states}, true);
}

GuardId GuardBuilder::negate(GuardId guard) {
  const GuardNode node = nodes_[static_cast<size_t>(guard)];
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      return KernelPlan::kTrue;
    case GuardNode::Kind::TRUE:
      return KernelPlan::kFalse;
    case GuardNode::Kind::TEST:
    case GuardNode::Kind::NOT_TEST: {
      const KernelTest test = test_of(node);
      if (test.kind == KernelTest::Kind::NUMBER) {
        return number_in(test.number, complement(test.ranges));
      }
      if (test.kind == KernelTest::Kind::TEXT_STATE) {
        return text_state(test.text, static_cast<uint8_t>(~test.states & kAllStates));
      }
      return leaf(test, node.kind == GuardNode::Kind::NOT_TEST);
    }
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR: {
      std::vector<GuardId> children;
      for (const GuardId child : node.children) children.push_back(negate(child));
      return node.kind == GuardNode::Kind::AND ? any_of(std::move(children))
                                               : all_of(std::move(children));
    }
  }
  return KernelPlan::kTrue;
}

GuardId GuardBuilder::all_of(std::vector<GuardId> children) {
  return connect(GuardNode::Kind::AND, std::move(children));
}

GuardId GuardBuilder::any_of(std::vector<GuardId> children) {
  return connect(GuardNode::Kind::OR, std::move(children));
}

bool GuardBuilder::merge(GuardNode::Kind kind, const GuardNode& left, const GuardNode& right,
                         GuardId& out) {
  if (!is_leaf(left) || !is_leaf(right)) return false;
  const KernelTest a = test_of(left), b = test_of(right);
  const bool is_and = kind == GuardNode::Kind::AND;
  if (left.test == right.test && left.kind != right.kind) {
    out = is_and ? KernelPlan::kFalse : KernelPlan::kTrue;
    return true;
  }
  if (a.kind != b.kind || left.kind != right.kind) return false;
  switch (a.kind) {
    case KernelTest::Kind::NUMBER: {
      if (a.number != b.number) return false;
      std::vector<Range> ranges = a.ranges;
      if (!is_and) std::ranges::copy(b.ranges, std::back_inserter(ranges));
      out =
          number_in(a.number, is_and ? intersected(a.ranges, b.ranges) : united(std::move(ranges)));
      return true;
    }
    case KernelTest::Kind::TEXT_STATE:
      if (a.text != b.text) return false;
      out = text_state(a.text,
                       static_cast<uint8_t>(is_and ? a.states & b.states : a.states | b.states));
      return true;
    case KernelTest::Kind::TEXT: {
      // either matches one of all literals; neither matches none of all
      if (!same_search(a, b) || is_and == (left.kind == GuardNode::Kind::TEST)) return false;
      KernelTest both = a;
      both.literals = all_literals(a, b);
      out = leaf(std::move(both), left.kind == GuardNode::Kind::TEST);
      return true;
    }
    case KernelTest::Kind::FACT:
      return false;
  }
  return false;
}

GuardId GuardBuilder::connect(GuardNode::Kind kind, std::vector<GuardId> children) {
  const GuardId absorbing = kind == GuardNode::Kind::AND ? KernelPlan::kFalse : KernelPlan::kTrue;
  const GuardId neutral = kind == GuardNode::Kind::AND ? KernelPlan::kTrue : KernelPlan::kFalse;
  std::vector<GuardId> flat;
  for (const GuardId child : children) {
    const GuardNode& made = node(child);
    if (made.kind == kind) {
      std::ranges::copy(made.children, std::back_inserter(flat));
    } else {
      flat.push_back(child);
    }
  }
  std::vector<GuardId> kept;
  for (GuardId child : flat) {
    // a merged test may merge again
    for (size_t i = 0; i < kept.size();) {
      GuardId merged{};
      const GuardNode left = node(kept[i]), right = node(child);
      if (merge(kind, left, right, merged)) {
        kept.erase(kept.begin() + static_cast<ptrdiff_t>(i));
        child = merged;
        i = 0;
      } else {
        ++i;
      }
    }
    if (child == absorbing) return absorbing;
    if (child != neutral) kept.push_back(child);
  }
  std::ranges::sort(kept);
  kept.erase(std::ranges::unique(kept).begin(), kept.end());
  if (simplify_ && kept.size() > 1) {
    absorb(kind, kept);
    if (factor_out(kind, kept)) return connect(kind, std::move(kept));
  }
  if (kept.empty()) return neutral;
  if (kept.size() == 1) return kept.front();
  return add({.kind = kind, .children = std::move(kept)});
}

/// x or (x and y) = x, and the same the other way round. `sorted` stays sorted.
void GuardBuilder::absorb(GuardNode::Kind kind, std::vector<GuardId>& sorted) const {
  const GuardNode::Kind inner = opposite(kind);
  std::vector<GuardId> kept;
  for (const GuardId child : sorted) {
    const GuardNode& made = node(child);
    const bool implied = made.kind == inner && std::ranges::any_of(made.children, [&](GuardId id) {
                           return std::ranges::binary_search(sorted, id);
                         });
    if (!implied) kept.push_back(child);
  }
  sorted = std::move(kept);
}

/// (x and y) or (x and z) = x and (y or z), and the same the other way round: what many share is
/// asked once, and what is left may be one test. True if something was factored out.
bool GuardBuilder::factor_out(GuardNode::Kind kind, std::vector<GuardId>& children) {
  const GuardNode::Kind inner = opposite(kind);
  std::map<GuardId, size_t> uses;
  for (const GuardId child : children) {
    if (node(child).kind != inner) continue;
    for (const GuardId part : node(child).children) ++uses[part];
  }
  const auto most = std::ranges::max_element(uses, {}, [](const auto& use) { return use.second; });
  if (most == uses.end() || most->second < 2) return false;
  const GuardId shared = most->first;
  std::vector<GuardId> others, rests;
  for (const GuardId child : children) {
    std::vector<GuardId> parts = node(child).children;
    const auto place = std::ranges::find(parts, shared);
    if (node(child).kind != inner || place == parts.end()) {
      others.push_back(child);
      continue;
    }
    parts.erase(place);
    rests.push_back(connect(inner, std::move(parts)));
  }
  others.push_back(connect(inner, {shared, connect(kind, std::move(rests))}));
  children = std::move(others);
  return true;
}

void GuardBuilder::finish(KernelPlan& plan) && {
  plan.tests = std::move(tests_);
  plan.nodes = std::move(nodes_);
}

}  // namespace falcoc::ir::split
