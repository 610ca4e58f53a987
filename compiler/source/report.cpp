// What the formats of reports share.
#include "compiler/source/report.h"

#include <algorithm>

#include "compiler/source/display_text.h"

namespace falcoc {

std::string one_line(const Diagnostic& diagnostic) {
  std::string text = diagnostic.message;
  if (!diagnostic.label.empty()) text += " (" + diagnostic.label + ")";
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  return displayable(text);
}

LineColumn position_in_characters(const SourceFile& file, uint32_t offset) {
  LineColumn position = file.position(offset);
  const std::string_view line = file.line(position.line);
  const uint32_t bytes = std::min(position.column - 1, static_cast<uint32_t>(line.size()));
  // An offset inside a line end has no character of its own.
  const uint32_t beyond = position.column - 1 - bytes;
  uint32_t characters = 0;
  for (uint32_t at = 0; at < bytes; ++characters) {
    char32_t ignored = 0;
    at += std::max(decode_utf8(line, at, ignored), uint32_t{1});
  }
  position.column = characters + beyond + 1;
  return position;
}

bool has_place(const Diagnostic& diagnostic, const SourceMap& sources) {
  return diagnostic.has_span && static_cast<size_t>(diagnostic.span.file) < sources.size();
}

}  // namespace falcoc
