// What stands in a text, as bits in fc_scratch.found: word by word, by comparison with all literals
// at once. LLVM makes a binary decision tree of a switch.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {
namespace {

constexpr size_t kWord = 8;
constexpr size_t kBitsPerWord = 32;

/// The bytes as a word of memory has them; those beyond the end are 0.
uint64_t word_of(std::string_view bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), kWord));
  return word;
}

uint64_t first_bytes(size_t count) {
  return count >= kWord ? ~uint64_t{0} : (uint64_t{1} << (8 * count)) - 1;
}

/// Those that are found when the next bytes are `word`, as far as `count` bytes say.
void add_found(std::span<const Sought> sought, size_t offset, uint64_t word, size_t count,
               std::vector<uint32_t>& found) {
  for (const Sought& each : sought) {
    const std::string_view rest = std::string_view(each.bytes).substr(offset);
    if (rest.size() > count) continue;
    if (word_of(rest) == (word & first_bytes(rest.size()))) found.push_back(each.bit);
  }
}

/// Where the byte of a literal stands that paths have least.
size_t key_of(std::string_view literal) {
  constexpr std::string_view kFrequent = "etaoinsrlcdupmbfhg/";  // by decreasing frequency
  const auto rank = [&](char c) {
    const size_t place = kFrequent.find(c);
    return c == '/' ? 0 : place == std::string_view::npos ? kFrequent.size() : place;
  };
  size_t best = 0;
  for (size_t i = 1; i < std::min(literal.size(), kWord); ++i) {
    if (rank(literal[i]) > rank(literal[best])) best = i;
  }
  return best;
}

}  // namespace

void Emitter::zero_found(const TextQuestions& questions) {
  uint32_t last = 0;
  for (const auto& [text, search] : questions.searches()) {
    for (const auto* sought : {&search.heads, &search.tails, &search.parts}) {
      for (const Sought& each : *sought) last = std::max(last, each.bit);
    }
    for (const TextSearch::Members& set : search.sets) last = std::max(last, set.bit);
  }
  for (size_t word = 0; word <= last / kBitsPerWord; word += 2) {
    store(64, 0, offsetof(fc_scratch, found) + word * sizeof(fc_u32));
  }
}

/// Ends the current block.
void Emitter::mark_found(std::vector<uint32_t> bits, llvm::BasicBlock* next) {
  std::map<uint32_t, uint32_t> words;
  for (const uint32_t bit : bits) words[bit / kBitsPerWord] |= 1u << (bit % kBitsPerWord);
  for (const auto& [word, mask] : words) {
    llvm::Value* place = at(offsetof(fc_scratch, found) + word * sizeof(fc_u32));
    store(builder_.CreateOr(load(32, place), constant(32, mask)), place);
  }
  if (!words.empty()) store(32, 1, offsetof(fc_scratch, found));
  builder_.CreateBr(next);
}

void Emitter::emit_search(uint8_t place, const TextSearch& search) {
  if (!search.heads.empty()) {
    llvm::BasicBlock* done = new_block("heads");
    std::vector<Sought> sorted = search.heads;
    std::ranges::sort(sorted);
    emit_heads(place, sorted, 0, {}, done);
    builder_.SetInsertPoint(done);
  }
  if (!search.tails.empty()) emit_tails(place, search.tails);
  if (!search.parts.empty()) emit_parts(place, search.parts);
  if (!search.sets.empty()) emit_sets(place, search.sets);
}

/// Copies the text in small letters, a word at a time, its NUL included. A byte is a capital letter
/// if it lies between two bounds: adding what is missing from each to 0x80 sets its highest bit.
void Emitter::emit_fold(uint8_t text) {
  constexpr auto all_bytes = [](uint64_t byte) { return 0x0101010101010101u * byte; };
  const uint8_t to = text | kFoldedText;
  llvm::Value* size = builder_.CreateAdd(size_at(text), constant(64, 1));
  llvm::BasicBlock* const from = builder_.GetInsertBlock();
  llvm::BasicBlock* const loop = new_block("fold");
  llvm::BasicBlock* const done = new_block("folded");
  builder_.CreateBr(loop);
  builder_.SetInsertPoint(loop);
  llvm::PHINode* offset = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  const auto place = [&](uint8_t of) {
    return builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes_at(of)), offset);
  };
  llvm::Value* word = load(64, place(text));
  llvm::Value* low = builder_.CreateAnd(word, constant(64, all_bytes(0x7f)));
  llvm::Value* from_a = builder_.CreateAdd(low, constant(64, all_bytes(0x80 - 'A')));
  llvm::Value* beyond_z = builder_.CreateAdd(low, constant(64, all_bytes(0x7f - 'Z')));
  llvm::Value* capital = builder_.CreateAnd(
      builder_.CreateAnd(builder_.CreateXor(from_a, beyond_z), builder_.CreateNot(word)),
      constant(64, all_bytes(0x80)));
  constexpr uint64_t kToSmall = 2;  // from the highest bit to 0x20
  store(builder_.CreateOr(word, builder_.CreateLShr(capital, constant(64, kToSmall))), place(to));
  llvm::Value* next = builder_.CreateAdd(offset, constant(64, kWord));
  offset->addIncoming(constant(64, 0), from);
  offset->addIncoming(next, builder_.GetInsertBlock());
  branch(emit_is_more(size, next), {loop, done});
  builder_.SetInsertPoint(done);
}

