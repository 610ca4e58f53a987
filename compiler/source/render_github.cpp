// Diagnostics as workflow commands of GitHub Actions, which shows them beside the changed lines.
#include <fmt/format.h>

#include <string_view>

#include "compiler/source/report.h"

namespace falcoc {

namespace {

struct Escape {
  char character;
  std::string_view written;
  bool only_in_properties;
};
constexpr Escape kEscapes[] = {{'%', "%25", false},
                               {'\r', "%0D", false},
                               {'\n', "%0A", false},
                               {':', "%3A", true},
                               {',', "%2C", true}};

std::string escaped(std::string_view text, bool property) {
  std::string result;
  for (const char c : text) {
    std::string_view written(&c, 1);
    for (const Escape& escape : kEscapes) {
      if (escape.character == c && (property || !escape.only_in_properties)) {
        written = escape.written;
      }
    }
    result += written;
  }
  return result;
}

std::string_view command_of(Severity severity) {
  constexpr std::string_view kCommands[] = {"error", "warning", "notice"};
  return kCommands[static_cast<size_t>(severity)];
}

std::string place_of(Span span, const SourceMap& sources) {
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = position_in_characters(file, span.begin);
  const LineColumn end = position_in_characters(file, span.end);
  std::string text =
      fmt::format("file={},line={},endLine={}", escaped(file.name(), true), begin.line, end.line);
  // GitHub takes columns only for places within one line; the end is inclusive.
  if (begin.line == end.line) {
    text += fmt::format(",col={},endColumn={}", begin.column,
                        end.column > begin.column ? end.column - 1 : begin.column);
  }
  return text + ",";
}

}  // namespace

std::string render_github(const Report& report) {
  std::string text;
  for (const Diagnostic* diagnostic : in_file_order(report.diagnostics)) {
    const CodeInfo& info = code_info(diagnostic->code);
    std::string message = one_line(*diagnostic);
    for (const Label& related : diagnostic->related) {
      if (static_cast<size_t>(related.span.file) >= report.sources.size()) continue;
      const SourceFile& file = report.sources.file(related.span.file);
      message += fmt::format("\n{}:{}: {}", file.name(), file.position(related.span.begin).line,
                             related.text);
    }
    text += fmt::format(
        "::{} {}title={}::{}\n", command_of(info.severity),
        has_place(*diagnostic, report.sources) ? place_of(diagnostic->span, report.sources) : "",
        escaped(fmt::format("{} {}", info.id, info.title), true), escaped(message, false));
  }
  return text;
}

}  // namespace falcoc
