// Names and addresses of the functions that generated code calls. C ABI.
#pragma once

#include <span>

#include "compiler/codegen/native/checks.h"
#include "compiler/codegen/native/frame.h"

namespace falcoc::native {

/// Fills text_size and member_size of a text entry whose value has just been set.
using MeasureText = void(Entry* entry);
/// Computes a transformed or list operand into `entry`; false if it is absent.
using ComputeOperand = bool(FrameHeader* frame, uint32_t operand, Entry* entry);
/// check_holds(); `right` may be null.
using HoldsCheck = bool(const Check* check, const Entry* left, const Entry* right);
/// text_check_holds() of the entry's text.
using HoldsTextCheck = bool(const Check* check, uint32_t literal, const Entry* left);
/// memmem() as a truth value; `needle` is not empty.
using ContainsText = bool(const char* data, uint64_t size, const char* needle,
                          uint64_t needle_size);

struct Symbol {
  const char* name;
  void* address;
};

inline constexpr const char* kMeasureText = "falcoc_measure_text";
inline constexpr const char* kComputeOperand = "falcoc_compute_operand";
inline constexpr const char* kHoldsCheck = "falcoc_check_holds";
inline constexpr const char* kHoldsTextCheck = "falcoc_text_check_holds";
inline constexpr const char* kContainsText = "falcoc_contains_text";

/// All of the above, and what LLVM itself may call.
std::span<const Symbol> helper_symbols();

/// An accessor that reads the cache of the frame it gets as context, for helpers that walk
/// operands. `field` must be an element of Program::fields.
bool read_cached_field(void* frame, const FieldRef& field, Value& out);

}  // namespace falcoc::native
