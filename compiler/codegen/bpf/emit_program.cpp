// The frame of a program: where its memory is, what follows it.
//
//   first part   reads texts; if one is relative or must be found: FC_PROVIDE, and on with the
//   first
//                part for texts that were found
//   early part   decides; next early part, or nothing left: rejected; left for facts or the
//                descriptor to decide: FC_PROVIDE; else passed
//   late part    likewise with these, on what the early parts left
#include <linux/bpf.h>

#include <cstddef>

#include "compiler/codegen/bpf/emitter.h"
#include "probe/scratch_layout.h"

namespace falcoc::bpf {
namespace {

constexpr size_t kCandidates = offsetof(fc_scratch, record) + offsetof(fc_event, candidates);
constexpr size_t kGeneration = offsetof(fc_scratch, record) + offsetof(fc_event, filter_generation);
constexpr size_t kExtractor = offsetof(fc_scratch, record) + offsetof(fc_event, extractor);

}  // namespace

std::vector<Set> Emitter::run() {
  for (const bool joined : {false, true}) {
    if (joined && !filter_.joins()) continue;
    is_joined_ = joined;
    index_ = 0;
    for (const PartPlan& part : filter_.early) define_part(part);
    for (const PartPlan& part : filter_.late) define_part(part);
  }
  return std::move(sets_);
}

/// Number of a part of those that this program belongs to.
size_t Emitter::number_of(size_t index) const {
  return index + (is_joined_ ? filter_.parts_of_one() : 0);
}

/// The loader finds the symbol in the address that is loaded and puts in the number.
llvm::Value* Emitter::unknown(Unknown unknown, size_t part) {
  return module_.getOrInsertGlobal(symbol_of(unknown, part), builder_.getInt8Ty());
}

llvm::Value* Emitter::unknown32(Unknown which, size_t part) {
  return builder_.CreateTrunc(builder_.CreatePtrToInt(unknown(which, part), builder_.getInt64Ty()),
                              builder_.getInt32Ty());
}

void Emitter::tail_call(Unknown array, llvm::Value* slot) {
  call_helper(BPF_FUNC_tail_call, builder_.getInt64Ty(), {program_context_, unknown(array), slot});
}

void Emitter::begin(size_t index) {
  auto* type = llvm::FunctionType::get(builder_.getInt64Ty(), {builder_.getPtrTy()}, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                     "part" + std::to_string(index), module_);
  function_->setSection(section_of(index));
  // tables would be data in sections of their own, which programs of this kind do not have
  function_->addFnAttr("no-jump-tables", "true");
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  program_context_ = function_->getArg(0);
  builder_.SetInsertPoint(new_block("entry"));
  end_ = new_block("end");
  passing_ = new_block("pass");

  llvm::AllocaInst* key = builder_.CreateAlloca(builder_.getInt32Ty());
  llvm::Value* cpu = call_helper(BPF_FUNC_get_smp_processor_id, builder_.getInt64Ty(), {});
  builder_.CreateStore(builder_.CreateTrunc(cpu, builder_.getInt32Ty()), key);
  scratch_ = call_helper(BPF_FUNC_map_lookup_elem, builder_.getPtrTy(),
                         {unknown(Unknown::SCRATCHES), key});
  llvm::BasicBlock* found = new_block("scratch");
  branch(builder_.CreateIsNull(scratch_), {end_, found});
  builder_.SetInsertPoint(found);
}

void Emitter::define_part(const PartPlan& part) {
  begin(number_of(index_));
  const bool is_first = index_ == 0 && !is_joined_;
  llvm::Value* const ruleset = unknown32(Unknown::RULESET);
  if (is_first) {
    store(64, 0, kCandidates);
    store(ruleset, at(kGeneration));
  } else {
    // another ruleset's filter began: nothing of what it found can be used
    llvm::BasicBlock* ours = new_block("ours");
    branch(builder_.CreateICmpEQ(load(32, kGeneration), ruleset), {ours, passing_});
    builder_.SetInsertPoint(ours);
  }
  if (is_late()) expect_found(ruleset);
  decide(part);
  finish();

  builder_.SetInsertPoint(passing_);
  store(32, 0, kGeneration);
  pass();
  builder_.SetInsertPoint(end_);
  builder_.CreateRet(constant(64, 0));
  ++index_;
}

/// Behind FC_PROVIDE. Where nothing is known, all that is left so far may match.
void Emitter::expect_found(llvm::Value* ruleset) {
  llvm::BasicBlock* nothing = new_block("unknown");
  const auto expect = [&](llvm::Value* is_known) {
    llvm::BasicBlock* known = new_block("known");
    branch(is_known, {known, nothing});
    builder_.SetInsertPoint(known);
  };
  if (filter_.asks_descriptor) {
    expect(builder_.CreateIsNotNull(load(32, offsetof(fc_scratch, descriptor.known))));
  }
  if (filter_.asks_facts) {
    llvm::Value* is_ours =
        builder_.CreateICmpEQ(load(32, offsetof(fc_scratch, facts.ruleset)), ruleset);
    if (filter_.asks_descriptor) {
      suppose_any_facts(is_ours);
    } else {
      expect(is_ours);
    }
  }
  llvm::BasicBlock* found = builder_.GetInsertBlock();
  builder_.SetInsertPoint(nothing);
  pass();
  builder_.SetInsertPoint(found);
}

/// The descriptor may still decide what facts could: unless they are known, all may be either.
void Emitter::suppose_any_facts(llvm::Value* is_known) {
  llvm::BasicBlock* unknown_facts = new_block("facts");
  llvm::BasicBlock* done = new_block("supposed");
  branch(is_known, {done, unknown_facts});
  builder_.SetInsertPoint(unknown_facts);
  for (size_t word = 0; word < FC_FACT_WORDS; ++word) {
    store(64, ~uint64_t{0}, offsetof(fc_scratch, facts.may_be_true) + word * sizeof(fc_u64));
    store(64, ~uint64_t{0}, offsetof(fc_scratch, facts.may_be_false) + word * sizeof(fc_u64));
  }
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// Says what the probe is to find for late parts.
void Emitter::want_found() {
  uint32_t wants = 0;
  if (filter_.asks_facts) wants |= FC_WANTS_FACTS;
  if (filter_.asks_descriptor) {
    wants |= FC_WANTS_DESCRIPTOR;
    store(32, 0, offsetof(fc_scratch, descriptor.known));
    store(8, filter_.descriptor.argument, offsetof(fc_scratch, descriptor.argument));
    store(8, filter_.descriptor.if_failed, offsetof(fc_scratch, descriptor.if_failed));
  }
  store(32, wants, offsetof(fc_scratch, wants));
}

/// Early: adds the bits of rules that may match. Late: takes those of rules that do not match away.
void Emitter::decide(const PartPlan& part) {
  llvm::BasicBlock* done = new_block("decided");
  if (is_late()) {
    store(builder_.CreateAnd(load(64, kCandidates), constant(64, ~part.bits)), at(kCandidates));
  }
  // what numbers rule out needs no look at memory; later parts expect the texts to be there
  const bool reads = index_ == 0 && !is_joined_;
  const bool is_only = filter_.early.size() == 1;
  if (reads && !is_only) read_texts();
  if (index_ == 0 && is_joined_) emit_forms_of_joined();
  llvm::BasicBlock* possible = new_block("possible");
  emit_guard(part, part.by_numbers, {possible, done});
  builder_.SetInsertPoint(possible);
  if (reads && is_only) read_texts();
  if (!part.questions.empty() && part.searches) {
    zero_found(part.questions);
    const auto all = searches(part.questions);
    // copies first: behind a search for parts the verifier would follow this loop once for each way
    // out of that one
    for (const auto& [place, search] : all) {
      if ((place & kFoldedText) != 0) emit_fold(place & ~kFoldedText);
    }
    for (const auto& [place, search] : all) emit_search(place, search);
  }
  if (part.if_nothing_found) {
    llvm::BasicBlock* ordinary = new_block("ordinary");
    llvm::BasicBlock* special = new_block("special");
    emit_is_ordinary(part, {ordinary, special});
    builder_.SetInsertPoint(ordinary);
    emit_decided(part, *part.if_nothing_found);
    builder_.CreateBr(done);
    builder_.SetInsertPoint(special);
  }
  emit_decided(part, part.decided);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

/// What is sought, by place; texts in the same memory are searched once.
std::map<uint8_t, TextSearch> Emitter::searches(const TextQuestions& questions) const {
  std::map<size_t, uint8_t> first;
  std::map<uint8_t, TextSearch> merged;
  for (const auto& [place, search] : questions.searches()) {
    TextSearch& all = merged[first.try_emplace(bytes_at(place), place).first->second];
    all.heads.insert(all.heads.end(), search.heads.begin(), search.heads.end());
    all.tails.insert(all.tails.end(), search.tails.begin(), search.tails.end());
    all.parts.insert(all.parts.end(), search.parts.begin(), search.parts.end());
    all.sets.insert(all.sets.end(), search.sets.begin(), search.sets.end());
  }
  return merged;
}

void Emitter::read_texts() {
  for (size_t i = 0; i < filter_.texts.size(); ++i) emit_read(i);
  if (filter_.joins()) emit_join();
}

/// Nothing sought was found, and all texts are clean paths.
void Emitter::emit_is_ordinary(const PartPlan& part, Exits exits) {
  llvm::Value* is_ordinary =
      builder_.CreateICmpEQ(load(32, offsetof(fc_scratch, found)), constant(32, 0));
  for (size_t i = 0; i < filter_.texts.size(); ++i) {
    if ((part.texts_used >> i & 1) == 0) continue;
    llvm::BasicBlock* next = new_block("next");
    branch(is_ordinary, {next, exits.if_false});
    builder_.SetInsertPoint(next);
    is_ordinary = builder_.CreateICmpEQ(load(32, in_text(i, offsetof(fc_text, state))),
                                        constant(32, FC_TEXT_NORMAL));
  }
  branch(is_ordinary, exits);
}

void Emitter::finish() {
  const size_t end = is_late() ? filter_.parts_of_one() : filter_.early.size();
  if (index_ + 1 != end) {
    tail_call(Unknown::PARTS, unknown32(Unknown::PART, number_of(index_ + 1)));
    builder_.CreateBr(passing_);
    return;
  }
  llvm::BasicBlock* some = new_block("some");
  llvm::BasicBlock* none = new_block("none");
  branch(builder_.CreateIsNotNull(load(64, kCandidates)), {some, none});
  builder_.SetInsertPoint(none);
  reject();
  builder_.SetInsertPoint(some);
  if (!is_late() && !filter_.late.empty()) {
    // with a candidate that facts cannot rule out, the event passes anyway
    llvm::BasicBlock* certain = new_block("certain");
    llvm::BasicBlock* doubtful = new_block("doubtful");
    llvm::Value* sure = builder_.CreateAnd(load(64, kCandidates), constant(64, ~filter_.late_bits));
    branch(builder_.CreateIsNotNull(sure), {certain, doubtful});
    builder_.SetInsertPoint(doubtful);
    want_found();
    store(unknown32(Unknown::PART, number_of(index_ + 1)), at(offsetof(fc_scratch, resume)));
    tail_call(Unknown::EXTRACTORS, constant(32, FC_PROVIDE));
    builder_.CreateBr(passing_);
    builder_.SetInsertPoint(certain);
  }
  pass();
}

void Emitter::pass() {
  llvm::Value* extractor = builder_.CreateZExt(load(16, kExtractor), builder_.getInt32Ty());
  tail_call(Unknown::EXTRACTORS, extractor);
  builder_.CreateBr(end_);
}

void Emitter::reject() {
  llvm::BasicBlock* drop = new_block("drop");
  llvm::BasicBlock* deliver = new_block("deliver");
  branch(builder_.CreateIsNotNull(unknown32(Unknown::DELIVER)), {deliver, drop});
  builder_.SetInsertPoint(deliver);
  pass();
  builder_.SetInsertPoint(drop);
  llvm::Value* counter = at(offsetof(fc_scratch, rejected) + sizeof(fc_u64) * filter_.kind);
  store(builder_.CreateAdd(load(64, counter), constant(64, 1)), counter);
  builder_.CreateBr(end_);
}

}  // namespace falcoc::bpf
