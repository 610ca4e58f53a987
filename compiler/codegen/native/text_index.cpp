// Building of text indexes.
#include "compiler/codegen/native/text_index.h"

#include <algorithm>
#include <map>
#include <utility>

namespace falcoc::native {
namespace {

class Builder {
 public:
  void add(const IndexedText& text, Direction direction) {
    std::string bytes = text.text;
    if (direction == Direction::BACKWARD) std::ranges::reverse(bytes);
    uint32_t node = 0;
    std::string_view rest = bytes;
    while (rest.size() > 8) {
      node = next_node(node, rest);
      rest.remove_prefix(8);
    }
    const auto tail = static_cast<uint32_t>(rest.size());
    uint16_t& tails = text.is_whole ? nodes_[node].whole_tails : nodes_[node].prefix_tails;
    tails = static_cast<uint16_t>(tails | 1u << tail);
    const uint32_t kind = text.is_whole ? text_index::kWholeTail + tail : tail;
    edges_[{text_index::edge(node, kind), word_of(rest)}] = text.leaf;
  }

  std::string finish() const {
    const auto slot_count = std::bit_ceil(2 * static_cast<uint32_t>(edges_.size()) + 1);
    std::vector<TextIndexSlot> slots(slot_count);
    for (const auto& [key, value] : edges_) {
      const auto& [edge, word] = key;
      uint64_t at = text_index::hash(word, edge);
      while (slots[at & (slot_count - 1)].edge != 0) ++at;
      slots[at & (slot_count - 1)] = {word, edge, value};
    }
    const TextIndexHeader header{static_cast<uint32_t>(nodes_.size()), slot_count - 1};
    std::string out(reinterpret_cast<const char*>(&header), sizeof header);
    out.append(reinterpret_cast<const char*>(nodes_.data()), nodes_.size() * sizeof nodes_[0]);
    out.append(reinterpret_cast<const char*>(slots.data()), slots.size() * sizeof slots[0]);
    return out;
  }

 private:
  static uint64_t word_of(std::string_view bytes) {
    return text_index::load_word<Direction::FORWARD>(bytes.substr(0, 8), 0);
  }

  uint32_t next_node(uint32_t node, std::string_view rest) {
    nodes_[node].has_next = 1;
    const std::pair key{text_index::edge(node, text_index::kNextWord), word_of(rest)};
    const auto [place, is_new] = edges_.emplace(key, static_cast<uint32_t>(nodes_.size()));
    if (is_new) nodes_.emplace_back();
    return place->second;
  }

  std::vector<TextIndexNode> nodes_{{}};
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> edges_;
};

}  // namespace

std::string build_text_index(const std::vector<IndexedText>& texts, Direction direction) {
  Builder builder;
  for (const IndexedText& text : texts) builder.add(text, direction);
  return builder.finish();
}

}  // namespace falcoc::native
