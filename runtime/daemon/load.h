// Rules from what -r names: rule files, directories of them, or one bundle, told apart by content.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/source/diagnostic.h"

namespace falcod {

/// Where the standard rules are installed: next to the program, or at the prefix it was built for.
/// Nothing if they are in neither place.
std::optional<std::string> standard_rules();

/// Reads and compiles. Nothing if `diagnostics` has an error afterwards. `extra_output` is appended
/// to every output, which only rule files allow.
std::optional<falcoc::ir::Program> load_program(const std::vector<std::string>& paths,
                                                const std::string& extra_output,
                                                falcoc::SourceMap& sources,
                                                falcoc::Diagnostics& diagnostics);

}  // namespace falcod
