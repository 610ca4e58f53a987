// Reading a text that the program passed, once, and finding out what form it has (FC_TEXT_*).
#include <linux/bpf.h>

#include <cstddef>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {
namespace {

constexpr size_t kWord = 8;

constexpr uint64_t all_bytes(uint8_t byte) { return 0x0101010101010101u * byte; }

}  // namespace

void Emitter::emit_read(size_t text) {
  const size_t bytes = in_text(text, offsetof(fc_text, bytes));
  const size_t state = in_text(text, offsetof(fc_text, state));
  if ((filter_.texts_used >> text & 1) == 0) {
    store(64, 0, in_text(text, offsetof(fc_text, address)));
    return;
  }
  llvm::BasicBlock* readable = new_block("readable");
  llvm::BasicBlock* otherwise = new_block("otherwise");
  llvm::BasicBlock* is_long = new_block("long");
  llvm::BasicBlock* unreadable = new_block("unreadable");
  llvm::BasicBlock* done = new_block("read");
  llvm::Value* address =
      load(64, in_event(offsetof(fc_event, args) + sizeof(fc_u64) * filter_.texts[text].argument));
  store(address, at(in_text(text, offsetof(fc_text, address))));
  llvm::Value* size = call_helper(BPF_FUNC_probe_read_user_str, builder_.getInt64Ty(),
                                  {at(bytes), constant(32, FC_FILTER_TEXT_BYTES),
                                   builder_.CreateIntToPtr(address, builder_.getPtrTy())});
  // without the NUL; as one comparison, so that the verifier knows the bounds of what is used
  llvm::Value* length = builder_.CreateSub(size, constant(64, 1));
  branch(builder_.CreateICmpULT(length, constant(64, FC_FILTER_TEXT_BYTES - 1)),
         {readable, otherwise});

  builder_.SetInsertPoint(otherwise);
  store(64, 0, bytes);
  store(32, 0, in_text(text, offsetof(fc_text, size)));
  store(32, 0, in_text(text, offsetof(fc_text, last_slash)));
  branch(builder_.CreateICmpSLT(size, constant(64, 1)), {unreadable, is_long});
  builder_.SetInsertPoint(unreadable);
  store(32, FC_TEXT_UNREADABLE, state);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(is_long);
  store(32, FC_TEXT_LONG, state);
  builder_.CreateBr(done);

  builder_.SetInsertPoint(readable);
  // NULs to the end of the last word, as the helper leaves what was there before
  store(constant(64, 0), builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes), length));
  store(builder_.CreateTrunc(length, builder_.getInt32Ty()),
        at(in_text(text, offsetof(fc_text, size))));
  emit_form(text, length);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  store(32, text + 1, offsetof(fc_scratch, text_count));
}

