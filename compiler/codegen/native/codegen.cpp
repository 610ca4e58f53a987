// Functions: one per matcher, per shared or large node and per rule; the manifest.
#include "compiler/codegen/native/codegen.h"

#include <fmt/format.h>

namespace falcoc::native {

Codegen::Codegen(const ir::Program& program, const std::vector<bool>& supplied, const Plan& plan,
                 llvm::Module& module)
    : program_(program),
      supplied_(supplied),
      plan_(plan),
      module_(module),
      context_(module.getContext()),
      builder_(context_),
      bool_(builder_.getInt1Ty()),
      i32_(builder_.getInt32Ty()),
      i64_(builder_.getInt64Ty()),
      pointer_(builder_.getPtrTy()),
      computed_index_(program.operands.size()),
      node_functions_(plan.nodes.size()),
      guard_chooser_(program, plan) {
  layout_.fields = program.fields.size();
  for (size_t i = 0; i < program.operands.size(); ++i) {
    const ir::Operand::Kind kind = program.operands[i].kind;
    if (kind == ir::Operand::Kind::TRANSFORM || kind == ir::Operand::Kind::LIST) {
      computed_index_[i] = static_cast<uint32_t>(layout_.computed++);
    }
  }
  layout_.memos = plan.memos;
}

void Codegen::run() {
  for (size_t i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.node_plans[i].is_function) define_node(ir::NodeId{static_cast<uint32_t>(i)});
  }
  std::vector<llvm::Constant*> matchers;
  for (size_t i = 0; i < plan_.matchers.size(); ++i) matchers.push_back(define_matcher(i));
  define_manifest(std::move(matchers));
}

/// Functions take the frame and, if they report rules, the result words.
llvm::Function* Codegen::new_function(const std::string& name, llvm::Type* result,
                                      bool takes_results) {
  std::vector<llvm::Type*> parameters{pointer_};
  if (takes_results) parameters.push_back(pointer_);
  auto* type = llvm::FunctionType::get(result, parameters, false);
  auto* function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, module_);
  function->setDoesNotThrow();
  // Inlining would undo the cut into functions of bounded size.
  function->addFnAttr(llvm::Attribute::NoInline);
  function->getArg(0)->setName("frame");
  if (takes_results) function->getArg(1)->setName("matched");
  return function;
}

llvm::BasicBlock* Codegen::new_block(const char* name) {
  return llvm::BasicBlock::Create(context_, name, function_);
}

llvm::Value* Codegen::at_offset(size_t offset, const char* name) {
  return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), function_->getArg(0), offset,
                                             name);
}

llvm::Value* Codegen::load_epoch() {
  return builder_.CreateLoad(i32_, at_offset(offsetof(FrameHeader, epoch), "epoch.at"), "epoch");
}

llvm::Value* Codegen::call(Helper helper, llvm::Type* result, std::vector<llvm::Value*> arguments) {
  const size_t offset =
      offsetof(FrameHeader, helpers) + static_cast<size_t>(helper) * sizeof(void*);
  llvm::Value* address = builder_.CreateLoad(pointer_, at_offset(offset, "helper.at"), "helper");
  std::vector<llvm::Type*> parameters;
  for (llvm::Value* argument : arguments) parameters.push_back(argument->getType());
  auto* type = llvm::FunctionType::get(result, parameters, false);
  llvm::CallInst* made = builder_.CreateCall(type, address, arguments);
  made->setDoesNotThrow();
  // The C ABI leaves the upper bits of a bool's register to this promise.
  if (result == bool_) made->addRetAttr(llvm::Attribute::ZExt);
  return made;
}

llvm::Constant* Codegen::number(uint64_t value, unsigned bits) {
  return llvm::ConstantInt::get(builder_.getIntNTy(bits), value);
}

llvm::Constant* Codegen::table(const char* name, llvm::Type* element,
                               std::vector<llvm::Constant*> items) {
  auto* type = llvm::ArrayType::get(element, items.size());
  auto* global = new llvm::GlobalVariable(module_, type, true, llvm::GlobalValue::PrivateLinkage,
                                          llvm::ConstantArray::get(type, items), name);
  global->setAlignment(llvm::Align(8));
  return global;
}

llvm::Constant* Codegen::bytes_constant(const char* name, std::string_view bytes) {
  llvm::Constant* data =
      llvm::ConstantDataArray::getString(context_, {bytes.data(), bytes.size()}, false);
  auto* global = new llvm::GlobalVariable(module_, data->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, data, name);
  global->setAlignment(llvm::Align(8));
  return global;
}

llvm::Constant* Codegen::text_constant(std::string_view bytes) {
  const auto known = text_constants_.find(bytes);
  if (known != text_constants_.end()) return known->second;
  llvm::Constant* data =
      llvm::ConstantDataArray::getString(context_, {bytes.data(), bytes.size()}, false);
  auto* global = new llvm::GlobalVariable(module_, data->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, data, "text");
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  return text_constants_[std::string(bytes)] = global;
}

llvm::Function* Codegen::node_function(ir::NodeId id) {
  llvm::Function*& function = node_functions_[static_cast<size_t>(id)];
  if (!function) {
    function = new_function(fmt::format("node.{}", static_cast<uint32_t>(id)), bool_, false);
  }
  return function;
}

void Codegen::define_node(ir::NodeId id) {
  function_ = node_function(id);
  builder_.SetInsertPoint(new_block("entry"));
  const Exits exits{new_block("true"), new_block("false")};
  emit_body(id, exits);
  const uint32_t memo = plan_.node_plan(id).memo;
  for (const bool result : {true, false}) {
    builder_.SetInsertPoint(result ? exits.if_true : exits.if_false);
    if (memo != NodePlan::kNone) {
      llvm::Value* tag = builder_.CreateOr(load_epoch(), builder_.getInt32(result ? 1 : 0));
      builder_.CreateStore(tag, at_offset(layout_.memo_offset(memo), "memo.at"));
    }
    builder_.CreateRet(builder_.getInt1(result));
  }
}

void Codegen::define_manifest(std::vector<llvm::Constant*> matchers) {
  std::vector<llvm::Constant*> checks;
  for (const CheckEntry& check : checks_) {
    checks.push_back(llvm::ConstantStruct::getAnon({number(check.left, 32),
                                                    number(check.literals, 32), number(check.op, 8),
                                                    number(check.modifier, 8), number(0, 16)}));
  }
  auto* check_type = llvm::StructType::get(i32_, i32_, builder_.getInt8Ty(), builder_.getInt8Ty(),
                                           builder_.getInt16Ty());
  auto* matcher_type = llvm::StructType::get(pointer_, pointer_, i64_);
  std::vector<uint16_t> kinds(plan_.matcher_of_kind.begin(), plan_.matcher_of_kind.end());
  auto* kind_data = llvm::ConstantDataArray::get(context_, kinds);
  auto* kind_table = new llvm::GlobalVariable(
      module_, kind_data->getType(), true, llvm::GlobalValue::PrivateLinkage, kind_data, "kinds");
  llvm::Constant* manifest = llvm::ConstantStruct::getAnon(
      {number(layout_.fields, 64), number(layout_.computed, 64), number(layout_.memos, 64),
       number(checks.size(), 64), number(matchers.size(), 64),
       table("checks", check_type, std::move(checks)),
       table("matchers", matcher_type, std::move(matchers)), kind_table});
  auto* global =
      new llvm::GlobalVariable(module_, manifest->getType(), true,
                               llvm::GlobalValue::ExternalLinkage, manifest, kManifestSymbol);
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
  global->setAlignment(llvm::Align(8));
}

}  // namespace falcoc::native
