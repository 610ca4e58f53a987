// Frames: allocation and epochs.
#include "compiler/codegen/native/frame.h"

#include <algorithm>
#include <new>

#include "compiler/codegen/native/abi.h"
#include "compiler/ir/literals.h"

namespace falcoc::native {

Frame::Frame(const Runtime& runtime)
    : layout_(runtime.layout),
      lines_(std::make_unique<Line[]>((layout_.bytes() + sizeof(Line) - 1) / sizeof(Line))) {
  auto* memory = reinterpret_cast<char*>(lines_.get());
  auto* header = new (memory) FrameHeader();
  header->runtime = &runtime;
  std::ranges::copy(helper_addresses(), header->helpers.begin());
  for (size_t i = 0; i < layout_.fields; ++i) {
    auto* entry = new (memory + layout_.field_offset(ir::SlotId(i))) Entry();
    const FieldRef& field = runtime.program->fields[i];
    entry->accessor = runtime.accessors[i];
    entry->field = &field;
    entry->is_measured = is_measured({field.type, field.shape}) ? 1 : 0;
  }
  for (size_t i = 0; i < layout_.computed; ++i) {
    new (memory + layout_.computed_offset(i)) Entry();
  }
}

/// Tags of two billion events ago would count again.
void Frame::forget_all() {
  auto* memory = reinterpret_cast<char*>(lines_.get());
  reinterpret_cast<FrameHeader*>(memory)->epoch = 2;
  for (size_t i = 0; i < layout_.fields + layout_.computed; ++i) {
    reinterpret_cast<Entry*>(memory + layout_.field_offset(ir::SlotId(i)))->tag = 0;
  }
  std::fill_n(reinterpret_cast<uint32_t*>(memory + layout_.memo_offset(0)), layout_.memos, 0);
}

bool is_measured(ir::Type type) {
  return type.shape == Shape::SCALAR && ir::type_traits(type.param).group == ir::TypeGroup::TEXT;
}

}  // namespace falcoc::native