/// `sought` agree in their first `offset` bytes, which the text has, and are longer; sorted.
void Emitter::emit_heads(uint8_t place, std::span<const Sought> sought, size_t offset,
                         std::vector<uint32_t> found, llvm::BasicBlock* done) {
  std::vector<Sought> shorter;
  std::map<uint64_t, std::vector<Sought>> by_word;
  for (const Sought& each : sought) {
    if (each.bytes.size() < offset + kWord) {
      shorter.push_back(each);
    } else {
      by_word[word_of(std::string_view(each.bytes).substr(offset))].push_back(each);
    }
  }
  llvm::Value* word = load(64, bytes_at(place) + offset);
  llvm::BasicBlock* otherwise = new_block("other");
  llvm::SwitchInst* choice =
      builder_.CreateSwitch(word, otherwise, static_cast<unsigned>(by_word.size()));
  for (auto& [value, having] : by_word) {
    llvm::BasicBlock* block = new_block("word");
    choice->addCase(constant(64, value), block);
    builder_.SetInsertPoint(block);
    std::vector<uint32_t> more = found;
    add_found(shorter, offset, value, kWord, more);
    add_found(having, offset, value, kWord, more);
    std::erase_if(having, [&](const Sought& each) { return each.bytes.size() == offset + kWord; });
    if (having.empty()) {
      mark_found(std::move(more), done);
    } else {
      emit_heads(place, having, offset + kWord, std::move(more), done);
    }
  }
  builder_.SetInsertPoint(otherwise);
  for (Sought& each : shorter) each.bytes.erase(0, offset);
  emit_shorter(word, shorter, kWord - 1, std::move(found), done);
}

/// What is shorter than a word, the longest first: with it those are found that it begins with.
void Emitter::emit_shorter(llvm::Value* word, std::span<const Sought> shorter, size_t bytes,
                           std::vector<uint32_t> found, llvm::BasicBlock* done) {
  std::map<uint64_t, llvm::BasicBlock*> values;
  while (bytes > 0 && values.empty()) {
    for (const Sought& each : shorter) {
      if (each.bytes.size() == bytes) values.emplace(word_of(each.bytes), nullptr);
    }
    if (values.empty()) --bytes;
  }
  if (values.empty()) return mark_found(std::move(found), done);
  llvm::BasicBlock* otherwise = new_block("shorter");
  llvm::Value* masked = builder_.CreateAnd(word, constant(64, first_bytes(bytes)));
  llvm::SwitchInst* choice =
      builder_.CreateSwitch(masked, otherwise, static_cast<unsigned>(values.size()));
  for (const auto& [value, unused] : values) {
    llvm::BasicBlock* block = new_block("begin");
    choice->addCase(constant(64, value), block);
    builder_.SetInsertPoint(block);
    std::vector<uint32_t> more = found;
    add_found(shorter, 0, value, bytes, more);
    mark_found(std::move(more), done);
  }
  builder_.SetInsertPoint(otherwise);
  emit_shorter(word, shorter, bytes - 1, std::move(found), done);
}

/// In whole words that may overlap: `bytes` are one at least.
void Emitter::emit_rest(llvm::Value* at, std::string_view bytes, size_t begin, Exits exits) {
  while (begin < bytes.size()) {
    const size_t place = std::min(begin, bytes.size() - kWord);
    llvm::Value* word =
        load(64, builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), at, place));
    llvm::BasicBlock* next = new_block("equal");
    branch(builder_.CreateICmpEQ(word, constant(64, word_of(bytes.substr(place)))),
           {next, exits.if_false});
    builder_.SetInsertPoint(next);
    begin = place + kWord;
  }
  builder_.CreateBr(exits.if_true);
}

