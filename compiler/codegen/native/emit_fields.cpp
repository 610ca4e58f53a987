// Operands: lazily fetched, at most once per event, into entries of the frame.
#include <fmt/format.h>
#include <llvm/IR/MDBuilder.h>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {
namespace {

bool is_measured(ir::Type type) {
  return type.shape == Shape::SCALAR && ir::type_traits(type.param).group == ir::TypeGroup::TEXT;
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
  if (is_field && !accessors_[static_cast<size_t>(operand.field)]) {
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
  llvm::Value* is_present =
      builder_.CreateCall(fetch_function(id), {function_->getArg(0)}, "is_present");
  builder_.CreateCondBr(is_present, present, if_absent);
  builder_.SetInsertPoint(present);
}

llvm::Function* Codegen::fetch_function(ir::OperandId id) {
  llvm::Function*& function = fetch_functions_[static_cast<uint32_t>(id)];
  if (function) return function;
  function = new_function(fmt::format("fetch.{}", static_cast<uint32_t>(id)), bool_, false);
  define_fetch(id, function);
  return function;
}

void Codegen::define_fetch(ir::OperandId id, llvm::Function* function) {
  const llvm::IRBuilderBase::InsertPointGuard guard(builder_);
  llvm::Function* const outer = std::exchange(function_, function);
  builder_.SetInsertPoint(new_block("entry"));
  llvm::Value* frame = function->getArg(0);
  const ir::Operand& operand = program_.operand(id);
  llvm::Value* entry = nullptr;
  llvm::Value* is_present = nullptr;
  if (operand.kind == ir::Operand::Kind::FIELD) {
    const auto slot = static_cast<size_t>(operand.field);
    entry = at_offset(layout_.field_offset(operand.field), "entry");
    const std::string name = fmt::format("accessor.{}", slot);
    symbols_.emplace_back(name, reinterpret_cast<void*>(accessors_[slot]));
    llvm::FunctionCallee accessor = helper(name.c_str(), bool_, {pointer_, pointer_, pointer_});
    llvm::Value* context = builder_.CreateLoad(pointer_, frame, "context");
    llvm::Constant* field = external_data(fmt::format("field.{}", slot), &program_.fields[slot]);
    is_present = builder_.CreateCall(accessor, {context, field, entry}, "is_present");
  } else {
    entry = at_offset(layout_.computed_offset(computed_index_[static_cast<size_t>(id)]), "entry");
    llvm::FunctionCallee compute = helper(kComputeOperand, bool_, {pointer_, i32_, pointer_});
    is_present = builder_.CreateCall(
        compute, {frame, builder_.getInt32(static_cast<uint32_t>(id)), entry}, "is_present");
  }
  llvm::Value* tag = builder_.CreateOr(load_epoch(), builder_.CreateZExt(is_present, i32_), "tag");
  builder_.CreateStore(tag, builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), entry,
                                                                offsetof(Entry, tag), "tag.at"));
  if (is_measured(operand.type)) {
    llvm::BasicBlock* measure = new_block("measure");
    llvm::BasicBlock* done = new_block("done");
    builder_.CreateCondBr(is_present, measure, done);
    builder_.SetInsertPoint(measure);
    builder_.CreateCall(helper(kMeasureText, builder_.getVoidTy(), {pointer_}), {entry});
    builder_.CreateBr(done);
    builder_.SetInsertPoint(done);
  }
  builder_.CreateRet(is_present);
  function_ = outer;
}

/// A constant is an entry in read-only memory, so that nothing else need know it is one.
llvm::Constant* Codegen::constant_entry(const ir::Operand& operand) {
  const std::string_view text = ir::until_nul(operand.text);
  const auto size = builder_.getInt32(static_cast<uint32_t>(text.size()));
  llvm::Constant* data =
      llvm::ConstantStruct::getAnon({text_constant(text), builder_.getInt64(text.size()),
                                     builder_.getInt32(0), size, size, builder_.getInt32(0)});
  const std::string name = fmt::format("constant.{}", &operand - program_.operands.data());
  if (llvm::GlobalVariable* known = module_.getNamedGlobal(name)) return known;
  auto* global = new llvm::GlobalVariable(module_, data->getType(), true,
                                          llvm::GlobalValue::InternalLinkage, data, name);
  global->setAlignment(llvm::Align(alignof(Entry)));
  return global;
}

namespace {

llvm::Value* load_at(llvm::IRBuilder<>& builder, llvm::Type* type, llvm::Value* entry,
                     size_t offset, const char* name) {
  llvm::Value* at = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), entry, offset);
  return builder.CreateLoad(type, at, name);
}

}  // namespace

llvm::Value* Codegen::load_number(const Fetched& operand) {
  return load_at(builder_, i64_, operand.entry, offsetof(Entry, value), "number");
}

llvm::Value* Codegen::load_data(const Fetched& operand) {
  return load_at(builder_, pointer_, operand.entry, offsetof(Entry, value), "data");
}

llvm::Value* Codegen::load_size(const Fetched& operand) {
  return load_at(builder_, i64_, operand.entry, offsetof(Value, size), "size");
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
