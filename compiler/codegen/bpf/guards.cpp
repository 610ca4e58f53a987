#include "compiler/codegen/bpf/guards.h"

#include <algorithm>

namespace falcoc::bpf {

using ir::split::GuardId;
using ir::split::GuardNode;
using ir::split::KernelPlan;
using ir::split::KernelTest;
using Kind = ir::split::KernelTest::Kind;

GuardId GuardRewriter::leaf(const GuardNode& node) {
  const KernelTest& test = from_.test(node.test);
  const bool positive = node.kind == GuardNode::Kind::TEST;
  if (const auto known = decision_(test, positive)) {
    return *known ? KernelPlan::kTrue : KernelPlan::kFalse;
  }
  const GuardId made = to_.test(test);
  return positive ? made : to_.negate(made);
}

GuardId GuardRewriter::rewrite(GuardId guard) {
  auto& done = done_[static_cast<size_t>(guard)];
  if (done) return *done;
  const GuardNode& node = from_.node(guard);
  GuardId made{};
  switch (node.kind) {
    case GuardNode::Kind::FALSE:
      made = KernelPlan::kFalse;
      break;
    case GuardNode::Kind::TRUE:
      made = KernelPlan::kTrue;
      break;
    case GuardNode::Kind::TEST:
    case GuardNode::Kind::NOT_TEST:
      made = leaf(node);
      break;
    case GuardNode::Kind::AND:
    case GuardNode::Kind::OR: {
      std::vector<GuardId> children;
      for (const GuardId child : node.children) children.push_back(rewrite(child));
      made = node.kind == GuardNode::Kind::AND ? to_.all_of(std::move(children))
                                               : to_.any_of(std::move(children));
      break;
    }
  }
  done = made;
  return made;
}

std::optional<bool> at_hand(const KernelTest& test, bool) {
  const bool is_found = test.kind == Kind::FACT || ir::split::is_about_descriptor(test);
  return is_found ? std::optional(true) : std::nullopt;
}

std::optional<bool> numbers_alone(const KernelTest& test, bool) {
  return test.kind == Kind::NUMBER ? std::nullopt : std::optional(true);
}

std::optional<bool> nothing_found(const KernelTest& test, bool positive) {
  switch (test.kind) {
    case Kind::TEXT_STATE:
      return ((test.states & ir::split::kTextNormal) != 0) == positive;
    case Kind::TEXT: {
      // what lies in the root is not sought, see text_questions.h
      const bool of_root = test.part == ir::split::TextPart::DIRECTORY &&
                           std::ranges::binary_search(test.literals, "/");
      if (of_root) return std::nullopt;
      return !positive;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace falcoc::bpf
