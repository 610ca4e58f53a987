// Functions: one per matcher, per group of its rules and per shared or large node.
#include "compiler/codegen/native/codegen.h"

#include <fmt/format.h>

namespace falcoc::native {
namespace {

/// Rules of one function; a function of all rules would be too large to optimise.
constexpr size_t kRulesPerFunction = 32;

}  // namespace

Codegen::Codegen(const ir::Program& program, std::span<const Accessor> accessors, const Plan& plan,
                 llvm::Module& module)
    : program_(program),
      accessors_(accessors),
      plan_(plan),
      module_(module),
      context_(module.getContext()),
      builder_(context_),
      bool_(builder_.getInt1Ty()),
      i32_(builder_.getInt32Ty()),
      i64_(builder_.getInt64Ty()),
      pointer_(builder_.getPtrTy()),
      computed_index_(program.operands.size()),
      node_functions_(plan.nodes.size()) {
  layout_.fields = program.fields.size();
  for (size_t i = 0; i < program.operands.size(); ++i) {
    const ir::Operand::Kind kind = program.operands[i].kind;
    if (kind == ir::Operand::Kind::TRANSFORM || kind == ir::Operand::Kind::LIST) {
      computed_index_[i] = static_cast<uint32_t>(layout_.computed++);
    }
  }
  layout_.memos = plan.memos;
}

std::string Codegen::matcher_name(size_t matcher) { return fmt::format("matcher.{}", matcher); }

std::expected<void, Diagnostic> Codegen::run() {
  for (size_t i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.node_plans[i].is_function) define_node(ir::NodeId{static_cast<uint32_t>(i)});
  }
  for (size_t i = 0; i < plan_.matchers.size(); ++i) define_matcher(i);
  if (failure_) return std::unexpected(std::move(*failure_));
  return {};
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

llvm::FunctionCallee Codegen::helper(const char* name, llvm::Type* result,
                                     std::initializer_list<llvm::Type*> parameters) {
  auto* type = llvm::FunctionType::get(result, std::vector<llvm::Type*>(parameters), false);
  llvm::FunctionCallee callee = module_.getOrInsertFunction(name, type);
  auto* function = llvm::cast<llvm::Function>(callee.getCallee());
  function->setDoesNotThrow();
  // The C ABI leaves the upper bits of a bool's register to this promise.
  if (result == bool_) function->addRetAttr(llvm::Attribute::ZExt);
  return callee;
}

llvm::Constant* Codegen::external_data(const std::string& name, const void* address) {
  if (llvm::GlobalVariable* known = module_.getNamedGlobal(name)) return known;
  symbols_.emplace_back(name, const_cast<void*>(address));
  return new llvm::GlobalVariable(module_, builder_.getInt8Ty(), true,
                                  llvm::GlobalValue::ExternalLinkage, nullptr, name);
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

void Codegen::define_matcher(size_t matcher) {
  const size_t rules = plan_.matchers[matcher].size();
  std::vector<llvm::Function*> parts;
  for (size_t begin = 0; begin < rules; begin += kRulesPerFunction) {
    parts.push_back(
        define_matcher_part(matcher, begin, std::min(begin + kRulesPerFunction, rules)));
  }
  function_ = new_function(matcher_name(matcher), builder_.getVoidTy(), true);
  function_->setLinkage(llvm::GlobalValue::ExternalLinkage);
  builder_.SetInsertPoint(new_block("entry"));
  for (llvm::Function* part : parts) {
    builder_.CreateCall(part, {function_->getArg(0), function_->getArg(1)});
  }
  builder_.CreateRetVoid();
}

llvm::Function* Codegen::define_matcher_part(size_t matcher, size_t begin, size_t end) {
  function_ =
      new_function(fmt::format("matcher.{}.rules.{}", matcher, begin), builder_.getVoidTy(), true);
  builder_.SetInsertPoint(new_block("entry"));
  for (size_t i = begin; i < end; ++i) {
    const Root& root = plan_.matchers[matcher][i];
    const Exits exits{new_block("match"), new_block("rule")};
    emit_condition(root.condition, exits);
    builder_.SetInsertPoint(exits.if_true);
    llvm::Value* word =
        builder_.CreateConstInBoundsGEP1_64(i64_, function_->getArg(1), root.rule / 64, "word.at");
    llvm::Value* bit = builder_.getInt64(uint64_t{1} << (root.rule % 64));
    builder_.CreateStore(builder_.CreateOr(builder_.CreateLoad(i64_, word, "word"), bit), word);
    builder_.CreateBr(exits.if_false);
    builder_.SetInsertPoint(exits.if_false);
  }
  builder_.CreateRetVoid();
  return function_;
}

}  // namespace falcoc::native
