// Ties the enumerations of the program to the numbers they have in bundles. If an assertion fails,
// an enumerator was inserted or moved: append instead, or raise kFormatVersion and convert.
#pragma once

#include "compiler/ir/program.h"

namespace falcoc::bundle {

inline constexpr uint8_t kParamTypes = 48;
inline constexpr uint8_t kShapes = 4;
inline constexpr uint8_t kOperators = 19;
inline constexpr uint8_t kModifiers = 4;
inline constexpr uint8_t kTransformers = 9;
inline constexpr uint8_t kOperandKinds = 4;
inline constexpr uint8_t kNodeKinds = 6;
inline constexpr uint8_t kRightSides = 3;
inline constexpr uint8_t kPriorities = 8;

template <typename Enum>
consteval bool has_number(Enum value, int number) {
  return static_cast<int>(value) == number;
}

static_assert(has_number(ParamType::INT64, 4) && has_number(ParamType::CHARBUF, 9) &&
              has_number(ParamType::PORT, 18) && has_number(ParamType::IPADDR, 23) &&
              has_number(ParamType::IPNET, 26) && has_number(ParamType::RELTIME, 33) &&
              has_number(ParamType::MODE, 43) && has_number(ParamType::DYN, kParamTypes));
static_assert(has_number(Shape::EITHER_SIDE, kShapes - 1));
static_assert(has_number(ir::Operator::EXISTS, 0) && has_number(ir::Operator::CONTAINS, 7) &&
              has_number(ir::Operator::REGEX, 15) &&
              has_number(ir::Operator::PMATCH, kOperators - 1));
static_assert(has_number(ir::Modifier::ALLOF, kModifiers - 1));
static_assert(has_number(ir::Transformer::LEN, 4) &&
              has_number(ir::Transformer::VAL, kTransformers - 1));
static_assert(has_number(ir::Operand::Kind::LIST, kOperandKinds - 1));
static_assert(has_number(ir::Node::Kind::ATOM, kNodeKinds - 1));
static_assert(has_number(ir::Node::RightSide::OPERAND, kRightSides - 1));
static_assert(has_number(Priority::DEBUG, kPriorities - 1));

}  // namespace falcoc::bundle
