// Comparisons of numbers, of numbers as text, and of flags as words.
#include <algorithm>
#include <charconv>

#include "compiler/catalog/flag_encoding.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/split/atom_bounds.h"

namespace falcoc::ir::split {
namespace {

constexpr uint64_t kLast = ~uint64_t{0};
constexpr uint64_t kSignBit = uint64_t{1} << 63;

/// Numbers below `bound` in the order of the type, as ranges of the unsigned order.
std::vector<Range> below(uint64_t bound, bool is_signed) {
  const uint64_t least = is_signed ? kSignBit : 0;
  if (bound == least) return {};
  const uint64_t last = bound - 1;
  if (!is_signed || bound > kSignBit) return {{least, last}};
  if (bound == 0) return {{kSignBit, kLast}};
  return {{0, last}, {kSignBit, kLast}};
}

std::vector<Range> with(std::vector<Range> ranges, uint64_t number) {
  ranges.push_back({number, number});
  return united(std::move(ranges));
}

Bounds exact(GuardId holds, GuardBuilder& guards) { return {holds, guards.negate(holds)}; }

Bounds opposite(const Bounds& bounds) { return {bounds.may_be_false, bounds.may_be_true}; }

/// Native bits that can make the encoding have any of these bits. Bits that make it only together
/// count each.
uint64_t native_bits_behind(const FlagsValue& flags, uint64_t encoded) {
  const FlagTable& table = flag_table(flags.table);
  uint64_t bits = 0;
  for (int bit = 0; bit < 32; ++bit) {
    if ((encode_flags(flags.table, uint64_t{1} << bit) & encoded) != 0) bits |= uint64_t{1} << bit;
  }
  for (const FlagName& flag : table.flags) {
    if (flag.native != kNoNative && (flag.value & encoded) != 0) bits |= flag.native;
  }
  return bits;
}

bool is_single_bit(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

/// Whether the flag prints exactly when one native bit is set: nothing else sets, uses or hides its
/// bit.
bool stands_for_one_bit(const FlagsValue& flags, const FlagName& flag) {
  if (!is_single_bit(flag.value) || !is_single_bit(flag.native) || flag.native > UINT32_MAX) {
    return false;
  }
  for (const FlagName& other : flag_table(flags.table).flags) {
    if (&other != &flag && (other.value & flag.value) != 0) return false;
  }
  return native_bits_behind(flags, flag.value) == flag.native &&
         (encode_flags(flags.table, flag.native) & flag.value) != 0;
}

/// Text of the words of flags contains `text`: it is in one of the words, as there is no `|` in it.
Bounds words_contain(const FlagsValue& flags, std::string_view text, GuardBuilder& guards) {
  const bool could_be_number =
      text.find_first_not_of("0123456789") == std::string_view::npos;  // no word: a decimal
  if (could_be_number || text.contains('|')) return {};
  const FlagTable& table = flag_table(flags.table);
  std::vector<GuardId> may_be_true;
  std::vector<const FlagName*> named;
  for (const FlagName& flag : table.flags) {
    if (!flag.name.contains(text)) continue;
    named.push_back(&flag);
    const bool access_mode = flags.is_open && flag.value <= 3;
    if (flag.native == kNoNative || flag.native == 0 || access_mode) return {};
    KernelNumber bits = flags.native;
    bits.mask = native_bits_behind(flags, flag.value);
    may_be_true.push_back(guards.negate(guards.number_in(bits, {{0, 0}})));
  }
  const GuardId holds = guards.any_of(std::move(may_be_true));
  const bool is_exact =
      named.empty() || (named.size() == 1 && stands_for_one_bit(flags, *named.front()));
  return is_exact ? exact(holds, guards) : Bounds{holds, KernelPlan::kTrue};
}

/// The number that prints as exactly this text; false if none does.
bool parse_canonical(const std::string& text, bool is_signed, uint64_t& number) {
  const char* const end = text.data() + text.size();
  std::from_chars_result result{};
  if (is_signed) {
    int64_t parsed = 0;
    result = std::from_chars(text.data(), end, parsed);
    number = static_cast<uint64_t>(parsed);
    if (std::to_string(parsed) != text) return false;
  } else {
    result = std::from_chars(text.data(), end, number);
    if (std::to_string(number) != text) return false;
  }
  return result.ec == std::errc{} && result.ptr == end;
}

}  // namespace

Bounds bounds_of_number(const Node& atom, const Type& type, const KernelNumber& number,
                        std::span<const Literal> literals, GuardBuilder& guards) {
  if (atom.op == Operator::EXISTS) return {KernelPlan::kTrue, KernelPlan::kFalse};
  const TypeTraits traits = type_traits(type.param);
  if (traits.group != TypeGroup::NUMBER || traits.is_double) return {};
  std::vector<Range> ranges;
  if (atom.op == Operator::IN || atom.op == Operator::INTERSECTS) {
    for (const Literal& literal : literals) ranges.push_back({literal.number, literal.number});
    return exact(guards.number_in(number, std::move(ranges)), guards);
  }
  if (literals.empty()) return {KernelPlan::kFalse, KernelPlan::kTrue};
  const uint64_t bound = literals.front().number;
  switch (atom.op) {
    case Operator::EQ:
      ranges = {{bound, bound}};
      break;
    case Operator::NE:
      ranges = complement({{bound, bound}});
      break;
    case Operator::LT:
      ranges = below(bound, traits.is_signed);
      break;
    case Operator::LE:
      ranges = with(below(bound, traits.is_signed), bound);
      break;
    case Operator::GT:
      ranges = complement(with(below(bound, traits.is_signed), bound));
      break;
    case Operator::GE:
      ranges = complement(below(bound, traits.is_signed));
      break;
    default:
      return {};
  }
  return exact(guards.number_in(number, std::move(ranges)), guards);
}

Bounds bounds_of_decimal(const Node& atom, const KernelNumber& number,
                         std::span<const Literal> literals, GuardBuilder& guards) {
  switch (atom.op) {
    case Operator::EXISTS:
      return {KernelPlan::kTrue, KernelPlan::kFalse};
    case Operator::EQ:
    case Operator::NE:
    case Operator::IN: {
      std::vector<Range> ranges;
      for (const Literal& literal : literals) {
        uint64_t value = 0;
        if (parse_canonical(literal.bytes, number.is_signed, value))
          ranges.push_back({value, value});
      }
      const Bounds equal = exact(guards.number_in(number, std::move(ranges)), guards);
      return atom.op == Operator::NE ? opposite(equal) : equal;
    }
    case Operator::STARTSWITH:
    case Operator::ENDSWITH:
    case Operator::CONTAINS: {
      const bool in_no_number = !literals.empty() && literals.front().bytes.find_first_not_of(
                                                         "-0123456789") != std::string::npos;
      return in_no_number ? Bounds{KernelPlan::kFalse, KernelPlan::kTrue} : Bounds{};
    }
    default:
      return {};
  }
}

Bounds bounds_of_flags(const Node& atom, const FlagsValue& flags, std::span<const Literal> literals,
                       GuardBuilder& guards) {
  if (atom.op == Operator::EXISTS) return {KernelPlan::kTrue, KernelPlan::kFalse};
  if (atom.op != Operator::CONTAINS || literals.size() != 1) return {};
  return words_contain(flags, literals.front().bytes, guards);
}

}  // namespace falcoc::ir::split
