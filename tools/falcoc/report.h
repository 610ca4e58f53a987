// Findings of a run in one of several formats. A format is one function and one row of kFormats in
// report.cpp.
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "compiler/check/rule_input.h"
#include "tools/falcoc/commands.h"

namespace falcoc::cli {

using check::read_rules;
using check::RuleInput;

struct RenderOptions {
  bool color = false;          ///< ANSI colours, for text
  bool warnings_fail = false;  ///< --strict
  bool notes_fail = false;     ///< --strict of lint
};

struct Format {
  std::string_view name;  ///< as written behind --format
  std::string (*render)(const RuleInput& input, const RenderOptions& options);
};

/// All formats; the first is the default.
std::span<const Format> formats();
/// By name, null if there is none.
const Format* find_format(std::string_view name);

/// All diagnostics by file and position. Text comes in colour on a terminal, unless NO_COLOR is
/// set; all other formats are the same whether there are findings or not.
void report(const RuleInput& input, const Format& format, bool strict, std::FILE* out);
/// The same; `color` is found out.
void report(const RuleInput& input, const Format& format, RenderOptions options, std::FILE* out);

/// That no rule of the program is called so, and which may be meant; to standard error.
void report_unknown_rule(std::string_view name, const ir::Program& program);

/// "2 errors, 1 warning"; "1 note" if there is nothing else.
std::string counted(const Diagnostics& diagnostics);

/// Writes all of `text`; false if it could not be.
bool write_all(std::string_view text, std::FILE* out);

}  // namespace falcoc::cli
