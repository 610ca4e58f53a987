// Rule files formatted from text, for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/format/format.h"

namespace falcoc::test {

struct Formatted {
  std::optional<std::string> text;
  std::string codes;  ///< of findings, a blank behind each
};

inline Formatted format_text(std::string_view text) {
  SourceMap sources;
  Diagnostics found;
  const FileId file = sources.add("rules.yaml", std::string(text));
  Formatted out{.text = format::format_rules(file, sources, found), .codes = {}};
  for (const Diagnostic& finding : found.items()) {
    out.codes += std::string(code_info(finding.code).id) + " ";
  }
  return out;
}

}  // namespace falcoc::test
