// `falcoc explain --emit=FORM`: the stages of the compiler as they are, for who works on it.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "tools/falcoc/exit_status.h"

namespace falcoc::cli {

/// Names of the forms.
std::vector<std::string> emit_forms();
/// `form` is one of them. Prints to standard output.
ExitStatus emit(const ir::Program& program, const std::string& form);

}  // namespace falcoc::cli
