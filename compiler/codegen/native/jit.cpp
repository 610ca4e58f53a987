// ORC: target machine, optimisation pipeline, symbols.
#include "compiler/codegen/native/jit.h"

#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/ExecutionEngine/Orc/ThreadSafeModule.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <mutex>

namespace falcoc::native {
namespace {

std::unexpected<Diagnostic> unavailable(const std::string& reason) {
  return std::unexpected(
      Diagnostic::global(Code::NATIVE_UNAVAILABLE, "native code cannot be made: " + reason,
                         "the reference evaluator works without executable memory, but slower"));
}

std::unexpected<Diagnostic> unavailable(llvm::Error error) {
  return unavailable(llvm::toString(std::move(error)));
}

std::unexpected<Diagnostic> failed(std::string what) {
  return std::unexpected(Diagnostic::global(Code::NATIVE_CODEGEN,
                                            "native code generation failed: " + std::move(what)));
}

void initialize_target_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

llvm::CodeGenOptLevel codegen_level(int level) {
  return llvm::CodeGenOpt::getLevel(level).value_or(llvm::CodeGenOptLevel::Default);
}

/// Conditions are emitted as jumps over loaded values already, so a handful of local passes get
/// nearly all there is; the full pipeline costs several times the compile time and is level 3.
llvm::FunctionPassManager pipeline_of(llvm::PassBuilder& passes, int level) {
  if (level >= 3) {
    return passes.buildFunctionSimplificationPipeline(llvm::OptimizationLevel::O3,
                                                      llvm::ThinOrFullLTOPhase::None);
  }
  llvm::FunctionPassManager pipeline;
  pipeline.addPass(llvm::SimplifyCFGPass());
  pipeline.addPass(llvm::EarlyCSEPass());
  if (level >= 2) pipeline.addPass(llvm::InstCombinePass());
  pipeline.addPass(llvm::SimplifyCFGPass());
  return pipeline;
}

/// Functions are cut to size and never inlined, so there is nothing to do across functions.
void run_passes(llvm::Module& module, llvm::TargetMachine& machine, int level) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager call_graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes(&machine);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(call_graph);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, call_graph, modules);
  llvm::FunctionPassManager pipeline = pipeline_of(passes, level);
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    pipeline.run(function, functions);
    functions.clear(function, function.getName());  // else all functions' analyses are kept
  }
}

}  // namespace

Jit::Jit(Options options, std::unique_ptr<llvm::TargetMachine> machine,
         std::unique_ptr<llvm::orc::LLJIT> jit)
    : options_(options), machine_(std::move(machine)), jit_(std::move(jit)) {
  jit_->getExecutionSession().setErrorReporter([reported = reported_](llvm::Error error) {
    if (!reported->empty()) *reported += "; ";
    *reported += llvm::toString(std::move(error));
  });
}

std::expected<Jit, Diagnostic> Jit::create(const Options& options) {
  initialize_target_once();
  auto target = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!target) return unavailable(target.takeError());
  target->setCodeGenOptLevel(codegen_level(options.optimization_level));
  target->setRelocationModel(llvm::Reloc::PIC_);
  auto machine = target->createTargetMachine();
  if (!machine) return unavailable(machine.takeError());
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(*target))
                 .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                 .setLinkProcessSymbolsByDefault(false)
                 .create();
  if (!jit) return unavailable(jit.takeError());
  return Jit(options, std::move(*machine), std::move(*jit));
}

void Jit::prepare(llvm::Module& module) const {
  module.setDataLayout(machine_->createDataLayout());
  module.setTargetTriple(machine_->getTargetTriple().str());
}

std::expected<void, Diagnostic> Jit::optimize(llvm::Module& module, std::string& llvm_text,
                                              std::string& assembly_text) {
  std::string problems;
  llvm::raw_string_ostream problem_stream(problems);
  if (llvm::verifyModule(module, &problem_stream)) return failed(problems);
  if (options_.optimization_level > 0) {
    run_passes(module, *machine_, options_.optimization_level);
  }
  if (options_.keep_llvm_text) {
    llvm::raw_string_ostream out(llvm_text);
    module.print(out, nullptr);
  }
  if (options_.keep_assembly_text) {
    // Emitting changes the module, so it works on a copy.
    const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    llvm::SmallString<0> text;
    llvm::raw_svector_ostream out(text);
    llvm::legacy::PassManager passes;
    if (machine_->addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::AssemblyFile)) {
      return failed("the target cannot print assembly");
    }
    passes.run(*copy);
    assembly_text.assign(text.begin(), text.end());
  }
  return {};
}

std::expected<void, Diagnostic> Jit::add(std::unique_ptr<llvm::LLVMContext> context,
                                         std::unique_ptr<llvm::Module> module,
                                         std::span<const NamedAddress> data) {
  using llvm::orc::ExecutorAddr;
  llvm::orc::SymbolMap symbols;
  const auto define = [&](llvm::StringRef name, void* address) {
    symbols[jit_->mangleAndIntern(name)] = {ExecutorAddr::fromPtr(address),
                                            llvm::JITSymbolFlags::Exported};
  };
  for (const Symbol& symbol : helper_symbols()) define(symbol.name, symbol.address);
  for (const auto& [name, address] : data) define(name, address);
  if (auto error = jit_->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols)))) {
    return unavailable(std::move(error));
  }
  llvm::orc::ThreadSafeModule owned(std::move(module), std::move(context));
  if (auto error = jit_->addIRModule(std::move(owned))) return unavailable(std::move(error));
  return {};
}

std::expected<void*, Diagnostic> Jit::find(const std::string& name) {
  auto address = jit_->lookup(name);
  if (!address) {
    const std::string consequence = llvm::toString(address.takeError());
    return unavailable(reported_->empty() ? consequence : *reported_);
  }
  return address->toPtr<void*>();
}

}  // namespace falcoc::native
