// The generator's workbench: module, builder, and one member per family of things to emit. Each
// family has its file: codegen.cpp (functions), emit_fields.cpp, emit_booleans.cpp,
// emit_numbers.cpp, emit_strings.cpp, emit_sets.cpp, emit_calls.cpp. LLVM stays inside this folder.
//
// Conditions are emitted as jumps: emit_X(…, Exits) appends code to the current block and ends it
// by branching to one of two blocks, so that and/or/not cost nothing but their order.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "compiler/codegen/native/abi.h"
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
  Codegen(const ir::Program& program, std::span<const Accessor> accessors, const Plan& plan,
          llvm::Module& module);

  /// Generates everything. The error is about a pattern that does not compile.
  std::expected<void, Diagnostic> run();

  /// Valid after run().
  const FrameLayout& layout() const { return layout_; }
  /// Checks that generated code points at; must outlive it.
  std::deque<Check> take_checks() { return std::move(checks_); }
  /// Addresses of accessors, fields and checks, by the names generated code has for them.
  const std::vector<std::pair<std::string, void*>>& symbols() const { return symbols_; }

  static std::string matcher_name(size_t matcher);

 private:
  // codegen.cpp: functions
  llvm::Function* new_function(const std::string& name, llvm::Type* result, bool takes_results);
  llvm::Function* node_function(ir::NodeId id);
  void define_node(ir::NodeId id);
  void define_matcher(size_t matcher);
  llvm::Function* define_matcher_part(size_t matcher, size_t begin, size_t end);
  llvm::BasicBlock* new_block(const char* name);
  llvm::Value* at_offset(size_t offset, const char* name);
  llvm::Value* load_epoch();
  llvm::FunctionCallee helper(const char* name, llvm::Type* result,
                              std::initializer_list<llvm::Type*> parameters);
  llvm::Constant* external_data(const std::string& name, const void* address);
  llvm::Constant* text_constant(std::string_view bytes);

  // emit_fields.cpp: operands to entries
  void emit_fetch(ir::OperandId operand, llvm::BasicBlock* if_absent, Fetched& out);
  llvm::Constant* constant_entry(const ir::Operand& operand);
  llvm::Function* fetch_function(ir::OperandId id);
  void define_fetch(ir::OperandId id, llvm::Function* function);
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
  const Check* check_of(const ir::Node& atom);

  /// What makes two checks the same to a helper: left, operator, modifier, literals.
  using CheckKey = std::tuple<uint32_t, ir::Operator, ir::Modifier, uint32_t>;

  const ir::Program& program_;
  std::span<const Accessor> accessors_;
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
  std::unordered_map<uint32_t, llvm::Function*> fetch_functions_;  ///< by operand
  std::map<std::string, llvm::Constant*, std::less<>> text_constants_;
  std::deque<Check> checks_;
  std::map<CheckKey, const Check*> check_index_;
  std::vector<std::pair<std::string, void*>> symbols_;
  std::optional<Diagnostic> failure_;
};

}  // namespace falcoc::native
