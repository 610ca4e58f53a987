// Membership of text, bytes and addresses in a set: a switch on the length, then on words.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

using ir::Operator;
using ir::TypeGroup;

namespace {

constexpr size_t kWord = 8;

/// Bytes from `offset` on that all members share.
size_t common_prefix(const std::vector<std::string_view>& members, size_t offset) {
  const std::string_view first = members.front().substr(offset);
  size_t common = first.size();
  for (std::string_view member : members) {
    const auto differ = std::ranges::mismatch(first.substr(0, common), member.substr(offset));
    common = static_cast<size_t>(differ.in1 - first.begin());
  }
  return common;
}

}  // namespace

bool Codegen::emit_string_set(const ir::Node& atom, const Fetched& left, Exits exits) {
  const ir::TypeTraits traits = ir::type_traits(left.type.param);
  const bool has_bytes = traits.group == TypeGroup::TEXT || traits.group == TypeGroup::BUFFER ||
                         (traits.group == TypeGroup::ADDRESS && !traits.is_network);
  const bool is_set = atom.op == Operator::IN || atom.op == Operator::INTERSECTS;
  if (!has_bytes || !is_set) return false;
  const std::vector<ir::Literal>& literals = program_.literal_set(atom.literals);
  if (literals.size() > kMaxInlineLiterals) return false;

  std::map<size_t, std::set<std::string_view>> by_size;
  for (const ir::Literal& literal : literals) by_size[literal.bytes.size()].insert(literal.bytes);
  llvm::SwitchInst* choice = builder_.CreateSwitch(load_member_size(left), exits.if_false,
                                                   static_cast<unsigned>(by_size.size()));
  for (const auto& [size, members] : by_size) {
    llvm::BasicBlock* block = new_block("size");
    choice->addCase(builder_.getInt64(size), block);
    builder_.SetInsertPoint(block);
    if (size == 0) {
      builder_.CreateBr(exits.if_true);
    } else {
      emit_members(load_data(left), {members.begin(), members.end()}, 0, exits);
    }
  }
  return true;
}

/// All members have the same size, which is that of the bytes at `data`, agree before `offset` and
/// differ from each other.
/// Before: bytes in {aaaaaaaabb, aaaaaaaacc, dddddddddd}.
/// After:  switch (first word) { aaaaaaaa: rest in {bb, cc}; dddddddd: rest = dd }.
void Codegen::emit_members(llvm::Value* data, std::vector<std::string_view> members, size_t offset,
                           Exits exits) {
  if (members.size() == 1) {
    emit_bytes_equal(data, builder_.getInt64(offset), members.front().substr(offset), exits);
    return;
  }
  if (const size_t common = common_prefix(members, offset); common >= kWord) {
    llvm::BasicBlock* next = new_block("rest");
    emit_bytes_equal(data, builder_.getInt64(offset), members.front().substr(offset, common),
                     {next, exits.if_false});
    builder_.SetInsertPoint(next);
    offset += common;
  }
  const size_t rest = members.front().size() - offset;
  size_t word_size = kWord;
  while (word_size > rest) word_size /= 2;
  std::map<uint64_t, std::vector<std::string_view>> by_word;
  for (std::string_view member : members) {
    uint64_t word = 0;
    std::memcpy(&word, member.data() + offset, word_size);
    by_word[word].push_back(member);
  }
  auto* type = builder_.getIntNTy(static_cast<unsigned>(8 * word_size));
  llvm::Value* place = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), data, offset);
  llvm::SwitchInst* choice =
      builder_.CreateSwitch(builder_.CreateAlignedLoad(type, place, llvm::Align(1)), exits.if_false,
                            static_cast<unsigned>(by_word.size()));
  for (auto& [word, same] : by_word) {
    auto* value = llvm::ConstantInt::get(type, word);
    if (word_size == rest) {
      choice->addCase(value, exits.if_true);
      continue;
    }
    llvm::BasicBlock* block = new_block("rest");
    choice->addCase(value, block);
    builder_.SetInsertPoint(block);
    emit_members(data, std::move(same), offset + word_size, exits);
  }
}

}  // namespace falcoc::native
