// Rules tried on made-up events: which match, what is raised, and why not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "tools/falcoc/testing/suite.h"

namespace falcoc::cli {

/// One case under one program: what holds of its event.
class Trial {
 public:
  /// Throws std::invalid_argument if a fact is no value of its field's type.
  Trial(const ir::Program& program, const TestCase& test);

  const TestCase& test() const { return test_; }
  /// Rules that can see events of this type, in load order; all others are out.
  const std::vector<uint32_t>& candidates() const { return candidates_; }
  bool matches(uint32_t rule) const { return holds_[static_cast<size_t>(condition(rule))]; }
  bool holds(ir::NodeId node) const { return holds_[static_cast<size_t>(node)]; }
  /// The condition's value if `changed` were `value`.
  bool matches_if(uint32_t rule, ir::NodeId changed, bool value) const;

  /// The value of an operand as text, `<NA>` if there is none.
  std::string value_of(ir::OperandId operand) const;
  /// The text of the rule's alert.
  std::string output(uint32_t rule) const;
  /// Checks that keep the rule from matching, with the values that they met; a few lines.
  std::vector<std::string> reasons(uint32_t rule) const;

 private:
  ir::NodeId condition(uint32_t rule) const { return program_.rules[rule].condition; }
  void add_reasons(ir::NodeId node, bool wanted, std::vector<std::string>& lines) const;

  const ir::Program& program_;
  const TestCase& test_;
  std::unique_ptr<testing::BoundFacts> facts_;
  std::vector<uint32_t> candidates_;
  std::vector<bool> holds_;  ///< by node
};

/// Rules by load order that matched; what of them is raised: the first, or with `all_rules` all.
std::vector<uint32_t> raised(const std::vector<uint32_t>& matching, bool all_rules);

/// What is not as the test expects; empty: it passes.
std::vector<std::string> judge(const ir::Program& program, const Trial& trial,
                               const std::vector<uint32_t>& matching, bool all_rules);

std::vector<uint32_t> matching_rules(const Trial& trial);

}  // namespace falcoc::cli
