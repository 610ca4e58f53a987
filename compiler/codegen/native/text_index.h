// Finds which of many texts a value equals or begins with, in time that does not depend on how many
// there are: a trie of words of eight bytes, all its edges in one hash table. Built where code is
// generated, stored in the object as bytes, searched here. Knows texts only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::native {

/// Whether texts are read from their first byte or from their last: prefixes or suffixes.
enum class Direction : uint8_t { FORWARD, BACKWARD };

/// What a value is compared with. Not empty.
struct IndexedText {
  std::string text;
  bool is_whole = false;  ///< the value equals the text; else it begins (ends) with it
  uint32_t leaf = 0;      ///< what a search returns; not 0
};

/// The index as bytes, for find_in_text_index(). Texts of the same kind must differ.
std::string build_text_index(const std::vector<IndexedText>& texts, Direction direction);

/// Layout of an index: header, nodes, slots.
struct TextIndexHeader {
  uint32_t nodes;
  uint32_t slot_mask;  ///< their number minus one, a power of two minus one
};
/// Which edges leave a node. Bit t of a set stands for texts that end t bytes further on.
struct TextIndexNode {
  uint16_t prefix_tails;
  uint16_t whole_tails;
  uint32_t has_next;  ///< longer texts go on after eight bytes
};
struct TextIndexSlot {
  uint64_t word;   ///< the bytes of the edge, the first one lowest, zeros after the last
  uint32_t edge;   ///< node and kind of the edge; 0 is an empty slot
  uint32_t value;  ///< a leaf, or the next node
};

namespace text_index {

inline constexpr uint32_t kWholeTail = 8;  ///< kinds 1…8 are prefix tails, 9…16 whole ones
inline constexpr uint32_t kNextWord = 17;

inline uint32_t edge(uint32_t node, uint32_t kind) { return node << 5 | kind; }

inline uint64_t hash(uint64_t word, uint32_t edge) {
  const uint64_t mixed = (word ^ uint64_t{edge} << 40) * 0x9e3779b97f4a7c15u;
  return mixed ^ mixed >> 32;
}

/// Up to eight bytes after `position` in reading direction, the first one lowest.
template <Direction direction>
uint64_t load_word(std::string_view text, size_t position) {
  const size_t rest = text.size() - position;
  const bool is_forward = direction == Direction::FORWARD;
  uint64_t word = 0;
  if (rest >= 8) {
    std::memcpy(&word, text.data() + (is_forward ? position : rest - 8), 8);
    return is_forward ? word : __builtin_bswap64(word);
  }
  const char* const start = text.data() + (is_forward ? position : 0);
  if (rest >= 4) {
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, start, 4);
    std::memcpy(&high, start + rest - 4, 4);
    word = low | uint64_t{high} << 8 * (rest - 4);
  } else if (rest >= 2) {
    uint16_t low = 0;
    uint16_t high = 0;
    std::memcpy(&low, start, 2);
    std::memcpy(&high, start + rest - 2, 2);
    word = low | uint64_t{high} << 8 * (rest - 2);
  } else if (rest == 1) {
    word = static_cast<uint8_t>(*start);
  }
  return is_forward || rest == 0 ? word : __builtin_bswap64(word) >> 8 * (8 - rest);
}

inline uint64_t first_bytes(uint64_t word, uint32_t count) {
  return count == 8 ? word : word & ((uint64_t{1} << 8 * count) - 1);
}

inline uint32_t find(const TextIndexSlot* slots, uint32_t mask, uint64_t word, uint32_t edge) {
  for (uint64_t at = hash(word, edge);; ++at) {
    const TextIndexSlot& slot = slots[at & mask];
    if (slot.edge == 0) return 0;
    if (slot.edge == edge && slot.word == word) return slot.value;
  }
}

}  // namespace text_index

/// The leaf of the text that `value` equals, else of the longest text that it begins with (ends
/// with, backward), else 0.
template <Direction direction>
uint32_t find_in_text_index(const void* index, std::string_view value) {
  using namespace text_index;
  const auto* header = static_cast<const TextIndexHeader*>(index);
  const auto* nodes = reinterpret_cast<const TextIndexNode*>(header + 1);
  const auto* slots = reinterpret_cast<const TextIndexSlot*>(nodes + header->nodes);
  uint32_t found = 0;
  uint32_t node = 0;
  for (size_t position = 0;; position += 8) {
    const size_t rest = value.size() - position;
    const uint64_t word = load_word<direction>(value, position);
    const TextIndexNode& here = nodes[node];
    uint32_t tails = here.prefix_tails;
    if (rest < 8) tails &= (2u << rest) - 1;
    for (; tails != 0; tails &= tails - 1) {
      const auto tail = static_cast<uint32_t>(std::countr_zero(tails));
      const uint32_t leaf =
          find(slots, header->slot_mask, first_bytes(word, tail), edge(node, tail));
      if (leaf != 0) found = leaf;
    }
    if (rest <= 8) {
      const auto tail = static_cast<uint32_t>(rest);
      if ((here.whole_tails >> tail & 1) == 0) return found;
      const uint32_t leaf = find(slots, header->slot_mask, word, edge(node, kWholeTail + tail));
      return leaf != 0 ? leaf : found;
    }
    if (here.has_next == 0) return found;
    node = find(slots, header->slot_mask, word, edge(node, kNextWord));
    if (node == 0) return found;
  }
}

}  // namespace falcoc::native
