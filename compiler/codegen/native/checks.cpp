// Evaluation of checks that generated code does not expand.
#include "compiler/codegen/native/checks.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

namespace falcoc::native {
namespace {

using ir::Modifier;
using ir::Operator;
using ir::TypeGroup;

/// Above this, hashing beats comparing one by one.
constexpr size_t kSmallSet = 8;

/// One side of a comparison in the form that its type group needs.
struct Side {
  std::string_view bytes;
  uint64_t number = 0;
  uint8_t prefix_bits = 0;
};

Side side_of(const ir::Literal& literal) {
  return {literal.bytes, literal.number, literal.prefix_bits};
}

Side side_of(const ir::TypeTraits& traits, Operator op, const Value& value) {
  switch (traits.group) {
    case TypeGroup::NUMBER:
    case TypeGroup::BOOLEAN:
      return {{}, value.u64, 0};
    case TypeGroup::TEXT:
      return {op == Operator::IN || op == Operator::INTERSECTS
                  ? ir::without_trailing_nuls(value.text())
                  : ir::until_nul(value.text()),
              0, 0};
    default:
      return {value.text(), 0, 0};
  }
}

template <typename T>
bool ordered(Operator op, const T& left, const T& right) {
  switch (op) {
    case Operator::LT:
      return left < right;
    case Operator::LE:
      return left <= right;
    case Operator::GT:
      return left > right;
    case Operator::GE:
      return left >= right;
    case Operator::NE:
      return left != right;
    default:  // =, and membership in a set of one
      return left == right;
  }
}

bool number_holds(const ir::TypeTraits& traits, Operator op, uint64_t left, uint64_t right) {
  if (traits.is_double) {
    return ordered(op, std::bit_cast<double>(left), std::bit_cast<double>(right));
  }
  if (traits.is_signed) return ordered(op, static_cast<int64_t>(left), static_cast<int64_t>(right));
  return ordered(op, left, right);
}

bool network_contains(const Side& network, std::string_view address) {
  if (address.size() != network.bytes.size()) return false;  // other family
  const size_t whole = network.prefix_bits / 8;
  if (address.substr(0, whole) != network.bytes.substr(0, whole)) return false;
  const unsigned rest = network.prefix_bits % 8;
  if (rest == 0) return true;
  const auto difference = static_cast<unsigned char>(address[whole] ^ network.bytes[whole]);
  return difference >> (8 - rest) == 0;
}

bool bytes_hold(Operator op, std::string_view left, std::string_view right) {
  switch (op) {
    case Operator::CONTAINS:
    case Operator::BCONTAINS:
      return contains_bytes(left, right);
    case Operator::ICONTAINS:
      return ir::contains_ignoring_case(left, right);
    case Operator::STARTSWITH:
    case Operator::BSTARTSWITH:
      return left.starts_with(right);
    case Operator::ENDSWITH:
      return left.ends_with(right);
    case Operator::GLOB:
      return ir::glob_match(right, left, false);
    case Operator::IGLOB:
      return ir::glob_match(right, left, true);
    case Operator::PMATCH:
      return ir::path_has_prefix(left, right);
    default:
      return ordered(op, left, right);
  }
}

bool sides_hold(const ir::TypeTraits& traits, Operator op, const Side& left, const Side& right) {
  switch (traits.group) {
    case TypeGroup::NUMBER:
      return number_holds(traits, op, left.number, right.number);
    case TypeGroup::BOOLEAN:
      return ordered(op, left.number != 0, right.number != 0);
    case TypeGroup::ADDRESS: {
      const bool is_inside =
          traits.is_network ? network_contains(right, left.bytes) : left.bytes == right.bytes;
      return is_inside == (op != Operator::NE);
    }
    case TypeGroup::TEXT:
    case TypeGroup::BUFFER:
      return bytes_hold(op, left.bytes, right.bytes);
    case TypeGroup::OPAQUE:
      return false;
  }
  return false;
}

bool literal_holds(const Check& check, const Side& left, size_t literal) {
  if (check.op == Operator::REGEX) return check.patterns[literal].matches(left.bytes);
  return sides_hold(check.traits, check.op, left, side_of(check.literals[literal]));
}

bool some_literal_holds(const Check& check, const Side& left) {
  if (!check.members.empty()) return check.members.contains(left.bytes);
  for (size_t i = 0; i < check.literals.size(); ++i) {
    if (literal_holds(check, left, i)) return true;
  }
  return false;
}

/// Counts the literals for which `holds`; an empty list fails even `allof` (Q53).
template <typename Holds>
bool modifier_holds(const Check& check, Holds holds) {
  size_t holding = 0;
  for (size_t i = 0; i < check.literals.size(); ++i) holding += holds(i);
  switch (check.modifier) {
    case Modifier::ONEOF:
      return holding == 1;
    case Modifier::ANYOF:
      return holding > 0;
    default:
      return holding > 0 && holding == check.literals.size();
  }
}

/// One element on the left.
bool element_holds(const Check& check, const Value& left, const Value* right) {
  const Side side = side_of(check.traits, check.op, left);
  if (right) {
    return sides_hold(check.traits, check.op, side, side_of(check.traits, check.op, *right));
  }
  if (check.modifier != Modifier::NONE) {
    return modifier_holds(check, [&](size_t i) { return literal_holds(check, side, i); });
  }
  const bool takes_set =
      check.op == Operator::IN || check.op == Operator::INTERSECTS || check.op == Operator::PMATCH;
  if (takes_set) return some_literal_holds(check, side);
  return !check.literals.empty() && literal_holds(check, side, 0);
}

std::span<const Value> items(const Value& list) { return {list.items, list.size}; }

/// Most used of all lists, and their most used checks: some ancestor is called so. `item` equals
/// the literal if it is as long, or if it goes on with a NUL, which ends it; trailing NULs do not
/// count for `in` either, but whatever else follows a NUL does.
bool is_plain_name_check(const Check& check, const Value* right) {
  return right == nullptr && check.traits.group == TypeGroup::TEXT &&
         check.modifier == Modifier::NONE && check.members.empty() &&
         (check.op == Operator::EQ || check.op == Operator::IN);
}

bool is_named(const Check& check, const Value& item) {
  for (const ir::Literal& literal : check.literals) {
    const size_t size = literal.bytes.size();
    if (item.size < size || (item.size != size && item.data[size] != 0)) continue;
    if (size != 0 && std::memcmp(item.data, literal.bytes.data(), size) != 0) continue;
    if (item.size == size) return true;
    return element_holds(check, item, nullptr);
  }
  return false;
}

bool list_holds(const Check& check, const Value& left, const Value* right) {
  const auto is_member = [&](const Value& item) {
    if (!right) return element_holds(check, item, nullptr);
    return std::ranges::any_of(
        items(*right), [&](const Value& other) { return element_holds(check, item, &other); });
  };
  return check.op == Operator::IN ? std::ranges::all_of(items(left), is_member)
                                  : std::ranges::any_of(items(left), is_member);
}

/// `!=` needs both endpoints to differ, every other operator one that satisfies it. A modifier
/// counts the literals for which that is so.
bool either_side_holds(const Check& check, const Value& left, const Value* right) {
  const auto of_sides = [&](auto holds) {
    if (check.op != Operator::NE) return std::ranges::any_of(items(left), holds);
    return left.size != 0 && std::ranges::all_of(items(left), holds);
  };
  if (check.modifier == Modifier::NONE) {
    return of_sides([&](const Value& side) { return element_holds(check, side, right); });
  }
  return modifier_holds(check, [&](size_t literal) {
    return of_sides([&](const Value& side) {
      return literal_holds(check, side_of(check.traits, check.op, side), literal);
    });
  });
}

#ifdef __SSE2__
/// Whether `needle` starts at one of 16 places from `at` on: its first and its last byte are
/// compared at all of them together.
bool starts_within_16(const char* at, std::string_view needle) {
  const auto load = [](const char* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  const __m128i first = _mm_cmpeq_epi8(load(at), _mm_set1_epi8(needle.front()));
  const __m128i last = _mm_cmpeq_epi8(load(at + needle.size() - 1), _mm_set1_epi8(needle.back()));
  auto places = static_cast<uint32_t>(_mm_movemask_epi8(_mm_and_si128(first, last)));
  for (; places != 0; places &= places - 1) {
    const char* place = at + std::countr_zero(places);
    if (std::memcmp(place, needle.data(), needle.size()) == 0) return true;
  }
  return false;
}
#endif

}  // namespace

bool contains_bytes(std::string_view text, std::string_view needle) {
  if (needle.empty()) return true;
  if (text.size() < needle.size()) return false;
#ifdef __SSE2__
  const size_t places = text.size() - needle.size() + 1;
  if (places >= 16) {
    for (size_t at = 0; at + 16 <= places; at += 16) {
      if (starts_within_16(text.data() + at, needle)) return true;
    }
    return starts_within_16(text.data() + places - 16, needle);
  }
#endif
  return ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

std::expected<Check, Diagnostic> prepare_check(const ir::Program& program, const ir::Node& atom) {
  Check check;
  check.type = program.operand(atom.left).type;
  check.traits = ir::type_traits(check.type.param);
  check.op = atom.op;
  check.modifier = atom.modifier;
  if (atom.right_side != ir::Node::RightSide::LITERALS) return check;
  check.literals = program.literal_set(atom.literals);
  if (check.op == Operator::REGEX) {
    for (const ir::Literal& literal : check.literals) {
      auto pattern = ir::compile_regex(literal.bytes);
      if (!pattern) {
        return std::unexpected(Diagnostic::global(
            Code::NATIVE_CODEGEN,
            "pattern '" + literal.bytes + "' cannot be compiled: " + pattern.error()));
      }
      check.patterns.push_back(std::move(*pattern));
    }
  }
  const bool is_membership = check.op == Operator::IN || check.op == Operator::INTERSECTS;
  const bool has_bytes = check.traits.group == TypeGroup::TEXT ||
                         check.traits.group == TypeGroup::BUFFER ||
                         (check.traits.group == TypeGroup::ADDRESS && !check.traits.is_network);
  if (is_membership && has_bytes && check.literals.size() > kSmallSet) {
    for (const ir::Literal& literal : check.literals) check.members.insert(literal.bytes);
  }
  return check;
}

bool check_holds(const Check& check, const Value& left, const Value* right) {
  if (check.op == Operator::EXISTS) {
    // A process without ancestors has an empty list; a socket without addresses still exists.
    return check.type.shape != Shape::ANCESTORS || left.size != 0;
  }
  switch (check.type.shape) {
    case Shape::SCALAR:
      return element_holds(check, left, right);
    case Shape::LIST:
      return list_holds(check, left, right);
    case Shape::ANCESTORS:
      if (is_plain_name_check(check, right)) {
        return std::ranges::any_of(items(left),
                                   [&](const Value& item) { return is_named(check, item); });
      }
      return std::ranges::any_of(
          items(left), [&](const Value& item) { return element_holds(check, item, right); });
    case Shape::EITHER_SIDE:
      return either_side_holds(check, left, right);
  }
  return false;
}

bool text_check_holds(const Check& check, size_t literal, std::string_view text) {
  return literal_holds(check, {text, 0, 0}, literal);
}

}  // namespace falcoc::native
