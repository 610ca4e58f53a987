// One LLVM module and one object file per filter; its sections are the programs.
#include "compiler/codegen/bpf/generate.h"

#include <fmt/format.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <optional>

#include "compiler/codegen/bpf/emitter.h"

namespace falcoc::bpf {
namespace {

constexpr const char* kTriple = "bpfel";
/// Instructions that Linux 5.8 has.
constexpr const char* kProcessor = "v3";

std::unexpected<Diagnostic> failed(std::string what) {
  return std::unexpected(Diagnostic::global(
      Code::FILTERS_UNUSABLE, "kernel filters cannot be generated: " + std::move(what),
      "rules are matched without; please report this with your rules"));
}

std::expected<std::unique_ptr<llvm::TargetMachine>, Diagnostic> machine() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeBPFTargetInfo();
    LLVMInitializeBPFTarget();
    LLVMInitializeBPFTargetMC();
    LLVMInitializeBPFAsmPrinter();
  });
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (target == nullptr) return failed(error);
  std::unique_ptr<llvm::TargetMachine> made(target->createTargetMachine(
      kTriple, kProcessor, "", {}, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Less));
  if (!made) return failed("LLVM has no eBPF target");
  return made;
}

std::string emit(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type) {
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream out(text);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type)) return {};
  passes.run(module);
  return std::string(text.begin(), text.end());
}

/// Blocks that only jump go away; more would undo what the emitter does for the verifier.
void simplify(llvm::Module& module) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager call_graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(call_graph);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, call_graph, modules);
  llvm::FunctionPassManager pipeline;
  pipeline.addPass(llvm::SimplifyCFGPass());
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) pipeline.run(function, functions);
  }
}

/// A name of the object file; empty if it has none that can be read.
llvm::StringRef name_or_nothing(llvm::Expected<llvm::StringRef> name) {
  if (name) return *name;
  llvm::consumeError(name.takeError());
  return {};
}

/// The fixup that a symbol stands for.
std::optional<Fixup> fixup_of(llvm::StringRef symbol, uint64_t offset) {
  uint32_t unknown = 0;
  Fixup fixup{.instruction = static_cast<uint32_t>(offset / sizeof(uint64_t))};
  if (!symbol.consume_front("falcoc.") || symbol.consumeInteger(10, unknown) ||
      !symbol.consume_front(".") || symbol.consumeInteger(10, fixup.part) || unknown >= kUnknowns) {
    return std::nullopt;
  }
  fixup.unknown = static_cast<Unknown>(unknown);
  return fixup;
}

std::expected<std::vector<Part>, Diagnostic> read_object(const std::string& object, size_t count) {
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(llvm::StringRef(object), "filter"));
  if (!file) return failed(llvm::toString(file.takeError()));
  std::vector<Part> parts(count);
  const auto part_of = [&](const llvm::object::SectionRef& section) -> Part* {
    const llvm::StringRef name = name_or_nothing(section.getName());
    for (size_t i = 0; i < count; ++i) {
      if (name == section_of(i)) return &parts[i];
    }
    return nullptr;
  };
  for (const llvm::object::SectionRef& section : (*file)->sections()) {
    if (Part* part = part_of(section)) {
      auto contents = section.getContents();
      if (!contents) return failed(llvm::toString(contents.takeError()));
      part->code.resize(contents->size() / sizeof(uint64_t));
      std::memcpy(part->code.data(), contents->data(), part->code.size() * sizeof(uint64_t));
    }
    auto relocated = section.getRelocatedSection();
    if (!relocated) return failed(llvm::toString(relocated.takeError()));
    if (*relocated == (*file)->section_end()) continue;
    Part* part = part_of(**relocated);
    if (part == nullptr) continue;
    for (const llvm::object::RelocationRef& relocation : section.relocations()) {
      const auto symbol = relocation.getSymbol();
      const auto fixup = symbol == (*file)->symbol_end()
                             ? std::nullopt
                             : fixup_of(name_or_nothing(symbol->getName()), relocation.getOffset());
      if (!fixup) return failed("a relocation to something else than the probe");
      part->fixups.push_back(*fixup);
    }
  }
  return parts;
}

std::expected<Filter, Diagnostic> generate_one(const ir::split::KernelPlan& plan,
                                               const FilterPlan& filter_plan,
                                               llvm::TargetMachine& machine, Texts* texts) {
  llvm::LLVMContext context;
  llvm::Module module(std::string(event_kind_name(plan.kind)), context);
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(kTriple);
  std::vector<Set> sets = Emitter(filter_plan, module).run();
  std::string problems;
  llvm::raw_string_ostream problem_stream(problems);
  if (llvm::verifyModule(module, &problem_stream)) return failed(problems);
  simplify(module);
  if (texts != nullptr) {
    llvm::raw_string_ostream out(texts->llvm);
    module.print(out, nullptr);
    const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    texts->assembly += emit(*copy, machine, llvm::CodeGenFileType::AssemblyFile);
  }
  auto parts =
      read_object(emit(module, machine, llvm::CodeGenFileType::ObjectFile), filter_plan.parts());
  if (!parts) return std::unexpected(std::move(parts.error()));
  Filter filter{
      .kind = plan.kind, .parts = std::move(*parts), .sets = std::move(sets), .rules = {}};
  for (const ir::split::RuleGuard& rule : plan.rules) {
    filter.rules.emplace_back(rule.rule, rule.candidate);
  }
  return filter;
}

}  // namespace

std::expected<Filters, Diagnostic> generate(std::span<const ir::split::KernelPlan> plans,
                                            Texts* texts) {
  auto target = machine();
  if (!target) return std::unexpected(std::move(target.error()));
  Filters filters;
  for (const ir::split::KernelPlan& plan : plans) {
    const auto filter_plan = plan_filter(plan);
    if (!filter_plan) continue;
    auto filter = generate_one(plan, *filter_plan, **target, texts);
    if (!filter) return std::unexpected(std::move(filter.error()));
    filters.push_back(std::move(*filter));
  }
  return filters;
}

}  // namespace falcoc::bpf
