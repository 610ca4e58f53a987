// Memory layout of one evaluation: what generated code and its helpers share. Knows values and the
// program, not LLVM.
//
// A frame is one block: header, one entry per field, one per computed operand, one memo word per
// shared node. Nothing is cleared between events: every entry and memo carries a tag, and only tags
// of the current epoch count. Epochs are even, so that epoch + 1 can mean "present" or "true" and
// epoch itself "absent" or "false".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"

namespace falcoc::native {

struct Runtime;

struct FrameHeader {
  void* context = nullptr;
  ir::ValueArena* arena = nullptr;
  const Runtime* runtime = nullptr;
  uint32_t epoch = 0;
  uint32_t padding = 0;
};

/// A fetched field or a computed operand.
struct Entry {
  Value value;
  uint32_t tag = 0;
  uint32_t text_size = 0;    ///< text only: bytes up to the first NUL
  uint32_t member_size = 0;  ///< text only: bytes without trailing NULs, what `in` compares
  uint32_t padding = 0;
};
static_assert(sizeof(FrameHeader) == 32 && sizeof(Entry) == 32);

/// Offsets in bytes from the start of the frame.
struct FrameLayout {
  size_t fields = 0;
  size_t computed = 0;
  size_t memos = 0;

  size_t field_offset(ir::SlotId slot) const {
    return sizeof(FrameHeader) + static_cast<size_t>(slot) * sizeof(Entry);
  }
  size_t computed_offset(size_t index) const {
    return sizeof(FrameHeader) + (fields + index) * sizeof(Entry);
  }
  size_t memo_offset(size_t index) const {
    return sizeof(FrameHeader) + (fields + computed) * sizeof(Entry) + index * sizeof(uint32_t);
  }
  size_t bytes() const { return memo_offset(memos); }
};

/// Owns the memory of a frame and its epoch.
class Frame {
 public:
  explicit Frame(const FrameLayout& layout);
  /// Forgets the previous event.
  void begin_event(void* context, ir::ValueArena& arena, const Runtime& runtime);
  void* memory() { return words_.get(); }

 private:
  FrameHeader& header() { return *reinterpret_cast<FrameHeader*>(words_.get()); }

  size_t word_count_;
  std::unique_ptr<uint64_t[]> words_;
};

/// What helpers need beyond the frame: the program and accessors that read the frame's cache.
struct Runtime {
  const ir::Program* program = nullptr;
  std::vector<Accessor> accessors;         ///< parallel to Program::fields; may be null
  std::vector<Accessor> cached_accessors;  ///< context is the frame
  FrameLayout layout;
};

}  // namespace falcoc::native
