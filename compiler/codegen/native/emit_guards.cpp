// Matchers: guards as jumps, look-ups as tables that a helper searches.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/codegen/native/codegen.h"
#include "compiler/codegen/native/part_index.h"
#include "compiler/codegen/native/text_index.h"

namespace falcoc::native {
namespace {

/// Steps of one function; a function of all of them would be too large to optimise.
constexpr size_t kMaxInlineSteps = 24;

size_t count_steps(const std::vector<Step>& steps) {
  size_t count = 0;
  for (const Step& step : steps) count += 1 + step.rules.size() + count_steps(step.inner);
  return count;
}

}  // namespace

llvm::Constant* Codegen::define_matcher(size_t matcher) {
  roots_ = &plan_.matchers[matcher];
  const Guards guards = guard_chooser_.choose(*roots_);
  guards_ = &guards;
  llvm::Function* run = steps_function(guards.steps, fmt::format("matcher.{}", matcher));
  std::vector<uint32_t> all(roots_->size());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  return llvm::ConstantStruct::getAnon({run, rule_entries(all), number(all.size(), 64)});
}

/// Steps as a function of their own, defined while another one may be.
llvm::Function* Codegen::steps_function(const std::vector<Step>& steps, const std::string& name) {
  const llvm::IRBuilderBase::InsertPointGuard guard(builder_);
  llvm::Function* const outer = function_;
  function_ = new_function(name, builder_.getVoidTy(), true);
  llvm::Function* const made = function_;
  builder_.SetInsertPoint(new_block("entry"));
  emit_steps(steps);
  builder_.CreateRetVoid();
  function_ = outer;
  return made;
}

void Codegen::emit_steps(const std::vector<Step>& steps) {
  for (const Step& step : steps) emit_step(step);
}

void Codegen::emit_step(const Step& step) {
  if (step.kind == Step::Kind::RULES) {
    emit_rules(step.rules);
    return;
  }
  llvm::BasicBlock* next = new_block("next");
  if (step.kind == Step::Kind::TEST) {
    llvm::BasicBlock* inner = new_block("inner");
    emit_condition(step.test, {inner, next});
    builder_.SetInsertPoint(inner);
    if (count_steps(step.inner) <= kMaxInlineSteps) {
      emit_steps(step.inner);
    } else {
      builder_.CreateCall(steps_function(step.inner), {function_->getArg(0), function_->getArg(1)});
    }
  } else {
    const LookUp& look_up = guards_->look_ups[step.look_up];
    Fetched value;
    emit_fetch(look_up.operand, next, value);
    llvm::Constant* leaves = define_leaves(look_up);
    const ir::TypeGroup group = ir::type_traits(value.type.param).group;
    if (group == ir::TypeGroup::TEXT || group == ir::TypeGroup::ADDRESS) {
      const auto everything = static_cast<uint32_t>(look_up.leaves.size());
      llvm::Constant* tables =
          define_look_up(look_up, leaves, everything, group == ir::TypeGroup::ADDRESS);
      call(Helper::FIND_TEXT, builder_.getVoidTy(),
           {function_->getArg(0), function_->getArg(1), tables, value.entry});
    } else {
      emit_number_look_up(look_up, leaves, value, next);
    }
  }
  builder_.CreateBr(next);
  builder_.SetInsertPoint(next);
}

/// Before: x in the keys of many rules.  After: leaf = switch x; run the leaf.
void Codegen::emit_number_look_up(const LookUp& look_up, llvm::Constant* leaves,
                                  const Fetched& value, llvm::BasicBlock* done) {
  llvm::SwitchInst* choice = builder_.CreateSwitch(load_number(value), done,
                                                   static_cast<unsigned>(look_up.targets.size()));
  // A block for each leaf, where all of its keys lead.
  std::vector<llvm::BasicBlock*> blocks(look_up.leaves.size());
  for (const LookUp::Target& target : look_up.targets) {
    llvm::BasicBlock*& block = blocks[target.leaf];
    if (block == nullptr) block = new_block("leaf");
    choice->addCase(builder_.getInt64(target.key.number), block);
  }
  llvm::BasicBlock* found = new_block("found");
  builder_.SetInsertPoint(found);
  llvm::PHINode* leaf = builder_.CreatePHI(i32_, static_cast<unsigned>(blocks.size()));
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i] == nullptr) continue;
    builder_.SetInsertPoint(blocks[i]);
    builder_.CreateBr(found);
    leaf->addIncoming(builder_.getInt32(static_cast<uint32_t>(i)), blocks[i]);
  }
  builder_.SetInsertPoint(found);
  call(Helper::RUN_LEAF, builder_.getVoidTy(),
       {function_->getArg(0), function_->getArg(1), leaves, leaf});
}

