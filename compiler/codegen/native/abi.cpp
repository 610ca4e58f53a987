// The functions that generated code calls.
#include "compiler/codegen/native/abi.h"

#include <string.h>

#include <array>
#include <cstring>

namespace falcoc::native {
namespace {

std::string_view text_of(const Entry& entry) { return {entry.value.data, entry.text_size}; }

void measure_text(Entry* entry) {
  const std::string_view text = entry->value.text();
  entry->text_size = static_cast<uint32_t>(ir::until_nul(text).size());
  entry->member_size = static_cast<uint32_t>(ir::without_trailing_nuls(text).size());
}

bool compute_operand(FrameHeader* frame, uint32_t operand, Entry* entry) {
  const Runtime& runtime = *frame->runtime;
  const ir::FieldSource source{frame, runtime.cached_accessors};
  return ir::evaluate_operand(*runtime.program, ir::OperandId{operand}, source, *frame->arena,
                              entry->value);
}

bool holds_check(const Check* check, const Entry* left, const Entry* right) {
  return check_holds(*check, left->value, right ? &right->value : nullptr);
}

bool holds_text_check(const Check* check, uint32_t literal, const Entry* left) {
  return text_check_holds(*check, literal, text_of(*left));
}

bool contains_text(const char* data, uint64_t size, const char* needle, uint64_t needle_size) {
  return ::memmem(data, size, needle, needle_size) != nullptr;
}

template <typename Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

std::span<const Symbol> helper_symbols() {
  static const std::array symbols{
      Symbol{kMeasureText, address<MeasureText>(measure_text)},
      Symbol{kComputeOperand, address<ComputeOperand>(compute_operand)},
      Symbol{kHoldsCheck, address<HoldsCheck>(holds_check)},
      Symbol{kHoldsTextCheck, address<HoldsTextCheck>(holds_text_check)},
      Symbol{kContainsText, address<ContainsText>(contains_text)},
      Symbol{"memcmp", address<int(const void*, const void*, size_t)>(::memcmp)},
      // LLVM turns comparisons for equality into calls of it.
      // NOLINTNEXTLINE(bugprone-unsafe-functions)
      Symbol{"bcmp", address<int(const void*, const void*, size_t)>(::bcmp)},
      Symbol{"memcpy", address<void*(void*, const void*, size_t)>(::memcpy)},
      Symbol{"memset", address<void*(void*, int, size_t)>(::memset)},
  };
  return symbols;
}

bool read_cached_field(void* frame, const FieldRef& field, Value& out) {
  auto& header = *static_cast<FrameHeader*>(frame);
  const Runtime& runtime = *header.runtime;
  const auto slot = static_cast<size_t>(&field - runtime.program->fields.data());
  Entry& entry = *reinterpret_cast<Entry*>(static_cast<char*>(frame) +
                                           runtime.layout.field_offset(ir::SlotId(slot)));
  if (entry.tag - header.epoch > 1) {
    const Accessor accessor = runtime.accessors[slot];
    const bool is_present = accessor && accessor(header.context, field, entry.value);
    if (is_present && ir::type_traits(field.type).group == ir::TypeGroup::TEXT &&
        field.shape == Shape::SCALAR) {
      measure_text(&entry);
    }
    entry.tag = header.epoch + (is_present ? 1 : 0);
  }
  out = entry.value;
  return entry.tag != header.epoch;
}

}  // namespace falcoc::native
