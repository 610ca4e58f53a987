// The functions that generated code calls.
#include "compiler/codegen/native/abi.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <cstring>

#include "compiler/codegen/native/part_index.h"
#include "compiler/codegen/native/text_index.h"

namespace falcoc::native {
namespace {

template <typename Word>
uint64_t word_at(const char* data) {
  Word word = 0;
  std::memcpy(&word, data, sizeof word);
  return word;
}

/// Not 0 if some byte of the word is 0.
uint64_t zero_bytes(uint64_t word) {
  return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/// Longer texts are searched by memchr, which takes longer to begin.
constexpr size_t kLongestByBlocks = 256;

/// Most texts are short and have no NUL: that is told by blocks, the last one overlapping.
inline bool has_nul(const char* data, size_t size) {
#ifdef __SSE2__
  constexpr size_t kBlock = sizeof(__m128i);
  if (size >= kBlock) {
    const auto load = [data](size_t at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    };
    // the least byte of each place: 0 if one of them is
    __m128i least = load(size - kBlock);
    for (size_t at = 0; at + kBlock < size; at += kBlock) least = _mm_min_epu8(least, load(at));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0;
  }
#endif
  if (size >= 8) {
    uint64_t zeros = zero_bytes(word_at<uint64_t>(data + size - 8));
    for (size_t at = 0; at + 8 < size; at += 8) zeros |= zero_bytes(word_at<uint64_t>(data + at));
    return zeros != 0;
  }
  if (size >= 4) {
    return zero_bytes(word_at<uint32_t>(data) | word_at<uint32_t>(data + size - 4) << 32) != 0;
  }
  return size != 0 && (data[0] == 0 || data[size / 2] == 0 || data[size - 1] == 0);
}

[[gnu::noinline]] void measure_cut(Entry* entry) {
  const std::string_view text = entry->value.text();
  entry->text_size = static_cast<uint32_t>(ir::until_nul(text).size());
  entry->member_size = static_cast<uint32_t>(ir::without_trailing_nuls(text).size());
}

[[gnu::noinline]] void measure_long(Entry* entry) {
  if (std::memchr(entry->value.data, 0, entry->value.size) != nullptr) measure_cut(entry);
}

/// Texts of which their source does not say that they are plain: what nearly all of them need calls
/// nothing and saves no register.
void measure(Entry* entry) {
  const size_t size = entry->value.size;
  entry->text_size = entry->member_size = entry->value.size;
  if (entry->value.is_plain != 0) return;
  if (size > kLongestByBlocks) return measure_long(entry);
  if (has_nul(entry->value.data, size)) return measure_cut(entry);
}

bool compute_operand(FrameHeader* frame, uint32_t operand, Entry* entry) {
  const Runtime& runtime = *frame->runtime;
  const ir::FieldSource source{frame, runtime.cached_accessors};
  const bool is_present = ir::evaluate_operand(*runtime.program, ir::OperandId{operand}, source,
                                               *frame->arena, entry->value);
  entry->tag = frame->epoch + (is_present ? 1 : 0);
  if (is_present && is_measured(runtime.program->operand(ir::OperandId{operand}).type)) {
    measure(entry);
  }
  return is_present;
}

bool holds_check(FrameHeader* frame, uint32_t check, const Entry* left, const Entry* right) {
  return check_holds(frame->runtime->checks[check], left->value, right ? &right->value : nullptr);
}

bool holds_text_check(FrameHeader* frame, uint32_t check, const Entry* left) {
  return text_check_holds(frame->runtime->checks[check], 0, {left->value.data, left->text_size});
}

bool contains_text(const char* data, uint64_t size, const char* needle, uint64_t needle_size) {
  return contains_bytes({data, size}, {needle, needle_size});
}

bool same_bytes(const char* left, const char* right, uint64_t size) {
  return std::memcmp(left, right, size) == 0;
}

void run_leaf(FrameHeader* frame, uint64_t* matched, const Leaf* leaves, uint32_t leaf) {
  auto* memos = reinterpret_cast<uint32_t*>(reinterpret_cast<char*>(frame) +
                                            frame->runtime->layout.memo_offset(0));
  while (leaf != 0) {
    const Leaf& here = leaves[leaf];
    if (memos[here.memo] == frame->epoch + 1) return;  // and so is what follows it
    memos[here.memo] = frame->epoch + 1;
    if (here.steps != nullptr) here.steps(frame, matched);
    for (const RuleEntry& entry : std::span(here.rules, here.rule_count)) {
      if (!entry.holds(frame)) continue;
      matched[entry.rule / 64] |= uint64_t{1} << (entry.rule % 64);
      frame->any_matched = 1;
    }
    leaf = here.next;
  }
}

void find_value(FrameHeader* frame, uint64_t* matched, const TextLookUp* look_up,
                std::string_view value) {
  const Leaf* leaves = look_up->leaves;
  if (look_up->starts != nullptr) {
    const uint32_t leaf = find_in_text_index<Direction::FORWARD>(look_up->starts, value);
    if (leaf != 0) run_leaf(frame, matched, leaves, leaf);
  }
  if (look_up->ends != nullptr) {
    const uint32_t leaf = find_in_text_index<Direction::BACKWARD>(look_up->ends, value);
    if (leaf != 0) run_leaf(frame, matched, leaves, leaf);
  }
  if (look_up->parts != nullptr) {
    find_parts(look_up->parts, value,
               [&](uint32_t leaf) { run_leaf(frame, matched, leaves, leaf); });
  }
}

void find_text(FrameHeader* frame, uint64_t* matched, const TextLookUp* look_up,
               const Entry* text) {
  if (look_up->is_bytes != 0) {
    find_value(frame, matched, look_up, text->value.text());
    return;
  }
  // Equality sees the text up to the first NUL, membership what follows too: ask every rule.
  if (text->text_size != text->member_size) {
    run_leaf(frame, matched, look_up->leaves, look_up->everything);
    return;
  }
  find_value(frame, matched, look_up, {text->value.data, text->text_size});
}

template <typename Function>
const void* address(Function* function) {
  return reinterpret_cast<const void*>(function);
}

}  // namespace

std::span<const void* const> helper_addresses() {
  static const std::array<const void*, kHelpers> addresses{
      address<MeasureText>(measure),        address<ComputeOperand>(compute_operand),
      address<HoldsCheck>(holds_check),     address<HoldsTextCheck>(holds_text_check),
      address<ContainsText>(contains_text), address<SameBytes>(same_bytes),
      address<RunLeaf>(run_leaf),           address<FindText>(find_text),
  };
  return addresses;
}

bool read_cached_field(void* frame, const FieldRef& field, Value& out) {
  auto* header = static_cast<FrameHeader*>(frame);
  const Runtime& runtime = *header->runtime;
  const auto slot = static_cast<size_t>(&field - runtime.program->fields.data());
  Entry& entry = *reinterpret_cast<Entry*>(static_cast<char*>(frame) +
                                           runtime.layout.field_offset(ir::SlotId(slot)));
  if (entry.tag - header->epoch > 1) {
    const bool is_present =
        entry.accessor != nullptr && entry.accessor(header->context, field, entry.value);
    entry.tag = header->epoch + (is_present ? 1 : 0);
    if (is_present && entry.is_measured != 0) measure(&entry);
  }
  out = entry.value;
  return entry.tag != header->epoch;
}

}  // namespace falcoc::native
