// Memory layout of one evaluation: what generated code and its helpers share. Knows values and the
// program, not LLVM.
//
// A frame is one block: header, one entry per field, one per computed operand, one memo word per
// shared node and per leaf of a look-up. Nothing is cleared between events: every entry and memo
// carries a tag, and only tags of the current epoch count. Epochs are even, so that epoch + 1 can
// mean "present" or "true" and epoch itself "absent" or "false".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"

namespace falcoc::native {

struct Check;
struct Runtime;

/// Functions that generated code calls: indexes of FrameHeader::helpers.
enum class Helper : uint8_t {
  MEASURE,
  COMPUTE_OPERAND,
  CHECK,
  TEXT_CHECK,
  CONTAINS,
  SAME_BYTES,
  RUN_LEAF,
  FIND_TEXT,
  COUNT
};
inline constexpr size_t kHelpers = static_cast<size_t>(Helper::COUNT);

struct FrameHeader {
  void* context = nullptr;
  ir::ValueArena* arena = nullptr;
  const Runtime* runtime = nullptr;
  uint32_t epoch = 0;
  uint32_t any_matched = 0;  ///< 1 once some rule has matched this event
  std::array<const void*, kHelpers> helpers{};
  std::array<uint64_t, 4> padding{};
};

/// A fetched field or a computed operand, and how a field is fetched: all in one cache line.
struct Entry {
  Value value;
  uint32_t tag = 0;
  uint32_t text_size = 0;    ///< text only: bytes up to the first NUL
  uint32_t member_size = 0;  ///< text only: bytes without trailing NULs, what `in` compares
  uint32_t is_measured = 0;  ///< those two are filled when it is fetched
  Accessor accessor = nullptr;
  const FieldRef* field = nullptr;
  std::array<uint64_t, 2> padding{};
};
static_assert(sizeof(FrameHeader) == 128 && sizeof(Entry) == 64);

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
  /// `runtime` must outlive the frame.
  explicit Frame(const Runtime& runtime);
  /// Forgets the previous event.
  FrameHeader* begin_event(void* context, ir::ValueArena& arena) {
    FrameHeader& frame = *reinterpret_cast<FrameHeader*>(lines_.get());
    frame.context = context;
    frame.arena = &arena;
    frame.any_matched = 0;
    frame.epoch += 2;
    if (frame.epoch == 0) forget_all();
    return &frame;
  }

 private:
  struct alignas(64) Line {
    std::array<std::byte, 64> bytes;
  };

  void forget_all();

  const FrameLayout& layout_;
  std::unique_ptr<Line[]> lines_;
};

/// What helpers need beyond the frame: checks, and the program with accessors that read the frame's
/// cache.
struct Runtime {
  const ir::Program* program = nullptr;
  std::vector<Accessor> accessors;         ///< parallel to Program::fields; may be null
  std::vector<Accessor> cached_accessors;  ///< context is the frame
  std::deque<Check> checks;                ///< as the generated code numbers them
  FrameLayout layout;
};

/// Whether entries of this type carry the sizes that operators on text need.
bool is_measured(ir::Type type);

}  // namespace falcoc::native
