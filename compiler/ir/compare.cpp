// What an operator means for present values. Read from bottom to top: compare() takes the shapes
// and modifiers apart until compare_scalar() is left with one value and one literal.
#include "compiler/ir/compare.h"

#include <algorithm>
#include <bit>
#include <span>

#include "compiler/ir/literals.h"
#include "compiler/ir/text_match.h"

namespace falcoc::ir {
namespace {

/// `in`, `intersects` and `pmatch` take the right side as a set.
bool is_set_operator(Operator op) {
  return op == Operator::IN || op == Operator::INTERSECTS || op == Operator::PMATCH;
}

/// Equality and order; membership in a set of one is equality.
template <typename T>
bool compare_ordered(Operator op, const T& left, const T& right) {
  switch (op) {
    case Operator::EQ:
    case Operator::IN:
    case Operator::INTERSECTS:
      return left == right;
    case Operator::NE:
      return left != right;
    case Operator::LT:
      return left < right;
    case Operator::LE:
      return left <= right;
    case Operator::GT:
      return left > right;
    case Operator::GE:
      return left >= right;
    default:
      return false;
  }
}

bool compare_number(const TypeTraits& traits, Operator op, const Value& left,
                    const Literal& right) {
  if (traits.is_double) {
    return compare_ordered(op, left.f64, std::bit_cast<double>(right.number));
  }
  if (traits.is_signed) {
    return compare_ordered(op, left.i64, static_cast<int64_t>(right.number));
  }
  return compare_ordered(op, left.u64, right.number);
}

/// Whether the network holds the address: same family and equal in all bits of the prefix.
bool is_inside(std::string_view address, const Literal& network) {
  if (address.size() != network.bytes.size()) return false;
  for (size_t bit = 0; bit < network.prefix_bits; ++bit) {
    const auto different = static_cast<uint8_t>(address[bit / 8] ^ network.bytes[bit / 8]);
    if ((different >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

/// Addresses of different families are different.
bool compare_address(const TypeTraits& traits, Operator op, const Value& left,
                     const Literal& right) {
  const bool equal = traits.is_network ? is_inside(left.text(), right) : left.text() == right.bytes;
  return compare_ordered(op, equal, true);
}

/// What text and buffers have in common.
bool compare_bytes(Operator op, std::string_view left, std::string_view right) {
  switch (op) {
    case Operator::CONTAINS:
    case Operator::BCONTAINS:
      return left.find(right) != std::string_view::npos;
    case Operator::STARTSWITH:
    case Operator::BSTARTSWITH:
      return left.starts_with(right);
    case Operator::ENDSWITH:
      return left.ends_with(right);
    default:
      return compare_ordered(op, left, right);
  }
}

bool compare_text(Operator op, std::string_view value, std::string_view right) {
  if (op == Operator::IN || op == Operator::INTERSECTS) {
    return without_trailing_nuls(value) == right;
  }
  const std::string_view left = until_nul(value);
  switch (op) {
    case Operator::ICONTAINS:
      return contains_ignoring_case(left, right);
    case Operator::GLOB:
      return glob_match(right, left, false);
    case Operator::IGLOB:
      return glob_match(right, left, true);
    case Operator::REGEX: {
      const auto pattern = compile_regex(right);
      return pattern && pattern->matches(left);
    }
    case Operator::PMATCH:
      return path_has_prefix(left, right);
    default:
      return compare_bytes(op, left, right);
  }
}

/// One value against one literal or, for set operators, against the set of all.
bool compare_value(ParamType type, Operator op, const Value& left, std::span<const Literal> right) {
  const auto holds = [&](const Literal& literal) {
    return compare_scalar(type, op, left, literal);
  };
  if (is_set_operator(op)) return std::ranges::any_of(right, holds);
  return !right.empty() && holds(right.front());
}

/// Every element is in the set, which holds of no elements too; or some element is.
bool compare_list(ParamType type, Operator op, std::span<const Value> left,
                  std::span<const Literal> right) {
  const auto in_set = [&](const Value& element) {
    return compare_value(type, Operator::IN, element, right);
  };
  if (op == Operator::IN) return std::ranges::all_of(left, in_set);
  return op == Operator::INTERSECTS && std::ranges::any_of(left, in_set);
}

/// `!=` needs both endpoints to differ, all else one that satisfies it. Without addresses, as for
/// a file, nothing holds.
bool compare_either_side(ParamType type, Operator op, std::span<const Value> left,
                         std::span<const Literal> right) {
  const auto holds = [&](const Value& side) { return compare_value(type, op, side, right); };
  if (op == Operator::NE) return !left.empty() && std::ranges::all_of(left, holds);
  return std::ranges::any_of(left, holds);
}

/// A check without modifier, of any shape but ANCESTORS.
bool compare_plain(const Type& type, Operator op, const Value& left,
                   std::span<const Literal> right) {
  switch (type.shape) {
    case Shape::LIST:
      return compare_list(type.param, op, {left.items, left.size}, right);
    case Shape::EITHER_SIDE:
      return compare_either_side(type.param, op, {left.items, left.size}, right);
    default:
      return compare_value(type.param, op, left, right);
  }
}

/// With a modifier: counts the literals for which the check holds. No literals: false, for `allof`
/// too (Q53).
bool compare_each(const Type& type, Operator op, Modifier modifier, const Value& left,
                  std::span<const Literal> right) {
  if (modifier == Modifier::NONE) return compare_plain(type, op, left, right);
  const auto satisfied = std::ranges::count_if(
      right, [&](const Literal& literal) { return compare_plain(type, op, left, {&literal, 1}); });
  switch (modifier) {
    case Modifier::ONEOF:
      return satisfied == 1;
    case Modifier::ANYOF:
      return satisfied > 0;
    case Modifier::ALLOF:
      return satisfied > 0 && static_cast<size_t>(satisfied) == right.size();
    case Modifier::NONE:
      break;
  }
  return false;
}

}  // namespace

bool compare_scalar(ParamType type, Operator op, const Value& left, const Literal& right) {
  const TypeTraits traits = type_traits(type);
  switch (traits.group) {
    case TypeGroup::NUMBER:
      return compare_number(traits, op, left, right);
    case TypeGroup::BOOLEAN:
      return compare_ordered(op, left.u64 != 0, right.number != 0);
    case TypeGroup::ADDRESS:
      return compare_address(traits, op, left, right);
    case TypeGroup::TEXT:
      return compare_text(op, left.text(), right.bytes);
    case TypeGroup::BUFFER:
      return compare_bytes(op, left.text(), right.bytes);
    case TypeGroup::OPAQUE:
      break;
  }
  return false;
}

bool compare(const Type& type, Operator op, Modifier modifier, const Value& left,
             const std::vector<Literal>& right) {
  if (type.shape != Shape::ANCESTORS) return compare_each(type, op, modifier, left, right);
  // The whole check is asked of each ancestor, modifier included; one is enough, for `!=` too.
  const Type of_one{type.param, Shape::SCALAR};
  return std::ranges::any_of(std::span(left.items, left.size), [&](const Value& ancestor) {
    return compare_each(of_one, op, modifier, ancestor, right);
  });
}

std::vector<Literal> as_literals(const Type& type, Operator op, const Value& value) {
  const TypeTraits traits = type_traits(type.param);
  const auto convert = [&](const Value& scalar) -> Literal {
    switch (traits.group) {
      case TypeGroup::TEXT:
        return {.bytes = std::string(is_set_operator(op) ? without_trailing_nuls(scalar.text())
                                                         : until_nul(scalar.text()))};
      case TypeGroup::BUFFER:
      case TypeGroup::ADDRESS:
        return {.bytes = std::string(scalar.text())};
      default:
        return {.number = scalar.u64};  // a double keeps its bit pattern
    }
  };
  if (type.shape == Shape::SCALAR) return {convert(value)};
  std::vector<Literal> literals;
  std::ranges::transform(std::span(value.items, value.size), std::back_inserter(literals), convert);
  return literals;
}

}  // namespace falcoc::ir
