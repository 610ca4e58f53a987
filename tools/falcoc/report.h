// Findings of a run as text for people or JSON for programs.
#pragma once

#include <cstdio>
#include <string>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/rule_input.h"

namespace falcoc::cli {

/// All diagnostics by file and position. Text comes in colour on a terminal, unless NO_COLOR is
/// set. JSON is one object, the same whether there are findings or not.
void report(const RuleInput& input, Format format, std::FILE* out);

/// "2 errors, 1 warning".
std::string counted(const Diagnostics& diagnostics);

/// Writes all of `text`; false if it could not be.
bool write_all(std::string_view text, std::FILE* out);

}  // namespace falcoc::cli