void Codegen::emit_rules(const std::vector<uint32_t>& rules) {
  if (rules.size() <= kMaxInlineSteps) {
    for (const uint32_t rule : rules) emit_rule(rule);
    return;
  }
  for (size_t begin = 0; begin < rules.size(); begin += kMaxInlineSteps) {
    const size_t end = std::min(begin + kMaxInlineSteps, rules.size());
    Step part;
    part.rules.assign(rules.begin() + static_cast<ptrdiff_t>(begin),
                      rules.begin() + static_cast<ptrdiff_t>(end));
    builder_.CreateCall(steps_function({part}), {function_->getArg(0), function_->getArg(1)});
  }
}

void Codegen::emit_rule(uint32_t rule) {
  const Root& root = (*roots_)[rule];
  const Exits exits{new_block("match"), new_block("rule")};
  emit_condition(root.condition, exits);
  builder_.SetInsertPoint(exits.if_true);
  llvm::Value* word =
      builder_.CreateConstInBoundsGEP1_64(i64_, function_->getArg(1), root.rule / 64, "word.at");
  llvm::Value* bit = builder_.getInt64(uint64_t{1} << (root.rule % 64));
  builder_.CreateStore(builder_.CreateOr(builder_.CreateLoad(i64_, word, "word"), bit), word);
  builder_.CreateStore(builder_.getInt32(1),
                       at_offset(offsetof(FrameHeader, any_matched), "any.at"));
  builder_.CreateBr(exits.if_false);
  builder_.SetInsertPoint(exits.if_false);
}

llvm::Constant* Codegen::rule_entries(const std::vector<uint32_t>& rules) {
  std::vector<llvm::Constant*> entries;
  for (const uint32_t rule : rules) {
    const Root& root = (*roots_)[rule];
    entries.push_back(
        llvm::ConstantStruct::getAnon({node_function(root.condition), number(root.rule, 64)}));
  }
  return table("rules", llvm::StructType::get(pointer_, i64_), std::move(entries));
}

/// Rules that are last in a leaf need no code of their own.
llvm::Constant* Codegen::leaf_constant(const LookUpLeaf& leaf) {
  std::vector<Step> steps = leaf.steps;
  std::vector<uint32_t> rules;
  if (!steps.empty() && steps.back().kind == Step::Kind::RULES) {
    rules = std::move(steps.back().rules);
    steps.pop_back();
  }
  llvm::Constant* function = llvm::ConstantPointerNull::get(pointer_);
  if (!steps.empty()) function = steps_function(steps);
  llvm::Constant* entries = llvm::ConstantPointerNull::get(pointer_);
  if (!rules.empty()) entries = rule_entries(rules);
  return llvm::ConstantStruct::getAnon({function, entries, number(rules.size(), 32),
                                        number(leaf.next, 32), number(layout_.memos++, 32),
                                        number(0, 32)});
}

/// One more leaf than the look-up has: that of all its rules.
llvm::Constant* Codegen::define_leaves(const LookUp& look_up) {
  std::vector<llvm::Constant*> leaves;
  for (const LookUpLeaf& leaf : look_up.leaves) leaves.push_back(leaf_constant(leaf));
  LookUpLeaf everything;
  everything.steps.push_back({.rules = look_up.all_rules});
  leaves.push_back(leaf_constant(everything));
  auto* type = llvm::StructType::get(pointer_, pointer_, i32_, i32_, i32_, i32_);
  return table("leaves", type, std::move(leaves));
}

llvm::Constant* Codegen::define_look_up(const LookUp& look_up, llvm::Constant* leaves,
                                        uint32_t everything, bool is_bytes) {
  std::vector<IndexedText> starts;
  std::vector<IndexedText> ends;
  std::vector<IndexedPart> parts;
  for (const auto& [key, leaf] : look_up.targets) {
    const std::string text(key.text);
    switch (key.kind) {
      case Key::Kind::WHOLE:
      case Key::Kind::PREFIX:
        starts.push_back({text, key.kind == Key::Kind::WHOLE, leaf});
        break;
      case Key::Kind::SUFFIX:
        ends.push_back({text, false, leaf});
        break;
      case Key::Kind::PART:
        parts.push_back({text, leaf});
        break;
      case Key::Kind::NUMBER:
        break;  // numbers are not looked up in texts
    }
  }
  llvm::Constant* const none = llvm::ConstantPointerNull::get(pointer_);
  const auto index = [&](bool is_used, auto build) {
    return is_used ? bytes_constant("index", build()) : none;
  };
  llvm::Constant* data = llvm::ConstantStruct::getAnon(
      {index(!starts.empty(), [&] { return build_text_index(starts, Direction::FORWARD); }),
       index(!ends.empty(), [&] { return build_text_index(ends, Direction::BACKWARD); }),
       index(!parts.empty(), [&] { return build_part_index(parts); }), leaves,
       number(everything, 32), number(is_bytes ? 1 : 0, 32)});
  return table("look_up", data->getType(), {data});
}

}  // namespace falcoc::native
