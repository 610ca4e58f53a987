// Operands: lazily fetched, at most once per event, into entries of the frame.
#include <fmt/format.h>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {
namespace {

llvm::Value* load_at(llvm::IRBuilder<>& builder, llvm::Type* type, llvm::Value* entry,
                     size_t offset, const char* name) {
  llvm::Value* at = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), entry, offset);
  return builder.CreateLoad(type, at, name);
}

void store_at(llvm::IRBuilder<>& builder, llvm::Value* value, llvm::Value* entry, size_t offset) {
  builder.CreateStore(value,
                      builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), entry, offset));
}

}  // namespace

/// Before:  nothing known.  After: on this path the entry is present and filled.
///   tag - epoch is 1 if present, 0 if absent, anything else if this event has not fetched it yet.
void Codegen::emit_fetch(ir::OperandId id, llvm::BasicBlock* if_absent, Fetched& out) {
  const ir::Operand& operand = program_.operand(id);
  out.type = operand.type;
  if (operand.kind == ir::Operand::Kind::CONSTANT) {
    out.entry = constant_entry(operand);
    return;
  }
  const bool is_field = operand.kind == ir::Operand::Kind::FIELD;
  if (is_field && !supplied_[static_cast<size_t>(operand.field)]) {
    // Nothing supplies the field: absent in every event. The rest of the path is dead.
    builder_.CreateBr(if_absent);
    builder_.SetInsertPoint(new_block("dead"));
    out.entry = llvm::PoisonValue::get(pointer_);
    return;
  }
  const size_t offset = is_field
                            ? layout_.field_offset(operand.field)
                            : layout_.computed_offset(computed_index_[static_cast<size_t>(id)]);
  out.entry = at_offset(offset, "entry");
  llvm::Value* tag =
      builder_.CreateLoad(i32_, at_offset(offset + offsetof(Entry, tag), "tag.at"), "tag");
  llvm::Value* state = builder_.CreateSub(tag, load_epoch(), "state");
  llvm::BasicBlock* fetch = new_block("fetch");
  llvm::BasicBlock* present = new_block("present");
  llvm::SwitchInst* choice = builder_.CreateSwitch(state, fetch, 2);
  choice->addCase(builder_.getInt32(1), present);
  choice->addCase(builder_.getInt32(0), if_absent);
  builder_.SetInsertPoint(fetch);
  llvm::Value* frame = function_->getArg(0);
  llvm::Value* is_present =
      is_field ? emit_field(id)
               : call(Helper::COMPUTE_OPERAND, bool_,
                      {frame, builder_.getInt32(static_cast<uint32_t>(id)), out.entry});
  builder_.CreateCondBr(is_present, present, if_absent);
  builder_.SetInsertPoint(present);
}

/// Of few rules in place: a call costs as much as what it does. Of many in functions, as the
/// generator's work and the processor's cache are what they cost then.
llvm::Value* Codegen::emit_field(ir::OperandId id) {
  constexpr size_t kMaxNodes = 512;
  if (plan_.nodes.size() > kMaxNodes) {
    return builder_.CreateCall(fetch_function(id), {function_->getArg(0)}, "is_present");
  }
  const ir::Operand& operand = program_.operand(id);
  return define_fetch(operand.field, operand.type);
}

llvm::Function* Codegen::fetch_function(ir::OperandId id) {
  const ir::Operand& operand = program_.operand(id);
  llvm::Function*& function = fetch_functions_[operand.field];
  if (function) return function;
  function =
      new_function(fmt::format("fetch.{}", static_cast<uint32_t>(operand.field)), bool_, false);
  const llvm::IRBuilderBase::InsertPointGuard guard(builder_);
  llvm::Function* const outer = std::exchange(function_, function);
  builder_.SetInsertPoint(new_block("entry"));
  builder_.CreateRet(define_fetch(operand.field, operand.type));
  function_ = outer;
  return function;
}

