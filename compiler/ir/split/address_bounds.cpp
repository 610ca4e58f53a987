// Comparisons of addresses with addresses and networks: of the bytes as they lie in memory, so that
// a prefix is a mask.
#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "compiler/ir/literals.h"
#include "compiler/ir/split/atom_bounds.h"

namespace falcoc::ir::split {
namespace {

constexpr size_t kV4Bytes = 4;
constexpr size_t kV6Bytes = 16;
/// IPv6 literals of one check that are asked about; each is a test of two words.
constexpr size_t kMostV6 = 64;

/// Little endian, as filters load them.
uint64_t word(const char* bytes, size_t size) {
  uint64_t result = 0;
  for (size_t i = size; i-- > 0;) result = result << 8 | static_cast<uint8_t>(bytes[i]);
  return result;
}

/// Words of the bits that a prefix keeps.
std::array<char, kV6Bytes> mask_of(size_t prefix_bits) {
  constexpr size_t kBitsPerByte = 8;
  std::array<char, kV6Bytes> mask{};
  for (size_t bit = 0; bit < std::min(prefix_bits, kV6Bytes * kBitsPerByte); ++bit) {
    mask[bit / kBitsPerByte] |= static_cast<char>(0x80 >> bit % kBitsPerByte);
  }
  return mask;
}

KernelNumber number_of(DescriptorNumber number, uint64_t mask) {
  return {.source = KernelNumber::Source::DESCRIPTOR,
          .index = static_cast<uint8_t>(number),
          .bytes = descriptor_number_bytes(number),
          .mask = mask};
}

class AddressPass {
 public:
  AddressPass(const AddressValue& address, bool is_network, GuardBuilder& guards)
      : address_(address), is_network_(is_network), guards_(guards) {}

  /// Guard: the address is one of these, or in one of these networks. Nothing: that is not asked.
  std::optional<GuardId> any(std::span<const Literal> literals) const {
    return address_.is_v6 ? any_v6(literals) : any_v4(literals);
  }

 private:
  size_t prefix_bits(const Literal& literal) const {
    constexpr size_t kBitsPerByte = 8;
    return is_network_ ? literal.prefix_bits : literal.bytes.size() * kBitsPerByte;
  }

  GuardId any_v4(std::span<const Literal> literals) const {
    const auto number =
        address_.is_remote ? DescriptorNumber::REMOTE_V4 : DescriptorNumber::LOCAL_V4;
    std::map<uint64_t, std::vector<Range>> by_mask;
    for (const Literal& literal : literals) {
      if (literal.bytes.size() != kV4Bytes) continue;
      uint64_t mask = word(mask_of(prefix_bits(literal)).data(), kV4Bytes);
      const uint64_t value = word(literal.bytes.data(), kV4Bytes) & mask;
      if (mask == UINT32_MAX) mask = ~uint64_t{0};  // all of it
      by_mask[mask].push_back({value, value});
    }
    std::vector<GuardId> any;
    for (auto& [mask, ranges] : by_mask) {
      any.push_back(guards_.number_in(number_of(number, mask), united(std::move(ranges))));
    }
    return guards_.any_of(std::move(any));
  }

  std::optional<GuardId> any_v6(std::span<const Literal> literals) const {
    constexpr size_t kHalf = kV6Bytes / 2;
    const std::array halves =
        address_.is_remote
            ? std::array{DescriptorNumber::REMOTE_V6_FIRST, DescriptorNumber::REMOTE_V6_LAST}
            : std::array{DescriptorNumber::LOCAL_V6_FIRST, DescriptorNumber::LOCAL_V6_LAST};
    std::vector<GuardId> any;
    for (const Literal& literal : literals) {
      if (literal.bytes.size() != kV6Bytes) continue;
      if (any.size() == kMostV6) return std::nullopt;
      const auto mask = mask_of(prefix_bits(literal));
      std::vector<GuardId> all;
      for (size_t half = 0; half < halves.size(); ++half) {
        const uint64_t kept = word(&mask[half * kHalf], kHalf);
        if (kept == 0) continue;
        const uint64_t value = word(&literal.bytes[half * kHalf], kHalf) & kept;
        all.push_back(guards_.number_in(number_of(halves[half], kept), {{value, value}}));
      }
      any.push_back(guards_.all_of(std::move(all)));
    }
    return guards_.any_of(std::move(any));
  }

  const AddressValue& address_;
  bool is_network_;
  GuardBuilder& guards_;
};

}  // namespace

Bounds bounds_of_address(const Node& atom, const Type& type, const AddressValue& address,
                         std::span<const Literal> literals, GuardBuilder& guards) {
  if (atom.op == Operator::EXISTS) return {KernelPlan::kTrue, KernelPlan::kFalse};
  const bool is_set = atom.op == Operator::IN || atom.op == Operator::INTERSECTS;
  if (!is_set && atom.op != Operator::EQ && atom.op != Operator::NE) return {};
  if (literals.empty()) return {KernelPlan::kFalse, KernelPlan::kTrue};
  const AddressPass pass(address, type_traits(type.param).is_network, guards);
  const auto inside = pass.any(is_set ? literals : literals.first(1));
  if (!inside) return {};
  const GuardId outside = guards.negate(*inside);
  if (atom.op == Operator::NE) return {outside, *inside};
  return {*inside, outside};
}

}  // namespace falcoc::ir::split
