// Builds programs check by check, only such as the language allows: what the random and the
// systematic generator have in common.
#pragma once

#include <optional>
#include <span>

#include "tests/differential/generate.h"

namespace falcoc::differential {

/// Ways to put one transformer around an operand; CheckMaker::transformed() takes their numbers.
inline constexpr size_t kTransformations = 10;
inline constexpr int kOperators = static_cast<int>(ir::Operator::PMATCH) + 1;
inline constexpr int kModifiers = static_cast<int>(ir::Modifier::ALLOF) + 1;

/// `in`, `intersects` and `pmatch` take any number of literals.
bool takes_set(ir::Operator op);
/// evt.type and syscall.type compare with names of events, never with another operand.
bool is_event_name(const FieldRef& field);

class CheckMaker {
 public:
  ir::OperandId field(const FieldRef& ref);
  /// Nothing if the operand's type does not allow it.
  std::optional<ir::OperandId> transformed(ir::OperandId operand, size_t transformation);
  /// An operand of the same type, the `number`-th there is: another field or the same, or, for
  /// text, a transformed constant.
  std::optional<ir::OperandId> right_operand(ir::OperandId left, size_t number);

  /// Adds the check if the language allows it.
  std::optional<ir::NodeId> check(ir::Node atom);
  /// The same with literals as the right side: what `choices` say and, for sets, `more` numbered
  /// ones.
  std::optional<ir::NodeId> check(ir::Node atom, std::span<const Choice> choices, size_t more);
  /// Makes the condition a rule.
  void rule(ir::NodeId condition);

  const ir::Type& type_of(ir::OperandId id) const { return out_.program().operand(id).type; }
  const ir::Program& program() const { return out_.program(); }
  ir::ProgramBuilder& out() { return out_; }
  size_t rules() const { return out_.program().rules.size(); }

 private:
  ir::OperandId constant(std::string text);
  ir::OperandId list(std::vector<ir::OperandId> items);
  ir::OperandId transform(ir::Transformer transformer, ir::Type type,
                          std::vector<ir::OperandId> arguments, char selector = 0);
  /// The field, if the operand is nothing else.
  const FieldRef* plain_field(ir::OperandId id) const;

  ir::ProgramBuilder out_;
};

}  // namespace falcoc::differential
