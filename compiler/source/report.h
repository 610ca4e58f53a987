// Whole reports: all diagnostics of one run in the formats of other tools. Each format is one file,
// render_….cpp; programs that print reports list them in a table.
#pragma once

#include <string>
#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcoc {

struct Report {
  const Diagnostics& diagnostics;
  const SourceMap& sources;
  std::string_view tool_version;  ///< of falcoc
  bool warnings_fail = false;     ///< a warning is as bad as an error
};

/// SARIF 2.1.0 for code scanning. Columns count Unicode code points, relative paths stay relative.
std::string render_sarif(const Report& report);

/// Workflow commands of GitHub Actions, one line per diagnostic. Columns count code points.
std::string render_github(const Report& report);

/// JUnit XML: a suite per file, a test case per finding, one that passes for a file without any.
std::string render_junit(const Report& report);

/// Message, label and hint as sentences in one line.
std::string one_line(const Diagnostic& diagnostic);

/// 1-based; columns count code points, as other programs want them. Malformed UTF-8 counts by byte.
LineColumn position_in_characters(const SourceFile& file, uint32_t offset);

/// True if the diagnostic has a place in a file that is known.
bool has_place(const Diagnostic& diagnostic, const SourceMap& sources);

}  // namespace falcoc
