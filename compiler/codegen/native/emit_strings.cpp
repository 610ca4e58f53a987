// Checks of text, bytes and addresses against single literals: length first, then words.
#include <cstring>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

using ir::Modifier;
using ir::Operator;
using ir::TypeGroup;

namespace {

/// Longer literals are compared by a helper.
constexpr size_t kMaxInlineBytes = 64;
/// Alternatives of anyof and allof that are expanded.
constexpr size_t kMaxInlineAlternatives = 16;

/// Operators that this file expands.
bool is_expanded(Operator op) {
  switch (op) {
    case Operator::EQ:
    case Operator::NE:
    case Operator::STARTSWITH:
    case Operator::BSTARTSWITH:
    case Operator::ENDSWITH:
    case Operator::CONTAINS:
    case Operator::BCONTAINS:
      return true;
    default:
      return false;
  }
}

/// The bytes of text[offset, offset + size) as the little-endian number a load gives.
uint64_t word_of(std::string_view text, size_t offset, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, text.data() + offset, size);
  return word;
}

}  // namespace

bool Codegen::emit_string_check(const ir::Node& atom, const Fetched& left, Exits exits) {
  const ir::TypeTraits traits = ir::type_traits(left.type.param);
  const bool has_bytes = traits.group == TypeGroup::TEXT || traits.group == TypeGroup::BUFFER ||
                         (traits.group == TypeGroup::ADDRESS && !traits.is_network);
  if (!has_bytes) return false;
  if (atom.modifier != Modifier::NONE) return emit_string_modifier(atom, left, exits);
  if (is_expanded(atom.op)) {
    const ir::Literal& literal = program_.literal_set(atom.literals).front();
    emit_string_comparison(atom.op, left, literal.bytes, exits);
    return true;
  }
  // Sets too large to expand, and paths, need all their literals.
  const bool takes_set =
      atom.op == Operator::IN || atom.op == Operator::INTERSECTS || atom.op == Operator::PMATCH;
  if (traits.group != TypeGroup::TEXT || takes_set) return false;
  emit_text_call(atom, left, exits);
  return true;
}

/// Before: x OP anyof (a, b).  After: x OP a or x OP b.  allof: and. oneof counts, in the helper.
bool Codegen::emit_string_modifier(const ir::Node& atom, const Fetched& left, Exits exits) {
  const std::vector<ir::Literal>& literals = program_.literal_set(atom.literals);
  if (literals.empty()) {  // false for every modifier (Q53)
    builder_.CreateBr(exits.if_false);
    return true;
  }
  const bool is_any = atom.modifier == Modifier::ANYOF;
  if (!is_expanded(atom.op) || atom.modifier == Modifier::ONEOF ||
      literals.size() > kMaxInlineAlternatives) {
    return false;
  }
  for (const ir::Literal& literal : literals) {
    if (&literal == &literals.back()) {
      emit_string_comparison(atom.op, left, literal.bytes, exits);
      break;
    }
    llvm::BasicBlock* next = new_block("alternative");
    emit_string_comparison(atom.op, left, literal.bytes,
                           is_any ? Exits{exits.if_true, next} : Exits{next, exits.if_false});
    builder_.SetInsertPoint(next);
  }
  return true;
}

void Codegen::emit_string_comparison(Operator op, const Fetched& left, std::string_view literal,
                                     Exits exits) {
  if (op == Operator::NE) {
    std::swap(exits.if_true, exits.if_false);
    op = Operator::EQ;
  }
  llvm::Value* size = load_text_size(left);
  llvm::Value* literal_size = builder_.getInt64(literal.size());
  llvm::BasicBlock* compare = new_block("compare");
  if (op == Operator::EQ) {
    branch(builder_.CreateICmpEQ(size, literal_size), {compare, exits.if_false});
  } else {
    branch(builder_.CreateICmpUGE(size, literal_size), {compare, exits.if_false});
  }
  builder_.SetInsertPoint(compare);
  if (literal.empty()) {
    builder_.CreateBr(exits.if_true);
    return;
  }
  llvm::Value* data = load_data(left);
  if (op == Operator::CONTAINS || op == Operator::BCONTAINS) {
    // memmem() here sees the text's size, which for buffers is the whole size.
    branch(call(Helper::CONTAINS, bool_, {data, size, text_constant(literal), literal_size}),
           exits);
    return;
  }
  llvm::Value* offset = op == Operator::ENDSWITH ? builder_.CreateSub(size, literal_size)
                                                 : static_cast<llvm::Value*>(builder_.getInt64(0));
  emit_bytes_equal(data, offset, literal, exits);
}

/// Words of 8, 4, 2 and 1 bytes; the last one may overlap the one before instead of splitting the
/// rest. All differences are OR-ed, so that there is one branch.
void Codegen::emit_bytes_equal(llvm::Value* data, llvm::Value* offset, std::string_view literal,
                               Exits exits) {
  llvm::Value* start = builder_.CreateInBoundsGEP(builder_.getInt8Ty(), data, offset);
  if (literal.size() > kMaxInlineBytes) {
    branch(call(Helper::SAME_BYTES, bool_,
                {start, text_constant(literal), builder_.getInt64(literal.size())}),
           exits);
    return;
  }
  size_t word_size = 8;
  while (word_size > literal.size()) word_size /= 2;
  llvm::Type* word = builder_.getIntNTy(static_cast<unsigned>(8 * word_size));
  llvm::Value* difference = nullptr;
  for (size_t at = 0; at < literal.size(); at += word_size) {
    at = std::min(at, literal.size() - word_size);
    llvm::Value* place = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), start, at);
    llvm::Value* part = builder_.CreateAlignedLoad(word, place, llvm::Align(1));
    part = builder_.CreateXor(part, llvm::ConstantInt::get(word, word_of(literal, at, word_size)));
    difference = difference ? builder_.CreateOr(difference, part) : part;
  }
  branch(builder_.CreateICmpEQ(difference, llvm::ConstantInt::get(word, 0)), exits);
}

}  // namespace falcoc::native
