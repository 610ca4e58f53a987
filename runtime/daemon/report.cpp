// See report.h.
#include "runtime/daemon/report.h"

#include <fmt/format.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace falcod {

namespace {

int syslog_level(falcoc::Severity severity) {
  switch (severity) {
    case falcoc::Severity::ERROR:
      return LOG_ERR;
    case falcoc::Severity::WARNING:
      return LOG_WARNING;
    case falcoc::Severity::NOTE:
      break;
  }
  return LOG_INFO;
}

}  // namespace

Reporter::Reporter(const falcoc::SourceMap& sources, const ReportOptions& options)
    : sources_(sources),
      options_(options),
      color_(::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

void Reporter::show(const falcoc::Diagnostic& diagnostic) const {
  const falcoc::Severity severity = falcoc::code_info(diagnostic.code).severity;
  const bool is_error = severity == falcoc::Severity::ERROR;
  if (options_.quiet && !is_error) return;
  if (severity == falcoc::Severity::NOTE && !options_.verbose) return;
  write(falcoc::render_text(diagnostic, sources_, color_), syslog_level(severity), is_error);
}

void Reporter::show(const falcoc::Diagnostics& diagnostics) const {
  for (const falcoc::Diagnostic& diagnostic : diagnostics.items()) show(diagnostic);
}

void Reporter::info(std::string_view text) const {
  if (!options_.quiet) write(text, LOG_INFO, false);
}

void Reporter::loss(std::string_view text) const { write(text, LOG_WARNING, false); }

void Reporter::write(std::string_view text, int level, bool always) const {
  const bool wanted = static_cast<uint32_t>(level) <= options_.log.level;
  if (always || (wanted && options_.log.to_stderr)) {
    // One write per text: the command shares this terminal.
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }
  if (!wanted || !options_.log.to_syslog) return;
  while (!text.empty()) {  // an entry for each line
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) ::syslog(level | LOG_USER, "%.*s", static_cast<int>(end), text.data());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace falcod
