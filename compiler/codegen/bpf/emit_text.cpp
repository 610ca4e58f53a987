// Reading a text that the program passed, once, and finding out what form it has (FC_TEXT_*).
#include <linux/bpf.h>

#include <cstddef>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {

using ir::split::KernelText;

namespace {

constexpr size_t kWord = 8;

constexpr uint64_t all_bytes(uint8_t byte) { return 0x0101010101010101u * byte; }

}  // namespace

void Emitter::emit_read(size_t text) {
  const size_t bytes = in_text(text, offsetof(fc_text, bytes));
  const size_t state = in_text(text, offsetof(fc_text, state));
  const bool is_passed =
      (filter_.texts_used >> text & 1) != 0 && !filter_.is_of_kind(text, KernelText::Kind::OPENED);
  if (!is_passed || filter_.slot(text) != text) {  // the extractor finds nothing there
    store(64, 0, offsetof(fc_scratch, texts) + text * sizeof(fc_text) + offsetof(fc_text, address));
    return store(32, text + 1, offsetof(fc_scratch, text_count));
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

/// Marks the bytes of a word that are `byte` with their highest bit.
llvm::Value* Emitter::emit_marks(llvm::Value* word, char byte) {
  llvm::Value* differing =
      builder_.CreateXor(word, constant(64, all_bytes(static_cast<uint8_t>(byte))));
  llvm::Value* low = builder_.CreateAdd(
      builder_.CreateAnd(differing, constant(64, all_bytes(0x7f))), constant(64, all_bytes(0x7f)));
  return builder_.CreateAnd(builder_.CreateNot(builder_.CreateOr(low, differing)),
                            constant(64, all_bytes(0x80)));
}

/// Whether there is more behind `offset`, which the verifier knows in each round. Before Linux 6.4
/// it compares nothing but constants on the right with what it knows, and would not see the loop
/// end.
llvm::Value* Emitter::emit_is_more(llvm::Value* size, llvm::Value* offset) {
  return builder_.CreateICmpSGT(builder_.CreateSub(size, offset), constant(64, 0));
}

/// Index of the last byte that is marked in the word at `offset`, or `otherwise` if none is.
/// Without a branch, which the verifier would follow both ways in each round.
llvm::Value* Emitter::emit_last_marked(llvm::Value* marks, llvm::Value* offset,
                                       llvm::Value* otherwise) {
  for (const uint64_t distance : {8, 16, 32}) {  // marks all bytes before it as well
    marks = builder_.CreateOr(marks, builder_.CreateLShr(marks, constant(64, distance)));
  }
  llvm::Value* ones =
      builder_.CreateAnd(builder_.CreateLShr(marks, constant(64, 7)), constant(64, all_bytes(1)));
  llvm::Value* count = builder_.CreateLShr(builder_.CreateMul(ones, constant(64, all_bytes(1))),
                                           constant(64, 8 * (kWord - 1)));
  llvm::Value* index = builder_.CreateSub(builder_.CreateAdd(offset, count), constant(64, 1));
  llvm::Value* none = builder_.CreateSub(builder_.CreateAnd(ones, constant(64, 1)),
                                         constant(64, 1));  // all bits, or no bit
  return builder_.CreateOr(builder_.CreateAnd(otherwise, none),
                           builder_.CreateAnd(index, builder_.CreateNot(none)));
}

/// A text is odd if a component is empty, `.` or `..`: what follows a slash, or one or two dots
/// behind a slash, is the end of the component. A word at a time; what its last bytes mean for the
/// next word is carried over.
void Emitter::emit_form(size_t text, llvm::Value* length) {
  const size_t bytes = in_text(text, offsetof(fc_text, bytes));
  const size_t state = in_text(text, offsetof(fc_text, state));
  llvm::BasicBlock* relative = new_block("relative");
  llvm::BasicBlock* absolute = new_block("absolute");
  llvm::BasicBlock* loop = new_block("loop");
  llvm::BasicBlock* scanned = new_block("scanned");
  llvm::BasicBlock* is_odd = new_block("odd");
  llvm::BasicBlock* clean = new_block("clean");
  llvm::BasicBlock* normal = new_block("normal");
  llvm::BasicBlock* done = new_block("formed");
  store(32, 0, in_text(text, offsetof(fc_text, last_slash)));
  branch(builder_.CreateICmpEQ(load(8, bytes), constant(8, '/')), {absolute, relative});
  builder_.SetInsertPoint(relative);
  store(32, FC_TEXT_RELATIVE, state);
  builder_.CreateBr(done);

  builder_.SetInsertPoint(absolute);
  llvm::Value* size = builder_.CreateAdd(length, constant(64, 1));  // with the NUL
  branch(builder_.CreateICmpEQ(length, constant(64, 1)), {normal, loop});
  builder_.SetInsertPoint(loop);
  const auto carried = [&](llvm::Value* first) {
    llvm::PHINode* phi = builder_.CreatePHI(builder_.getInt64Ty(), 2);
    phi->addIncoming(first, absolute);
    return phi;
  };
  llvm::PHINode* offset = carried(constant(64, 0));
  llvm::PHINode* odd = carried(constant(64, 0));
  llvm::PHINode* slash_before = carried(constant(64, 0));
  llvm::PHINode* dot_before = carried(constant(64, 0));
  llvm::PHINode* dots_before = carried(constant(64, 0));
  llvm::PHINode* slash_so_far = filter_.wants_last_slash[text] ? carried(constant(64, 0)) : nullptr;
  /// The bytes behind those that are marked.
  const auto behind = [&](llvm::Value* marks, llvm::PHINode* before) {
    before->addIncoming(builder_.CreateLShr(marks, constant(64, 56)), loop);
    return builder_.CreateOr(builder_.CreateShl(marks, constant(64, 8)), before);
  };
  llvm::Value* word = load(64, builder_.CreateInBoundsGEP(builder_.getInt8Ty(), at(bytes), offset));
  llvm::Value* slashes = emit_marks(word, '/');
  llvm::Value* dots = emit_marks(word, '.');
  llvm::Value* ends = builder_.CreateOr(slashes, emit_marks(word, 0));
  llvm::Value* begins = behind(slashes, slash_before);
  llvm::Value* behind_dot = behind(builder_.CreateAnd(begins, dots), dot_before);
  llvm::Value* behind_dots = behind(builder_.CreateAnd(behind_dot, dots), dots_before);
  llvm::Value* any = builder_.CreateOr(builder_.CreateOr(begins, behind_dot), behind_dots);
  llvm::Value* odd_now = builder_.CreateOr(odd, builder_.CreateAnd(any, ends));
  llvm::Value* last_slash =
      slash_so_far == nullptr ? nullptr : emit_last_marked(slashes, offset, slash_so_far);
  if (last_slash != nullptr) slash_so_far->addIncoming(last_slash, loop);
  llvm::Value* next = builder_.CreateAdd(offset, constant(64, kWord));
  odd->addIncoming(odd_now, loop);
  offset->addIncoming(next, loop);
  branch(emit_is_more(size, next), {loop, scanned});

  builder_.SetInsertPoint(scanned);
  branch(builder_.CreateIsNotNull(odd_now), {is_odd, clean});
  builder_.SetInsertPoint(clean);
  if (last_slash != nullptr) {
    store(builder_.CreateTrunc(last_slash, builder_.getInt32Ty()),
          at(in_text(text, offsetof(fc_text, last_slash))));
  }
  builder_.CreateBr(normal);
  builder_.SetInsertPoint(is_odd);
  store(32, FC_TEXT_ODD, state);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(normal);
  store(32, FC_TEXT_NORMAL, state);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// Texts that have their directory now.
void Emitter::emit_forms_of_joined() {
  for (size_t i = 0; i < filter_.texts.size(); ++i) {
    if (!filter_.is_of_kind(i, KernelText::Kind::JOINED)) continue;
    llvm::BasicBlock* joined = new_block("joined");
    llvm::BasicBlock* next = new_block("next");
    llvm::Value* state = load(32, in_text(i, offsetof(fc_text, state)));
    branch(builder_.CreateICmpEQ(state, constant(32, FC_TEXT_JOINED)), {joined, next});
    builder_.SetInsertPoint(joined);
    llvm::Value* size =
        builder_.CreateZExt(load(32, in_text(i, offsetof(fc_text, size))), builder_.getInt64Ty());
    emit_form(i, builder_.CreateAnd(size, constant(64, FC_FILTER_TEXT_BYTES - 1)));
    builder_.CreateBr(next);
    builder_.SetInsertPoint(next);
  }
}

/// If a text is relative that is to be joined, or one must be found: goes on with the parts for
/// that. Those expect all such texts in the memory for it.
void Emitter::emit_join() {
  uint32_t wanted = 0;
  llvm::BasicBlock* some = new_block("some");
  llvm::BasicBlock* none = new_block("none");
  for (size_t i = 0; i < filter_.texts.size(); ++i) {
    const bool is_opened = filter_.is_of_kind(i, KernelText::Kind::OPENED);
    const bool is_joined = filter_.is_of_kind(i, KernelText::Kind::JOINED);
    if (!is_opened && !is_joined) continue;
    wanted |= FC_WANTS_JOINED << filter_.slot(i);
    store(32, is_opened ? FC_TEXT_OF_RESULT : filter_.texts[i].directory,
          in_text(i, offsetof(fc_text, directory)));
  }
  for (size_t i = 0; i < filter_.texts.size() && !filter_.always_joins(); ++i) {
    if (!filter_.is_of_kind(i, KernelText::Kind::JOINED)) continue;
    llvm::BasicBlock* next = new_block("next");
    llvm::Value* state = load(32, in_text(i, offsetof(fc_text, state)));
    branch(builder_.CreateICmpEQ(state, constant(32, FC_TEXT_RELATIVE)), {some, next});
    builder_.SetInsertPoint(next);
  }
  builder_.CreateBr(filter_.always_joins() ? some : none);
  builder_.SetInsertPoint(some);
  store(32, wanted, offsetof(fc_scratch, wants));
  store(unknown32(Unknown::PART, filter_.parts_of_one()), at(offsetof(fc_scratch, resume)));
  tail_call(Unknown::EXTRACTORS, constant(32, FC_PROVIDE));
  builder_.CreateBr(passing_);
  builder_.SetInsertPoint(none);
}

}  // namespace falcoc::bpf
