// Short words for what fields can be, for the files that say how fields follow from registers,
// texts and descriptors. Inner header of kernel_values.
#pragma once

#include <string>
#include <string_view>

#include "compiler/ir/split/kernel_values.h"

namespace falcoc::ir::split {

inline constexpr uint64_t kFirstNegative = uint64_t{1} << 63;

inline KernelNumber returned() {
  return {.source = KernelNumber::Source::RETURN, .is_signed = true};
}

/// As the decoder takes registers: 32 bits of an int, all of what is wider.
inline KernelNumber argument_number(uint8_t index, uint8_t bytes, bool is_signed) {
  return {.source = KernelNumber::Source::ARGUMENT,
          .index = index,
          .bytes = bytes,
          .is_signed = is_signed};
}

inline KernelNumber masked(KernelNumber number, uint64_t mask) {
  number.mask = mask;
  return number;
}

inline Range single(uint64_t value) { return {value, value}; }

inline Alternative constant_text(GuardId when, std::string_view text) {
  return {.kind = Alternative::Kind::CONSTANT, .when = when, .text_constant = std::string(text)};
}
inline Alternative constant_number(GuardId when, uint64_t value) {
  return {.kind = Alternative::Kind::CONSTANT, .when = when, .constant = value};
}
inline Alternative absent(GuardId when) {
  return {.kind = Alternative::Kind::ABSENT, .when = when};
}
inline Alternative not_known(GuardId when, Reason reason) {
  return {.kind = Alternative::Kind::UNKNOWN, .when = when, .reason = reason};
}
inline Alternative number_itself(GuardId when, const KernelNumber& number) {
  return {.kind = Alternative::Kind::NUMBER, .when = when, .number = number};
}

}  // namespace falcoc::ir::split
