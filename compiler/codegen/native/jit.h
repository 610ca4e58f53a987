// LLVM module to machine code in this process. Knows LLVM, nothing of rules.
#pragma once

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <expected>
#include <memory>
#include <span>
#include <string>

#include "compiler/codegen/native/abi.h"
#include "compiler/codegen/native/native.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

/// A name generated code uses and where it is in this process.
using NamedAddress = std::pair<std::string, void*>;

class Jit {
 public:
  /// The error says why the machine or the process cannot have generated code.
  static std::expected<Jit, Diagnostic> create(const Options& options);

  /// Sets data layout and target of a new module.
  void prepare(llvm::Module& module) const;
  /// Verifies and optimises. `llvm_text` and `assembly_text` are filled if the options ask for
  /// them.
  std::expected<void, Diagnostic> optimize(llvm::Module& module, std::string& llvm_text,
                                           std::string& assembly_text);
  /// Takes the module and frees it, context included, once it is machine code.
  std::expected<void, Diagnostic> add(std::unique_ptr<llvm::LLVMContext> context,
                                      std::unique_ptr<llvm::Module> module,
                                      std::span<const NamedAddress> data);
  /// The address of an external function of the module; the first look-up compiles.
  std::expected<void*, Diagnostic> find(const std::string& name);
  /// Hands the generated code over; it is executable as long as the result lives.
  std::unique_ptr<llvm::orc::LLJIT> release() { return std::move(jit_); }

 private:
  Jit(Options options, std::unique_ptr<llvm::TargetMachine> machine,
      std::unique_ptr<llvm::orc::LLJIT> jit);

  Options options_;
  /// What failed while linking. A failed look-up itself only says that there is no such symbol; the
  /// session, which the generated code keeps alive, would print the cause.
  std::shared_ptr<std::string> reported_ = std::make_shared<std::string>();
  std::unique_ptr<llvm::TargetMachine> machine_;
  std::unique_ptr<llvm::orc::LLJIT> jit_;
};

}  // namespace falcoc::native
