// Sets that are too large to compare with: hash maps of the kernel, made by who loads the filter. A
// key is a number, or a whole text with NULs to the next power of two.
#include <linux/bpf.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <map>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {
namespace {

constexpr size_t kWord = 8;

size_t key_bytes_of(size_t size) { return std::max<size_t>(std::bit_ceil(size), kMinKeyBytes); }

}  // namespace

/// Not null if the key is in the set.
llvm::Value* Emitter::lookup(uint32_t key_bytes, std::vector<std::string> keys, llvm::Value* key) {
  std::ranges::sort(keys);
  Set set{.key_bytes = key_bytes, .keys = std::move(keys)};
  const auto known = std::ranges::find(sets_, set);
  const auto index = static_cast<size_t>(known - sets_.begin());
  if (known == sets_.end()) sets_.push_back(std::move(set));
  return call_helper(BPF_FUNC_map_lookup_elem, builder_.getPtrTy(),
                     {unknown(Unknown::SET, index), key});
}

/// The text is looked up among those of about its length.
void Emitter::emit_sets(uint8_t place, const std::vector<TextSearch::Members>& sets) {
  /// By size of key: the sets that have such, and which bit says that one has the text.
  std::map<size_t, std::vector<TextSearch::Members>> by_size;
  for (const TextSearch::Members& set : sets) {
    std::map<size_t, std::vector<std::string>> texts;
    for (const std::string& text : set.texts) {
      std::string key = text;
      key.resize(key_bytes_of(text.size()));
      texts[key.size()].push_back(std::move(key));
    }
    for (auto& [bytes, keys] : texts) by_size[bytes].push_back({std::move(keys), set.bit});
  }
  llvm::Value* size = size_at(place);
  llvm::BasicBlock* const done = new_block("sets");
  for (const auto& [bytes, those] : by_size) {
    const size_t least = bytes == kMinKeyBytes ? 0 : bytes / 2 + 1;
    llvm::BasicBlock* here = new_block("set");
    llvm::BasicBlock* next = new_block("larger");
    branch(builder_.CreateICmpULE(builder_.CreateSub(size, constant(64, least)),
                                  constant(64, bytes - least)),
           {here, next});
    builder_.SetInsertPoint(here);
    emit_key(place, size, bytes);
    for (const TextSearch::Members& set : those) {
      llvm::BasicBlock* found = new_block("member");
      llvm::BasicBlock* other = new_block("other");
      llvm::Value* entry =
          lookup(static_cast<uint32_t>(bytes), set.texts, at(offsetof(fc_scratch, key)));
      branch(builder_.CreateIsNull(entry), {other, found});
      builder_.SetInsertPoint(found);
      mark_found({set.bit}, other);
      builder_.SetInsertPoint(other);
    }
    builder_.CreateBr(done);
    builder_.SetInsertPoint(next);
  }
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// The text with NULs behind it: words beyond the one with its NUL, which has only NULs behind
/// that, are masked away. Without branches, which the verifier would follow.
void Emitter::emit_key(uint8_t place, llvm::Value* size, size_t key_bytes) {
  for (size_t begin = 0; begin < key_bytes; begin += kWord) {
    llvm::Value* is_text = builder_.CreateAShr(
        builder_.CreateSub(constant(64, begin), builder_.CreateAdd(size, constant(64, 1))),
        constant(64, 63));
    store(builder_.CreateAnd(load(64, bytes_at(place) + begin), is_text),
          at(offsetof(fc_scratch, key) + begin));
  }
}

void Emitter::emit_looked_up(const ir::split::KernelTest& test, Exits exits) {
  std::vector<std::string> keys;
  for (const ir::split::Range& range : test.ranges) {
    std::string key(sizeof range.first, '\0');
    std::memcpy(key.data(), &range.first, key.size());
    keys.push_back(std::move(key));
  }
  store(number(test.number), at(offsetof(fc_scratch, key)));
  llvm::Value* entry = lookup(sizeof(uint64_t), std::move(keys), at(offsetof(fc_scratch, key)));
  branch(builder_.CreateIsNull(entry), {exits.if_false, exits.if_true});
}

}  // namespace falcoc::bpf
