// See report.h.
#include "runtime/daemon/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace falcod {

Reporter::Reporter(const falcoc::SourceMap& sources, bool quiet)
    : sources_(sources),
      quiet_(quiet),
      color_(::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

void Reporter::show(const falcoc::Diagnostic& diagnostic) const {
  if (quiet_ && falcoc::code_info(diagnostic.code).severity != falcoc::Severity::ERROR) return;
  loss(falcoc::render_text(diagnostic, sources_, color_));
}

void Reporter::show(const falcoc::Diagnostics& diagnostics) const {
  for (const falcoc::Diagnostic& diagnostic : diagnostics.items()) show(diagnostic);
}

void Reporter::info(std::string_view text) const {
  if (!quiet_) loss(text);
}

void Reporter::loss(std::string_view text) const {
  // One write per text: the command shares this terminal.
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace falcod
