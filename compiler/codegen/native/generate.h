// IR to machine code by LLVM, as an object file. The only header of the generator that others
// include; LLVM stays behind it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "compiler/codegen/native/native.h"
#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

struct Generated {
  std::string object;  ///< for Matcher::load()
  std::string llvm_text;
  std::string assembly_text;
};

/// `supplied` is parallel to Program::fields: false for fields that are absent in every event. The
/// code is for the processor that this runs on. The error says why there cannot be code.
std::expected<Generated, Diagnostic> generate(const ir::Program& program,
                                              const std::vector<bool>& supplied,
                                              const Options& options = {});

}  // namespace falcoc::native
