// Diagnostics as text for people: header, excerpt of the file with the place underlined, related
// places, hint.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/source/diagnostic.h"
#include "compiler/source/display_text.h"

namespace falcoc {

namespace {

// Conditions of several thousand bytes on one line exist; what matters is around the place.
constexpr uint32_t kExcerptColumns = 120;
constexpr uint32_t kContextColumns = 30;  // kept before the place when the line is cut
constexpr uint32_t kExcerptLines = 4;     // of a place over several lines; the rest is left out
constexpr std::string_view kCut = "…";

struct Colors {
  std::string_view error, warning, note, strong, gutter, off;

  std::string_view of(Severity severity) const {
    return severity == Severity::ERROR ? error : severity == Severity::WARNING ? warning : note;
  }
};
constexpr Colors kColors = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m",
                            "\x1b[1m",    "\x1b[34m",   "\x1b[0m"};
constexpr Colors kNoColors = {};

struct Excerpt {
  std::string text;
  std::string marks;
};

/// One line as shown, with marks under its bytes [begin, end); at least one mark.
Excerpt excerpt_line(std::string_view line, uint32_t begin, uint32_t end) {
  const auto size = static_cast<uint32_t>(line.size());
  begin = std::min(begin, size);
  end = std::clamp(end, begin, size);

  uint32_t first = 0;  // byte where the shown part starts
  if (size > kExcerptColumns && begin > kContextColumns) {
    first = begin - kContextColumns;
    while (first < begin && (static_cast<unsigned char>(line[first]) & 0xC0) == 0x80) ++first;
  }
  Excerpt excerpt;
  uint32_t column = 0;
  if (first > 0) {
    excerpt.text += kCut;
    excerpt.marks += ' ';
    column = 1;
  }
  for (uint32_t i = first; i < size;) {
    if (column >= kExcerptColumns) {
      excerpt.text += kCut;
      break;
    }
    const DisplayCharacter character = display_character(line, i, column);
    excerpt.text += character.shown;
    excerpt.marks.append(character.columns, i >= begin && i < end ? '^' : ' ');
    column += character.columns;
    i += character.bytes;
  }
  if (begin == end) {  // a position: one caret at it
    uint32_t at = first > 0 ? 1 : 0;
    for (uint32_t i = first; i < begin;) {
      const DisplayCharacter character = display_character(line, i, at);
      at += character.columns;
      i += character.bytes;
    }
    excerpt.marks.assign(std::min(at, kExcerptColumns), ' ');
    excerpt.marks += '^';
  }
  excerpt.marks.erase(excerpt.marks.find_last_not_of(' ') + 1);
  return excerpt;
}

void append_excerpt(std::string& out, const SourceFile& file, Span span, std::string_view label,
                    std::string_view mark_color, const Colors& colors) {
  const LineColumn first = file.position(span.begin);
  LineColumn last = file.position(std::max(span.begin, span.end));
  if (last.line > first.line && last.column == 1) {  // ends with a line end: not the next line
    last.line--;
    last.column = static_cast<uint32_t>(file.line(last.line).size()) + 1;
  }
  const size_t gutter = std::max<size_t>(fmt::formatted_size("{}", last.line), 4);
  const auto line_out = [&](std::string_view number, std::string_view text) {
    out += fmt::format("{}{:>{}} |{} {}\n", colors.gutter, number, gutter, colors.off, text);
  };
  const uint32_t count = last.line - first.line + 1;
  for (uint32_t line = first.line; line <= last.line; ++line) {
    if (count > kExcerptLines && line - first.line == kExcerptLines - 2 && line != last.line) {
      line_out("...", "");
      line = last.line;
    }
    const std::string_view text = file.line(line);
    const auto indent = static_cast<uint32_t>(std::min(text.find_first_not_of(" \t"), text.size()));
    const uint32_t begin = line == first.line ? first.column - 1 : indent;
    const uint32_t end = line == last.line ? last.column - 1 : static_cast<uint32_t>(text.size());
    const Excerpt excerpt = excerpt_line(text, begin, end);
    line_out(fmt::to_string(line), excerpt.text);
    if (count > 1 && begin >= end) continue;  // blank line inside the place
    std::string marks = fmt::format("{}{}", mark_color, excerpt.marks);
    if (line == last.line && !label.empty()) marks += fmt::format(" {}", displayable(label));
    line_out("", fmt::format("{}{}", marks, colors.off));
  }
}

std::string place(const SourceFile& file, Span span) {
  const LineColumn at = file.position(span.begin);
  return fmt::format("{}:{}:{}", displayable(file.name()), at.line, at.column);
}

}  // namespace

std::string render_text(const Diagnostic& diagnostic, const SourceMap& sources, bool color) {
  const Colors& colors = color ? kColors : kNoColors;
  const CodeInfo& info = code_info(diagnostic.code);
  const std::string_view severity_color = colors.of(info.severity);
  const bool has_place =
      diagnostic.has_span && static_cast<size_t>(diagnostic.span.file) < sources.size();

  std::string out;
  if (has_place) {
    const SourceFile& file = sources.file(diagnostic.span.file);
    out += fmt::format("{}{}:{} ", colors.strong, place(file, diagnostic.span), colors.off);
  }
  out += fmt::format("{}{}[{}]:{} {}{}{}\n", severity_color, severity_name(info.severity), info.id,
                     colors.off, colors.strong, displayable(diagnostic.message), colors.off);
  if (has_place) {
    append_excerpt(out, sources.file(diagnostic.span.file), diagnostic.span, diagnostic.label,
                   severity_color, colors);
  }
  for (const Label& related : diagnostic.related) {
    if (static_cast<size_t>(related.span.file) >= sources.size()) continue;
    const SourceFile& file = sources.file(related.span.file);
    out += fmt::format("{}{}:{} {}note:{} {}\n", colors.strong, place(file, related.span),
                       colors.off, colors.note, colors.off, displayable(related.text));
    append_excerpt(out, file, related.span, {}, colors.note, colors);
  }
  if (!diagnostic.hint.empty()) {
    out += fmt::format("     {}= help:{} {}\n", colors.strong, colors.off,
                       displayable(diagnostic.hint));
  }
  return out;
}

}  // namespace falcoc
