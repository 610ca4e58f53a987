// The generator's workbench: module, builder, and one member per family of things to emit. Each
// family has its file: codegen.cpp (functions), emit_guards.cpp, emit_fields.cpp,
// emit_booleans.cpp, emit_numbers.cpp, emit_strings.cpp, emit_sets.cpp, emit_calls.cpp. LLVM stays
// inside this folder.
//
// Conditions are emitted as jumps: emit_X(…, Exits) appends code to the current block and ends it
// by branching to one of two blocks, so that and/or/not cost nothing but their order.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/codegen/native/abi.h"
#include "compiler/codegen/native/guards.h"
#include "compiler/codegen/native/plan.h"

namespace falcoc::native {

/// Where a condition continues.
struct Exits {
  llvm::BasicBlock* if_true;
  llvm::BasicBlock* if_false;
};

/// A fetched operand: pointer to its Entry, known to be present.
struct Fetched {
  llvm::Value* entry = nullptr;
  ir::Type type;
};

class Codegen {
 public:
  /// `supplied` is parallel to Program::fields: false for fields that are absent in every event.
  Codegen(const ir::Program& program, const std::vector<bool>& supplied, const Plan& plan,
          llvm::Module& module);

  /// Generates everything; the module's one external symbol is the manifest.
  void run();

 private:
  // codegen.cpp: functions
  llvm::Function* new_function(const std::string& name, llvm::Type* result, bool takes_results);
  llvm::Function* node_function(ir::NodeId id);
  void define_node(ir::NodeId id);
  void define_manifest(std::vector<llvm::Constant*> matchers);
  llvm::BasicBlock* new_block(const char* name);
  llvm::Value* at_offset(size_t offset, const char* name);
  llvm::Value* load_epoch();
  /// Calls a helper; `result` is bool_ or void.
  llvm::Value* call(Helper helper, llvm::Type* result, std::vector<llvm::Value*> arguments);
  llvm::Constant* text_constant(std::string_view bytes);
  llvm::Constant* table(const char* name, llvm::Type* element, std::vector<llvm::Constant*> items);
  llvm::Constant* bytes_constant(const char* name, std::string_view bytes);
  llvm::Constant* number(uint64_t value, unsigned bits);

  // emit_guards.cpp: which rules are evaluated
  llvm::Constant* define_matcher(size_t matcher);
  void emit_steps(const std::vector<Step>& steps);
  void emit_step(const Step& step);
  void emit_rules(const std::vector<uint32_t>& rules);
  void emit_rule(uint32_t rule);
  void emit_number_look_up(const LookUp& look_up, llvm::Constant* leaves, const Fetched& value,
                           llvm::BasicBlock* done);
  llvm::Function* steps_function(const std::vector<Step>& steps, const std::string& name = "steps");
  llvm::Constant* define_look_up(const LookUp& look_up, llvm::Constant* leaves, uint32_t everything,
                                 bool is_bytes);
  llvm::Constant* define_leaves(const LookUp& look_up);
  llvm::Constant* leaf_constant(const LookUpLeaf& leaf);
  llvm::Constant* rule_entries(const std::vector<uint32_t>& rules);

  // emit_fields.cpp: operands to entries
  void emit_fetch(ir::OperandId operand, llvm::BasicBlock* if_absent, Fetched& out);
  llvm::Constant* constant_entry(const ir::Operand& operand);
  llvm::Value* emit_field(ir::OperandId id);
  llvm::Function* fetch_function(ir::OperandId id);
  llvm::Value* define_fetch(ir::SlotId slot, ir::Type type);
  void emit_measure(llvm::Value* is_present, llvm::Value* entry);
  llvm::Value* load_number(const Fetched& operand);
  llvm::Value* load_data(const Fetched& operand);
  llvm::Value* load_size(const Fetched& operand);         ///< of the whole value
  llvm::Value* load_text_size(const Fetched& operand);    ///< as scalar operators see it
  llvm::Value* load_member_size(const Fetched& operand);  ///< as `in` sees it

  // emit_booleans.cpp: connectives, memos, choice of the family of a check
  void emit_condition(ir::NodeId id, Exits exits);
  void emit_shared(ir::NodeId id, Exits exits);
  void emit_body(ir::NodeId id, Exits exits);
  void emit_check(const ir::Node& atom, Exits exits);
  void branch(llvm::Value* condition, Exits exits);

  // emit_numbers.cpp: integers, times, ports, flags, booleans, doubles
  bool emit_number_check(const ir::Node& atom, const Fetched& left, Exits exits);
  llvm::Value* emit_number_comparison(const ir::TypeTraits& traits, ir::Operator op,
                                      llvm::Value* left, llvm::Value* right);
  void emit_number_set(const Fetched& left, const std::vector<ir::Literal>& literals, Exits exits);

  // emit_strings.cpp: equality, prefix, suffix of text, bytes and addresses
  bool emit_string_check(const ir::Node& atom, const Fetched& left, Exits exits);
  bool emit_string_modifier(const ir::Node& atom, const Fetched& left, Exits exits);
  void emit_string_comparison(ir::Operator op, const Fetched& left, std::string_view literal,
                              Exits exits);
  /// Branches on whether the bytes at `data` + `offset` are `literal`; they must be readable.
  void emit_bytes_equal(llvm::Value* data, llvm::Value* offset, std::string_view literal,
                        Exits exits);

  // emit_sets.cpp: membership in sets of strings and addresses
  bool emit_string_set(const ir::Node& atom, const Fetched& left, Exits exits);
  void emit_members(llvm::Value* data, std::vector<std::string_view> members, size_t offset,
                    Exits exits);

  // emit_calls.cpp: checks by helper
  void emit_text_call(const ir::Node& atom, const Fetched& left, Exits exits);
  void emit_check_call(const ir::Node& atom, const Fetched& left, const Fetched* right,
                       Exits exits);
  llvm::Constant* check_of(const ir::Node& atom);

  /// What makes two checks the same to a helper: left, operator, modifier, literals.
  using CheckKey = std::tuple<uint32_t, ir::Operator, ir::Modifier, uint32_t>;

  const ir::Program& program_;
  const std::vector<bool>& supplied_;
  const Plan& plan_;
  llvm::Module& module_;
  llvm::LLVMContext& context_;
  llvm::IRBuilder<> builder_;

  llvm::IntegerType* const bool_;
  llvm::IntegerType* const i32_;
  llvm::IntegerType* const i64_;
  llvm::PointerType* const pointer_;

  FrameLayout layout_;
  std::vector<uint32_t> computed_index_;  ///< parallel to Program::operands
  llvm::Function* function_ = nullptr;    ///< being defined
  std::vector<llvm::Function*> node_functions_;
  std::map<ir::SlotId, llvm::Function*> fetch_functions_;
  std::map<std::string, llvm::Constant*, std::less<>> text_constants_;
  std::vector<CheckEntry> checks_;
  std::map<CheckKey, size_t> check_index_;
  GuardChooser guard_chooser_;
  const std::vector<Root>* roots_ = nullptr;  ///< of the matcher being defined
  const Guards* guards_ = nullptr;            ///< likewise
};

}  // namespace falcoc::native
