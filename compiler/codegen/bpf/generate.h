// Kernel plans to filters by LLVM's BPF target. Any thread; needs nothing of the running kernel.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "compiler/codegen/bpf/filters.h"
#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::bpf {

/// For explain --emit.
struct Texts {
  std::string llvm;      ///< LLVM IR of all filters
  std::string assembly;  ///< eBPF of all filters
};

/// Kinds that a filter would pass whole have none. The error is a defect of this program.
std::expected<Filters, Diagnostic> generate(std::span<const ir::split::KernelPlan> plans,
                                            Texts* texts = nullptr);

}  // namespace falcoc::bpf