/// A word at a time: marks the bytes that are `.` or `/` (they differ in their last bit) with their
/// highest bit; two marks side by side make the path odd.
void Emitter::emit_form(size_t text, llvm::Value* length) {
  const size_t bytes = in_text(text, offsetof(fc_text, bytes));
  const size_t state = in_text(text, offsetof(fc_text, state));
  llvm::BasicBlock* relative = new_block("relative");
  llvm::BasicBlock* absolute = new_block("absolute");
  llvm::BasicBlock* loop = new_block("loop");
  llvm::BasicBlock* scanned = new_block("scanned");
  llvm::BasicBlock* done = new_block("formed");
  store(32, 0, in_text(text, offsetof(fc_text, last_slash)));
  branch(builder_.CreateICmpEQ(load(8, bytes), constant(8, '/')), {absolute, relative});
  builder_.SetInsertPoint(relative);
  store(32, FC_TEXT_RELATIVE, state);
  builder_.CreateBr(done);

  builder_.SetInsertPoint(absolute);
  builder_.CreateBr(loop);
  builder_.SetInsertPoint(loop);
  llvm::PHINode* offset = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  llvm::PHINode* carried = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  llvm::PHINode* odd = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  llvm::Value* word = load(64, builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes), offset));
  llvm::Value* differing = builder_.CreateAnd(
      builder_.CreateXor(word, constant(64, all_bytes('.'))), constant(64, all_bytes(0xfe)));
  llvm::Value* low = builder_.CreateAdd(
      builder_.CreateAnd(differing, constant(64, all_bytes(0x7f))), constant(64, all_bytes(0x7f)));
  llvm::Value* marks = builder_.CreateAnd(builder_.CreateNot(builder_.CreateOr(low, differing)),
                                          constant(64, all_bytes(0x80)));
  llvm::Value* before = builder_.CreateOr(builder_.CreateShl(marks, constant(64, 8)), carried);
  llvm::Value* odd_now = builder_.CreateOr(odd, builder_.CreateAnd(marks, before));
  llvm::Value* carry = builder_.CreateLShr(marks, constant(64, 56));
  llvm::Value* next = builder_.CreateAdd(offset, constant(64, kWord));
  offset->addIncoming(constant(64, 0), absolute);
  offset->addIncoming(next, loop);
  carried->addIncoming(constant(64, 0), absolute);
  carried->addIncoming(carry, loop);
  odd->addIncoming(constant(64, 0), absolute);
  odd->addIncoming(odd_now, loop);
  branch(builder_.CreateICmpULT(next, length), {loop, scanned});

  builder_.SetInsertPoint(scanned);
  llvm::BasicBlock* is_odd = new_block("odd");
  llvm::BasicBlock* no_pair = new_block("nopair");
  llvm::BasicBlock* no_slash = new_block("noslash");
  llvm::BasicBlock* normal = new_block("normal");
  branch(builder_.CreateIsNotNull(odd_now), {is_odd, no_pair});
  builder_.SetInsertPoint(no_pair);
  branch(builder_.CreateICmpEQ(length, constant(64, 1)), {normal, no_slash});
  builder_.SetInsertPoint(no_slash);
  llvm::Value* last =
      load(8, builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes - 1), length));
  branch(builder_.CreateICmpEQ(last, constant(8, '/')), {is_odd, normal});
  builder_.SetInsertPoint(is_odd);
  store(32, FC_TEXT_ODD, state);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(normal);
  store(32, FC_TEXT_NORMAL, state);
  if (filter_.wants_last_slash[text]) emit_last_slash(text, length);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// Backwards from the end, which names are short of. The first byte is a slash.
void Emitter::emit_last_slash(size_t text, llvm::Value* length) {
  const size_t bytes = in_text(text, offsetof(fc_text, bytes));
  llvm::BasicBlock* from = builder_.GetInsertBlock();
  llvm::BasicBlock* loop = new_block("back");
  llvm::BasicBlock* check = new_block("look");
  llvm::BasicBlock* found = new_block("slash");
  builder_.CreateBr(loop);
  builder_.SetInsertPoint(loop);
  llvm::PHINode* end = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  // said anew in each round, for the verifier
  llvm::Value* position = builder_.CreateSub(end, constant(64, 1));
  branch(builder_.CreateICmpULT(position, constant(64, FC_FILTER_TEXT_BYTES)), {check, found});
  builder_.SetInsertPoint(check);
  llvm::Value* byte =
      load(8, builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes), position));
  llvm::BasicBlock* store_block = new_block("position");
  branch(builder_.CreateICmpEQ(byte, constant(8, '/')), {store_block, loop});
  end->addIncoming(length, from);
  end->addIncoming(position, check);
  builder_.SetInsertPoint(store_block);
  store(builder_.CreateTrunc(position, builder_.getInt32Ty()),
        at(in_text(text, offsetof(fc_text, last_slash))));
  builder_.CreateBr(found);
  builder_.SetInsertPoint(found);
}

}  // namespace falcoc::bpf
