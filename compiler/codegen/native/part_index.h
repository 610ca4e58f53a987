// Finds which of many texts occur in a value, in one pass: every text is filed under some short run
// of its bytes, its gram, and a bit map says for nearly every position that no gram starts there.
// Built where code is generated, stored in the object as bytes, searched here. Knows texts only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::native {

/// Texts of fewer bytes cannot be filed.
inline constexpr size_t kMinPartSize = 2;

struct IndexedPart {
  std::string text;   ///< at least kMinPartSize bytes
  uint32_t leaf = 0;  ///< what a search reports
};

/// The index as bytes, for find_parts().
std::string build_part_index(const std::vector<IndexedPart>& parts);

/// Layout of an index: header, bit map, slots, entries, bytes of the texts.
struct PartIndexHeader {
  uint32_t gram_mask;  ///< which bytes of a loaded word belong to the gram
  uint32_t map_shift;  ///< 32 minus the logarithm of the map's size in bits
  uint32_t slot_mask;  ///< their number minus one, a power of two minus one
  uint32_t entries;
};
struct PartIndexSlot {
  uint32_t gram;
  uint32_t first;  ///< entry
  uint32_t count;  ///< of entries; 0 is an empty slot
};
struct PartIndexEntry {
  uint32_t gram_at;  ///< offset of the gram in the text
  uint32_t bytes_at;
  uint32_t size;
  uint32_t leaf;
};

inline uint32_t hash_gram(uint32_t gram) { return gram * 0x9e3779b1u; }

/// A view of an index.
struct PartIndex {
  const PartIndexHeader* header;
  const uint64_t* map;
  const PartIndexSlot* slots;
  const PartIndexEntry* entries;
  const char* bytes;

  explicit PartIndex(const void* index)
      : header(static_cast<const PartIndexHeader*>(index)),
        map(reinterpret_cast<const uint64_t*>(header + 1)),
        slots(reinterpret_cast<const PartIndexSlot*>(map +
                                                     (uint64_t{1} << (26 - header->map_shift)))),
        entries(reinterpret_cast<const PartIndexEntry*>(slots + header->slot_mask + 1)),
        bytes(reinterpret_cast<const char*>(entries + header->entries)) {}

  bool may_start(uint32_t gram) const {
    const uint32_t bit = hash_gram(gram) >> header->map_shift;
    return (map[bit / 64] >> (bit % 64) & 1) != 0;
  }

  template <typename Report>
  void report_texts(std::string_view value, size_t position, uint32_t gram, Report report) const {
    uint32_t at = hash_gram(gram) >> 7;
    while (slots[at & header->slot_mask].count != 0 && slots[at & header->slot_mask].gram != gram) {
      ++at;
    }
    const PartIndexSlot& slot = slots[at & header->slot_mask];
    for (uint32_t i = slot.first; i < slot.first + slot.count; ++i) {
      const PartIndexEntry& entry = entries[i];
      if (position < entry.gram_at) continue;
      const size_t start = position - entry.gram_at;
      if (value.size() - start < entry.size) continue;
      if (std::memcmp(value.data() + start, bytes + entry.bytes_at, entry.size) == 0) {
        report(entry.leaf);
      }
    }
  }
};

/// Calls `report` with the leaf of every text that occurs in `value`, more than once if it occurs
/// more than once.
template <typename Report>
void find_parts(const void* index, std::string_view value, Report report) {
  const PartIndex parts(index);
  const uint32_t mask = parts.header->gram_mask;
  const size_t gram_size = mask == ~0u ? 4 : mask == 0xffffffu ? 3 : 2;
  for (size_t position = 0; position + gram_size <= value.size(); ++position) {
    uint32_t gram = 0;
    // The last bytes of the value are no longer a whole word.
    std::memcpy(&gram, value.data() + position, position + 4 <= value.size() ? 4 : gram_size);
    gram &= mask;
    if (parts.may_start(gram)) parts.report_texts(value, position, gram, report);
  }
}

}  // namespace falcoc::native
