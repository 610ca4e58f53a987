// Builds hash-consed guards. Every add simplifies what costs nothing: constants, nested
// connectives, opposites, and tests of the same number or text that are one test together.
#pragma once

#include <map>

#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::ir::split {

class GuardBuilder {
 public:
  /// `simplify`: also absorbs what is implied and factors out what is shared.
  explicit GuardBuilder(bool simplify = true);

  GuardId test(KernelTest test);
  GuardId number_in(const KernelNumber& number, std::vector<Range> ranges);
  GuardId text_state(uint8_t text, uint8_t states);
  GuardId all_of(std::vector<GuardId> children);
  GuardId any_of(std::vector<GuardId> children);
  GuardId negate(GuardId guard);

  const GuardNode& node(GuardId id) const { return nodes_[static_cast<size_t>(id)]; }
  const KernelTest& test_of(const GuardNode& node) const {
    return tests_[static_cast<size_t>(node.test)];
  }
  /// Moves what was built into the plan.
  void finish(KernelPlan& plan) &&;

 private:
  GuardId add(GuardNode node);
  GuardId leaf(KernelTest test, bool positive);
  GuardId connect(GuardNode::Kind kind, std::vector<GuardId> children);
  void absorb(GuardNode::Kind kind, std::vector<GuardId>& sorted) const;
  bool factor_out(GuardNode::Kind kind, std::vector<GuardId>& children);
  /// One test that is the connective of two, if there is one.
  bool merge(GuardNode::Kind kind, const GuardNode& left, const GuardNode& right, GuardId& out);

  bool simplify_;
  std::vector<KernelTest> tests_;
  std::vector<GuardNode> nodes_;
  std::map<KernelTest, TestId> test_ids_;
  std::map<GuardNode, GuardId> node_ids_;
};

/// What is in either, or in both; sorted and apart.
std::vector<Range> united(std::vector<Range> ranges);
std::vector<Range> intersected(const std::vector<Range>& left, const std::vector<Range>& right);
std::vector<Range> complement(const std::vector<Range>& ranges);

}  // namespace falcoc::ir::split
