// Frames: allocation and epochs.
#include "compiler/codegen/native/frame.h"

#include <algorithm>
#include <limits>
#include <new>

namespace falcoc::native {

Frame::Frame(const FrameLayout& layout)
    : word_count_((layout.bytes() + sizeof(uint64_t) - 1) / sizeof(uint64_t)),
      words_(std::make_unique<uint64_t[]>(word_count_)) {
  new (words_.get()) FrameHeader();
}

void Frame::begin_event(void* context, ir::ValueArena& arena, const Runtime& runtime) {
  FrameHeader& frame = header();
  constexpr uint32_t kLastEpoch = std::numeric_limits<uint32_t>::max() - 1;
  uint32_t epoch = frame.epoch + 2;
  if (frame.epoch == kLastEpoch) {
    // Tags of two billion events ago would count again.
    std::fill_n(words_.get(), word_count_, 0);
    epoch = 2;
  }
  frame = {context, &arena, &runtime, epoch, 0};
}

}  // namespace falcoc::native
