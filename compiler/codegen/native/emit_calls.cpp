// Checks that a helper evaluates.
#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

/// Text against one literal: glob, regex, order, contains without case.
void Codegen::emit_text_call(const ir::Node& atom, const Fetched& left, Exits exits) {
  branch(call(Helper::TEXT_CHECK, bool_, {function_->getArg(0), check_of(atom), left.entry}),
         exits);
}

/// Lists, ancestors, either-side fields, networks, large sets, oneof, pmatch.
void Codegen::emit_check_call(const ir::Node& atom, const Fetched& left, const Fetched* right,
                              Exits exits) {
  llvm::Value* right_entry = right ? right->entry : llvm::ConstantPointerNull::get(pointer_);
  branch(
      call(Helper::CHECK, bool_, {function_->getArg(0), check_of(atom), left.entry, right_entry}),
      exits);
}

/// The number of the check; it is prepared where the object is loaded.
llvm::Constant* Codegen::check_of(const ir::Node& atom) {
  const bool has_literals = atom.right_side == ir::Node::RightSide::LITERALS;
  const auto left = static_cast<uint32_t>(atom.left);
  const uint32_t literals = has_literals ? static_cast<uint32_t>(atom.literals) : kNoLiterals;
  const auto [place, is_new] =
      check_index_.try_emplace({left, atom.op, atom.modifier, literals}, checks_.size());
  if (is_new) {
    checks_.push_back(
        {left, literals, static_cast<uint8_t>(atom.op), static_cast<uint8_t>(atom.modifier), 0});
  }
  return builder_.getInt32(static_cast<uint32_t>(place->second));
}

}  // namespace falcoc::native
