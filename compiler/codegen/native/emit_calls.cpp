// Checks that a helper evaluates.
#include <fmt/format.h>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

/// Text against one literal: glob, regex, order, contains without case.
void Codegen::emit_text_call(const ir::Node& atom, const Fetched& left, Exits exits) {
  const Check* check = check_of(atom);
  llvm::Constant* data = external_data(fmt::format("check.{}", check->number), check);
  llvm::FunctionCallee holds = helper(kHoldsTextCheck, bool_, {pointer_, i32_, pointer_});
  branch(builder_.CreateCall(holds, {data, builder_.getInt32(0), left.entry}, "holds"), exits);
}

/// Lists, ancestors, either-side fields, networks, large sets, oneof, pmatch.
void Codegen::emit_check_call(const ir::Node& atom, const Fetched& left, const Fetched* right,
                              Exits exits) {
  const Check* check = check_of(atom);
  llvm::Constant* data = external_data(fmt::format("check.{}", check->number), check);
  llvm::FunctionCallee holds = helper(kHoldsCheck, bool_, {pointer_, pointer_, pointer_});
  llvm::Value* right_entry = right ? right->entry : llvm::ConstantPointerNull::get(pointer_);
  branch(builder_.CreateCall(holds, {data, left.entry, right_entry}, "holds"), exits);
}

const Check* Codegen::check_of(const ir::Node& atom) {
  const bool has_literals = atom.right_side == ir::Node::RightSide::LITERALS;
  const CheckKey key{static_cast<uint32_t>(atom.left), atom.op, atom.modifier,
                     has_literals ? static_cast<uint32_t>(atom.literals) : NodePlan::kNone};
  const auto known = check_index_.find(key);
  if (known != check_index_.end()) return known->second;
  auto prepared = prepare_check(program_, atom);
  if (!prepared && !failure_) failure_ = prepared.error();
  Check& check = checks_.emplace_back(prepared ? std::move(*prepared) : Check{});
  check.number = checks_.size();
  return check_index_[key] = &check;
}

}  // namespace falcoc::native