/// Calls the accessor that the entry names and notes what it said.
llvm::Value* Codegen::define_fetch(ir::SlotId slot, ir::Type type) {
  const size_t offset = layout_.field_offset(slot);
  const auto load = [&](size_t at, const char* name) {
    return builder_.CreateLoad(pointer_, at_offset(at, name), name);
  };
  llvm::Value* accessor = load(offset + offsetof(Entry, accessor), "accessor");
  llvm::Value* field = load(offset + offsetof(Entry, field), "field");
  llvm::Value* context = load(offsetof(FrameHeader, context), "context");
  llvm::Value* entry = at_offset(offset, "entry");
  auto* accessor_type = llvm::FunctionType::get(bool_, {pointer_, pointer_, pointer_}, false);
  llvm::CallInst* is_present =
      builder_.CreateCall(accessor_type, accessor, {context, field, entry}, "is_present");
  is_present->setDoesNotThrow();
  is_present->addRetAttr(llvm::Attribute::ZExt);
  llvm::Value* tag = builder_.CreateOr(load_epoch(), builder_.CreateZExt(is_present, i32_), "tag");
  builder_.CreateStore(tag, at_offset(offset + offsetof(Entry, tag), "tag.at"));
  if (is_measured(type)) emit_measure(is_present, entry);
  return is_present;
}

/// Fills in the entry's sizes as text. Most texts are known to hold no NUL: those are no call.
void Codegen::emit_measure(llvm::Value* is_present, llvm::Value* entry) {
  llvm::BasicBlock* present = new_block("present");
  llvm::BasicBlock* measure = new_block("measure");
  llvm::BasicBlock* done = new_block("done");
  builder_.CreateCondBr(is_present, present, done);
  builder_.SetInsertPoint(present);
  llvm::Value* size = load_at(builder_, i32_, entry, offsetof(Value, size), "size");
  store_at(builder_, size, entry, offsetof(Entry, text_size));
  store_at(builder_, size, entry, offsetof(Entry, member_size));
  llvm::Value* is_plain = load_at(builder_, i32_, entry, offsetof(Value, is_plain), "is_plain");
  builder_.CreateCondBr(builder_.CreateICmpNE(is_plain, builder_.getInt32(0)), done, measure);
  builder_.SetInsertPoint(measure);
  call(Helper::MEASURE, builder_.getVoidTy(), {entry});
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// A constant is an entry in read-only memory, so that nothing else need know it is one.
llvm::Constant* Codegen::constant_entry(const ir::Operand& operand) {
  const std::string_view text = ir::until_nul(operand.text);
  const auto size = builder_.getInt32(static_cast<uint32_t>(text.size()));
  llvm::Constant* data =
      llvm::ConstantStruct::getAnon({text_constant(text), size, builder_.getInt32(1),
                                     builder_.getInt32(0), size, size, builder_.getInt32(0)});
  const std::string name = fmt::format("constant.{}", &operand - program_.operands.data());
  if (llvm::GlobalVariable* known = module_.getNamedGlobal(name)) return known;
  auto* global = new llvm::GlobalVariable(module_, data->getType(), true,
                                          llvm::GlobalValue::InternalLinkage, data, name);
  global->setAlignment(llvm::Align(alignof(Entry)));
  return global;
}

llvm::Value* Codegen::load_number(const Fetched& operand) {
  return load_at(builder_, i64_, operand.entry, offsetof(Entry, value), "number");
}

llvm::Value* Codegen::load_data(const Fetched& operand) {
  return load_at(builder_, pointer_, operand.entry, offsetof(Entry, value), "data");
}

llvm::Value* Codegen::load_size(const Fetched& operand) {
  llvm::Value* size = load_at(builder_, i32_, operand.entry, offsetof(Value, size), "size");
  return builder_.CreateZExt(size, i64_);
}

llvm::Value* Codegen::load_text_size(const Fetched& operand) {
  if (!is_measured(operand.type)) return load_size(operand);
  llvm::Value* size =
      load_at(builder_, i32_, operand.entry, offsetof(Entry, text_size), "text_size");
  return builder_.CreateZExt(size, i64_);
}

llvm::Value* Codegen::load_member_size(const Fetched& operand) {
  if (!is_measured(operand.type)) return load_size(operand);
  llvm::Value* size =
      load_at(builder_, i32_, operand.entry, offsetof(Entry, member_size), "member_size");
  return builder_.CreateZExt(size, i64_);
}

}  // namespace falcoc::native