void Emitter::emit_tails(uint8_t place, const std::vector<Sought>& sought) {
  // what is shorter than a word by its length, all others by their last word
  std::map<size_t, std::map<uint64_t, std::vector<const Sought*>>> by_length;
  for (const Sought& each : sought) {
    const size_t length = std::min(each.bytes.size(), kWord);
    const std::string_view last = std::string_view(each.bytes).substr(each.bytes.size() - length);
    by_length[length][word_of(last)].push_back(&each);
  }
  llvm::Value* size = size_at(place);
  llvm::Value* end = builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes_at(place)), size);
  const auto before_end = [&](size_t bytes) {
    return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), end,
                                               static_cast<uint64_t>(-static_cast<int64_t>(bytes)));
  };
  for (const auto& [length, by_word] : by_length) {
    llvm::BasicBlock* long_enough = new_block("tail");
    llvm::BasicBlock* next = new_block("tails");
    branch(builder_.CreateICmpUGE(size, constant(64, length)), {long_enough, next});
    builder_.SetInsertPoint(long_enough);
    llvm::Value* word =
        builder_.CreateLShr(load(64, before_end(kWord)), constant(64, 8 * (kWord - length)));
    llvm::SwitchInst* choice =
        builder_.CreateSwitch(word, next, static_cast<unsigned>(by_word.size()));
    for (const auto& [value, having] : by_word) {
      llvm::BasicBlock* block = new_block("last");
      choice->addCase(constant(64, value), block);
      builder_.SetInsertPoint(block);
      for (const Sought* each : having) {
        llvm::BasicBlock* found = new_block("found");
        llvm::BasicBlock* other = new_block("other");
        llvm::BasicBlock* rest = new_block("rest");
        branch(builder_.CreateICmpUGE(size, constant(64, each->bytes.size())), {rest, other});
        builder_.SetInsertPoint(rest);
        if (each->bytes.size() > kWord) {
          emit_rest(before_end(each->bytes.size()),
                    std::string_view(each->bytes).substr(0, each->bytes.size()), 0, {found, other});
        } else {
          builder_.CreateBr(found);
        }
        builder_.SetInsertPoint(found);
        mark_found({each->bit}, other);
        builder_.SetInsertPoint(other);
      }
      builder_.CreateBr(next);
    }
    builder_.SetInsertPoint(next);
  }
}

/// A word at a time: only where the byte stands that a literal is told by is the literal looked
/// for.
void Emitter::emit_parts(uint8_t place, const std::vector<Sought>& sought) {
  std::map<char, std::vector<Sought>> by_key;
  for (const Sought& each : sought) by_key[each.bytes[key_of(each.bytes)]].push_back(each);
  const size_t bytes = bytes_at(place);
  llvm::Value* size = size_at(place);
  llvm::BasicBlock* const from = builder_.GetInsertBlock();
  llvm::BasicBlock* const loop = new_block("words");
  llvm::BasicBlock* const done = new_block("parts");
  builder_.CreateBr(loop);
  builder_.SetInsertPoint(loop);
  llvm::PHINode* offset = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  llvm::Value* here_at = builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes), offset);
  llvm::Value* word = load(64, here_at);
  for (const auto& [key, having] : by_key) {
    llvm::BasicBlock* here = new_block("here");
    llvm::BasicBlock* next = new_block("next");
    branch(builder_.CreateIsNotNull(emit_marks(word, key)), {here, next});
    builder_.SetInsertPoint(here);
    for (size_t position = 0; position < kWord; ++position) {
      llvm::BasicBlock* found = new_block("key");
      llvm::BasicBlock* other = new_block("other");
      llvm::Value* byte =
          load(8, builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), here_at, position));
      branch(builder_.CreateICmpEQ(byte, constant(8, static_cast<uint8_t>(key))), {found, other});
      builder_.SetInsertPoint(found);
      for (const Sought& each : having) emit_part(offset, here_at, each, position);
      builder_.CreateBr(other);
      builder_.SetInsertPoint(other);
    }
    builder_.CreateBr(next);
    builder_.SetInsertPoint(next);
  }
  llvm::Value* following = builder_.CreateAdd(offset, constant(64, kWord));
  offset->addIncoming(constant(64, 0), from);
  offset->addIncoming(following, builder_.GetInsertBlock());
  branch(emit_is_more(size, following), {loop, done});
  builder_.SetInsertPoint(done);
}

/// The byte that the literal is told by is the one at `position` behind `place`, which is `offset`
/// bytes into the text. What lies before the text is none of it.
void Emitter::emit_part(llvm::Value* offset, llvm::Value* place, const Sought& sought,
                        size_t position) {
  llvm::BasicBlock* found = new_block("found");
  llvm::BasicBlock* other = new_block("other");
  const auto begin = static_cast<int64_t>(position) - static_cast<int64_t>(key_of(sought.bytes));
  if (begin < 0) {
    llvm::BasicBlock* inside = new_block("inside");
    branch(builder_.CreateIsNull(offset), {other, inside});
    builder_.SetInsertPoint(inside);
  }
  llvm::Value* at_begin = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), place,
                                                              static_cast<uint64_t>(begin));
  if (sought.bytes.size() >= kWord) {
    emit_rest(at_begin, sought.bytes, 0, {found, other});
  } else {
    llvm::Value* word =
        builder_.CreateAnd(load(64, at_begin), constant(64, first_bytes(sought.bytes.size())));
    branch(builder_.CreateICmpEQ(word, constant(64, word_of(sought.bytes))), {found, other});
  }
  builder_.SetInsertPoint(found);
  mark_found({sought.bit}, other);
  builder_.SetInsertPoint(other);
}

}  // namespace falcoc::bpf
