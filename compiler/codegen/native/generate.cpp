// Target machine, optimisation pipeline, object file.
#include "compiler/codegen/native/generate.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <memory>
#include <mutex>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {
namespace {

std::unexpected<Diagnostic> unavailable(const std::string& reason) {
  return std::unexpected(
      Diagnostic::global(Code::NATIVE_UNAVAILABLE, "native code cannot be made: " + reason,
                         "the reference evaluator works without executable memory, but slower"));
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

/// The machine this runs on, with all it can do.
std::expected<std::unique_ptr<llvm::TargetMachine>, Diagnostic> host_machine(int level) {
  initialize_target_once();
  const std::string triple = llvm::sys::getProcessTriple();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (target == nullptr) return unavailable(error);
  std::string features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    features += feature.getValue() ? "+" : "-";
    features += feature.getKey().str() + ",";
  }
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, llvm::sys::getHostCPUName(), features, {}, llvm::Reloc::PIC_, llvm::CodeModel::Small,
      llvm::CodeGenOpt::getLevel(level).value_or(llvm::CodeGenOptLevel::Default)));
  if (!machine) return unavailable("LLVM has no code generator for " + triple);
  return machine;
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

/// Emitting changes the module.
std::expected<std::string, Diagnostic> emit(llvm::Module& module, llvm::TargetMachine& machine,
                                            llvm::CodeGenFileType type) {
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream out(text);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type)) {
    return failed("the target cannot write files of this kind");
  }
  passes.run(module);
  return std::string(text.begin(), text.end());
}

}  // namespace

std::expected<Generated, Diagnostic> generate(const ir::Program& program,
                                              const std::vector<bool>& supplied,
                                              const Options& options) {
  auto machine = host_machine(options.optimization_level);
  if (!machine) return std::unexpected(std::move(machine.error()));
  llvm::LLVMContext context;
  llvm::Module module("falcoc", context);
  module.setDataLayout((*machine)->createDataLayout());
  module.setTargetTriple((*machine)->getTargetTriple().str());
  const Plan plan = make_plan(program);
  Codegen(program, supplied, plan, module).run();

  std::string problems;
  llvm::raw_string_ostream problem_stream(problems);
  if (llvm::verifyModule(module, &problem_stream)) return failed(problems);
  if (options.optimization_level > 0) run_passes(module, **machine, options.optimization_level);
  Generated generated;
  if (options.keep_llvm_text) {
    llvm::raw_string_ostream out(generated.llvm_text);
    module.print(out, nullptr);
  }
  if (options.keep_assembly_text) {
    const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    auto text = emit(*copy, **machine, llvm::CodeGenFileType::AssemblyFile);
    if (!text) return std::unexpected(std::move(text.error()));
    generated.assembly_text = std::move(*text);
  }
  auto object = emit(module, **machine, llvm::CodeGenFileType::ObjectFile);
  if (!object) return std::unexpected(std::move(object.error()));
  generated.object = std::move(*object);
  return generated;
}

std::expected<Matcher, Diagnostic> Matcher::compile(const ir::Program& program,
                                                    std::span<const Accessor> accessors,
                                                    const Options& options) {
  const std::vector<bool> supplied(accessors.begin(), accessors.end());
  const auto generated = generate(program, supplied, options);
  if (!generated) return std::unexpected(generated.error());
  return load(program, accessors, generated->object);
}

}  // namespace falcoc::native
