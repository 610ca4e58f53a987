// `falcoc explain-code`: what the table of diagnostics says about one code.
#include <fmt/format.h>

#include "compiler/source/diagnostic.h"
#include "tools/falcoc/commands.h"

namespace falcoc::cli {

ExitStatus explain_code(const std::string& code) {
  const std::optional<Code> found = find_code(code);
  if (!found) {
    fmt::print(stderr, "error: no diagnostic has the code `{}`; codes look like E0301\n", code);
    return ExitStatus::FAILURE;
  }
  const CodeInfo& info = code_info(*found);
  fmt::print("{} ({}): {}\n", info.id, severity_name(info.severity), info.title);
  if (!info.falco_code.empty()) fmt::print("Falco reports it as {}.\n", info.falco_code);
  return ExitStatus::CLEAN;
}

}  // namespace falcoc::cli
