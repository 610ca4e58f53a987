// The generator of one filter program: function, builder, and one member per family of things to
// emit. LLVM stays inside this folder.
//
// What the verifier must not follow stays in the probe's scratch memory and is loaded anew at each
// use (volatile): of memory it remembers nothing, so that ways which join look alike to it. A value
// kept in a register would be followed along every way separately.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <map>
#include <span>
#include <string>

#include "compiler/codegen/bpf/filter_plan.h"
#include "compiler/codegen/bpf/filters.h"

namespace falcoc::bpf {

/// Where a condition continues.
struct Exits {
  llvm::BasicBlock* if_true;
  llvm::BasicBlock* if_false;
};

/// Candidate bits and what is still to be asked for them: all of it.
struct Open {
  uint64_t bits = 0;
  std::vector<ir::split::GuardId> guards;
};

/// Name of the symbol that a loader fills in.
std::string symbol_of(Unknown unknown, size_t part = 0);
/// The section that holds a part.
std::string section_of(size_t part);

class Emitter {
 public:
  Emitter(const FilterPlan& filter, llvm::Module& module);

  /// Emits every part as a function in a section of its own. Returns the sets that they look
  /// things up in.
  std::vector<Set> run();

 private:
  // emit_program.cpp: the frame of a program
  void define_part(const PartPlan& part);
  size_t number_of(size_t index) const;
  bool is_late() const { return index_ >= filter_.early.size(); }
  void begin(size_t index);
  void read_texts();
  void decide(const PartPlan& part);
  void emit_is_ordinary(const PartPlan& part, Exits exits);
  void expect_found(llvm::Value* ruleset);
  void suppose_any_facts(llvm::Value* is_known);
  void want_found();
  void finish();
  void pass();
  void reject();
  void tail_call(Unknown array, llvm::Value* slot);
  llvm::Value* unknown(Unknown unknown, size_t part = 0);
  llvm::Value* unknown32(Unknown unknown, size_t part = 0);

  // emit_text.cpp: reading a text and finding out about its form
  void emit_read(size_t text);
  void emit_form(size_t text, llvm::Value* length);
  llvm::Value* emit_marks(llvm::Value* word, char byte);
  llvm::Value* emit_last_marked(llvm::Value* marks, llvm::Value* offset, llvm::Value* otherwise);
  llvm::Value* emit_is_more(llvm::Value* size, llvm::Value* offset);
  void emit_join();
  void emit_forms_of_joined();

  // emit_search.cpp: what is found in texts
  std::map<uint8_t, TextSearch> searches(const TextQuestions& questions) const;
  void emit_search(uint8_t place, const TextSearch& search);
  void emit_fold(uint8_t text);
  void emit_heads(uint8_t place, std::span<const Sought> sought, size_t offset,
                  std::vector<uint32_t> found, llvm::BasicBlock* done);
  void emit_shorter(llvm::Value* word, std::span<const Sought> shorter, size_t bytes,
                    std::vector<uint32_t> found, llvm::BasicBlock* done);
  void emit_tails(uint8_t place, const std::vector<Sought>& sought);
  void emit_parts(uint8_t place, const std::vector<Sought>& sought);
  // emit_sets.cpp: what is looked up in maps
  void emit_sets(uint8_t place, const std::vector<TextSearch::Members>& sets);
  void emit_key(uint8_t place, llvm::Value* size, size_t key_bytes);
  void emit_looked_up(const ir::split::KernelTest& test, Exits exits);
  llvm::Value* lookup(uint32_t key_bytes, std::vector<std::string> keys, llvm::Value* key);
  void emit_part(llvm::Value* offset, llvm::Value* place, const Sought& sought, size_t position);
  /// Branches on whether the rest of `bytes`, from `begin` on, stands at `at` + `begin`.
  void emit_rest(llvm::Value* at, std::string_view bytes, size_t begin, Exits exits);
  void mark_found(std::vector<uint32_t> bits, llvm::BasicBlock* next);
  void zero_found(const TextQuestions& questions);

  // emit_guard.cpp: guards as jumps
  void emit_decided(const PartPlan& part, const std::vector<Decided>& decided);
  void emit_open(const PartPlan& part, std::vector<Open> all);
  void emit_guard(const PartPlan& part, ir::split::GuardId guard, Exits exits);
  void emit_test(const PartPlan& part, const ir::split::KernelTest& test, Exits exits);
  void emit_number(const ir::split::KernelTest& test, Exits exits);
  void emit_ranges(llvm::Value* value, std::span<const ir::split::Range> ranges, Exits exits);
  void emit_answer(uint8_t text, const Answer& answer, Exits exits);
  llvm::Value* number(const ir::split::KernelNumber& number);

  // emitter.cpp: tools
  /// Offset of a member of a text, where this program finds it.
  size_t in_text(size_t text, size_t offset) const;
  /// Offset of the bytes that are searched there.
  size_t bytes_at(uint8_t place) const;
  /// Size of the text there, bounded for the verifier.
  llvm::Value* size_at(uint8_t place);
  /// Offset of a member of the event's header.
  static size_t in_event(size_t offset);
  llvm::BasicBlock* new_block(const char* name);
  llvm::Value* at(size_t offset);
  llvm::Value* load(unsigned bits, size_t offset);
  llvm::Value* load(unsigned bits, llvm::Value* address);
  void store(unsigned bits, uint64_t value, size_t offset);
  void store(llvm::Value* value, llvm::Value* address);
  llvm::ConstantInt* constant(unsigned bits, uint64_t value);
  llvm::Value* call_helper(uint64_t helper, llvm::Type* result,
                           std::initializer_list<llvm::Value*> arguments);
  void branch(llvm::Value* condition, Exits exits);

  const FilterPlan& filter_;
  std::vector<Set> sets_;
  llvm::Module& module_;
  llvm::LLVMContext& context_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_ = nullptr;      ///< being defined
  llvm::Value* program_context_ = nullptr;  ///< its argument
  llvm::Value* scratch_ = nullptr;          ///< address of the CPU's struct fc_scratch
  llvm::BasicBlock* passing_ = nullptr;     ///< all rules may match
  size_t index_ = 0;                        ///< of the part being defined, among those of one kind
  bool is_joined_ = false;                  ///< it is for texts that the probe has found
  llvm::BasicBlock* end_ = nullptr;
};

}  // namespace falcoc::bpf
