// Building of part indexes.
#include "compiler/codegen/native/part_index.h"

#include <algorithm>
#include <bit>
#include <map>

namespace falcoc::native {
namespace {

/// Bits of the map for each text, so that a position passes by chance once in so many.
constexpr size_t kMapBitsPerText = 32;
constexpr size_t kMinMapBits = 1 << 10;
constexpr size_t kMaxMapBits = 1 << 18;  // 32 KiB, what a first-level cache holds

uint32_t gram_at(std::string_view text, size_t at, size_t gram_size) {
  uint32_t gram = 0;
  std::memcpy(&gram, text.data() + at, gram_size);
  return gram;
}

/// Where in each text its gram is: the run of bytes that the fewest other texts have, so that few
/// are compared where it occurs.
std::vector<size_t> choose_grams(const std::vector<IndexedPart>& parts, size_t gram_size) {
  std::map<uint32_t, size_t> counts;
  for (const IndexedPart& part : parts) {
    for (size_t at = 0; at + gram_size <= part.text.size(); ++at) {
      ++counts[gram_at(part.text, at, gram_size)];
    }
  }
  std::vector<size_t> chosen;
  for (const IndexedPart& part : parts) {
    size_t best = 0;
    for (size_t at = 1; at + gram_size <= part.text.size(); ++at) {
      if (counts[gram_at(part.text, at, gram_size)] < counts[gram_at(part.text, best, gram_size)]) {
        best = at;
      }
    }
    chosen.push_back(best);
  }
  return chosen;
}

template <typename T>
void append(std::string& out, const std::vector<T>& items) {
  out.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
}

}  // namespace

std::string build_part_index(const std::vector<IndexedPart>& parts) {
  size_t gram_size = 4;
  for (const IndexedPart& part : parts) gram_size = std::min(gram_size, part.text.size());
  const std::vector<size_t> chosen = choose_grams(parts, gram_size);
  std::map<uint32_t, std::vector<size_t>> by_gram;
  for (size_t i = 0; i < parts.size(); ++i) {
    by_gram[gram_at(parts[i].text, chosen[i], gram_size)].push_back(i);
  }

  const size_t map_bits =
      std::clamp(std::bit_ceil(parts.size() * kMapBitsPerText), kMinMapBits, kMaxMapBits);
  const auto slot_count = std::bit_ceil(2 * static_cast<uint32_t>(by_gram.size()) + 1);
  const PartIndexHeader header{
      .gram_mask = gram_size == 4 ? ~0u : (1u << 8 * gram_size) - 1,
      .map_shift = 32 - static_cast<uint32_t>(std::countr_zero(map_bits)),
      .slot_mask = slot_count - 1,
      .entries = static_cast<uint32_t>(parts.size()),
  };
  std::vector<uint64_t> map(map_bits / 64);
  std::vector<PartIndexSlot> slots(slot_count);
  std::vector<PartIndexEntry> entries;
  std::string bytes;
  for (const auto& [gram, members] : by_gram) {
    const uint32_t bit = hash_gram(gram) >> header.map_shift;
    map[bit / 64] |= uint64_t{1} << (bit % 64);
    uint32_t at = hash_gram(gram) >> 7;
    while (slots[at & header.slot_mask].count != 0) ++at;
    slots[at & header.slot_mask] = {gram, static_cast<uint32_t>(entries.size()),
                                    static_cast<uint32_t>(members.size())};
    for (const size_t i : members) {
      entries.push_back({static_cast<uint32_t>(chosen[i]), static_cast<uint32_t>(bytes.size()),
                         static_cast<uint32_t>(parts[i].text.size()), parts[i].leaf});
      bytes += parts[i].text;
    }
  }
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  append(out, map);
  append(out, slots);
  append(out, entries);
  return out + bytes;
}

}  // namespace falcoc::native
