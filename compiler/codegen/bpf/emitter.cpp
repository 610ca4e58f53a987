#include "compiler/codegen/bpf/emitter.h"

#include <fmt/format.h>

#include <cstddef>

#include "probe/scratch_layout.h"

namespace falcoc::bpf {

std::string symbol_of(Unknown unknown, size_t part) {
  return fmt::format("falcoc.{}.{}", static_cast<uint32_t>(unknown), part);
}

std::string section_of(size_t part) { return fmt::format("falcoc.part.{}", part); }

Emitter::Emitter(const FilterPlan& filter, llvm::Module& module)
    : filter_(filter), module_(module), context_(module.getContext()), builder_(context_) {}

size_t Emitter::in_text(size_t text, size_t offset) const {
  const bool found = is_joined_ && filter_.texts[text].kind != ir::split::KernelText::Kind::PASSED;
  const size_t slot = filter_.slot(text) + (found ? FC_FILTER_TEXTS : 0);
  return offsetof(fc_scratch, texts) + slot * sizeof(fc_text) + offset;
}

size_t Emitter::bytes_at(uint8_t place) const {
  if ((place & kFoldedText) == 0) return in_text(place, offsetof(fc_text, bytes));
  const size_t text =
      (in_text(place & ~kFoldedText, 0) - offsetof(fc_scratch, texts)) / sizeof(fc_text);
  return offsetof(fc_scratch, folded) + text * sizeof(fc_folded) + offsetof(fc_folded, bytes);
}

llvm::Value* Emitter::size_at(uint8_t place) {
  const size_t text = place & ~kFoldedText;
  llvm::Value* size =
      builder_.CreateZExt(load(32, in_text(text, offsetof(fc_text, size))), builder_.getInt64Ty());
  return builder_.CreateAnd(size, constant(64, FC_FILTER_TEXT_BYTES - 1));
}

size_t Emitter::in_event(size_t offset) { return offsetof(fc_scratch, record) + offset; }

llvm::BasicBlock* Emitter::new_block(const char* name) {
  return llvm::BasicBlock::Create(context_, name, function_);
}

llvm::Value* Emitter::at(size_t offset) {
  return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), scratch_, offset);
}

/// Alignment is what the types want even where the address is not: eBPF loads need none on the
/// machines this runs on, and LLVM would take them apart.
llvm::Value* Emitter::load(unsigned bits, llvm::Value* address) {
  return builder_.CreateAlignedLoad(builder_.getIntNTy(bits), address, llvm::Align(bits / 8),
                                    /*isVolatile=*/true);
}

llvm::Value* Emitter::load(unsigned bits, size_t offset) { return load(bits, at(offset)); }

void Emitter::store(llvm::Value* value, llvm::Value* address) {
  builder_.CreateAlignedStore(value, address,
                              llvm::Align(value->getType()->getIntegerBitWidth() / 8),
                              /*isVolatile=*/true);
}

void Emitter::store(unsigned bits, uint64_t value, size_t offset) {
  store(constant(bits, value), at(offset));
}

llvm::ConstantInt* Emitter::constant(unsigned bits, uint64_t value) {
  return builder_.getIntN(bits, value);
}

llvm::Value* Emitter::call_helper(uint64_t helper, llvm::Type* result,
                                  std::initializer_list<llvm::Value*> arguments) {
  std::vector<llvm::Type*> types;
  for (llvm::Value* argument : arguments) types.push_back(argument->getType());
  llvm::Value* address = builder_.CreateIntToPtr(constant(64, helper), builder_.getPtrTy());
  return builder_.CreateCall(llvm::FunctionType::get(result, types, false), address,
                             std::vector<llvm::Value*>(arguments));
}

void Emitter::branch(llvm::Value* condition, Exits exits) {
  builder_.CreateCondBr(condition, exits.if_true, exits.if_false);
}

}  // namespace falcoc::bpf
