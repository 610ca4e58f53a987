// Memory for values that live as long as the event they were made for. Reused from event to event:
// once it has grown to what events need, nothing is allocated any more.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/catalog/value.h"

namespace falcoc::ir {

class ValueArena {
 public:
  /// Copies; valid until clear().
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(allocate(text.size()));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }
  const Value* keep(std::span<const Value> items) {
    if (items.empty()) return nullptr;
    auto* copy = static_cast<Value*>(allocate(items.size_bytes()));
    std::memcpy(copy, items.data(), items.size_bytes());
    return copy;
  }

  /// Everything kept is gone. Memory of an unusually large event is given back.
  void clear() {
    if (blocks_.size() > kBlocksKept) blocks_.resize(kBlocksKept);
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr size_t kBlockBytes = size_t{16} << 10;
  static constexpr size_t kBlocksKept = 16;

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    size_t size;
  };

  void* allocate(size_t size) {
    constexpr size_t kAlign = alignof(Value);
    size = (size + kAlign - 1) & ~(kAlign - 1);
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const size_t bytes = size > kBlockBytes ? size : kBlockBytes;
      blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(bytes), bytes});
    }
    void* memory = blocks_[block_].bytes.get() + used_;
    used_ += size;
    return memory;
  }

  std::vector<Block> blocks_;
  size_t block_ = 0;  ///< the one being filled
  size_t used_ = 0;   ///< of it
};

}  // namespace falcoc::ir
