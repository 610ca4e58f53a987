#include "compiler/format/source_lines.h"

#include <algorithm>

#include "compiler/rules/scalar_map.h"

namespace falcoc::format {

namespace {

constexpr std::string_view kBlanks = " \t";

}  // namespace

SourceLines::SourceLines(std::string_view text, const rules::YamlStream& stream) : text_(text) {
  for (size_t begin = 0;;) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines_.push_back({.begin = begin, .end = end});
    if (end == text.size()) break;
    begin = end + 1;
  }
  for (const rules::YamlNode& node : stream.nodes) {
    if (!node.is_scalar()) continue;
    if (const std::optional<ScalarPlace> scalar = place(node)) {
      mark(*scalar);
    } else {
      exact_ = false;
    }
  }
}

size_t SourceLines::line_of(size_t offset) const {
  const auto behind = std::ranges::upper_bound(lines_, offset, {}, &SourceLine::begin);
  return static_cast<size_t>(behind - lines_.begin()) - 1;
}

size_t SourceLines::indent_of(size_t line) const {
  const std::string_view all = content(line);
  return std::min(all.find_first_not_of(kBlanks), all.size());
}

bool SourceLines::is_blank(size_t line) const { return indent_of(line) == content(line).size(); }

bool SourceLines::is_comment(size_t line) const {
  const size_t indent = indent_of(line);
  const std::string_view all = content(line);
  return !lines_[line].inside && indent < all.size() && all[indent] == '#';
}

bool SourceLines::is_flow(const rules::YamlNode& collection) const {
  size_t begin = collection.span.begin;
  const auto at = [this](size_t offset) { return offset < text_.size() ? text_[offset] : '\0'; };
  while (at(begin) == '&' || at(begin) == '!') {  // anchors and tags
    begin = std::min(text_.find_first_of(" \n", begin), text_.size());
    begin = std::min(text_.find_first_not_of(" \n", begin), text_.size());
  }
  return at(begin) == '[' || at(begin) == '{';
}

std::optional<ScalarPlace> SourceLines::place(const rules::YamlNode& scalar) const {
  const rules::MappedScalar mapped =
      rules::map_scalar(scalar.span.file, text_, scalar.span.begin, scalar.text.text());
  if (!mapped.exact) return std::nullopt;
  ScalarPlace place{.begin = mapped.span.begin, .end = mapped.span.end};
  const std::string_view written = text_.substr(place.begin, place.end - place.begin);
  place.block = written.starts_with('|') || written.starts_with('>');
  if (place.block) place.end = place.begin + written.find_last_not_of(" \t\n") + 1;
  return place;
}

void SourceLines::mark(const ScalarPlace& scalar) {
  const size_t first = line_of(scalar.begin);
  size_t last = line_of(std::max(scalar.end, scalar.begin + 1) - 1);
  for (size_t line = first; line <= last; ++line) {
    if (line > first) lines_[line].inside = true;
    if (line < last || (scalar.block && line > first)) lines_[line].continues = true;
  }
  if (!scalar.block) return;
  lines_[first].continues = false;
  // With `+` the empty lines behind it are text, too.
  const std::string_view header = content(first).substr(scalar.begin - lines_[first].begin);
  if (header.substr(0, 3).find('+') == header.npos) return;
  while (++last < lines_.size() && is_blank(last)) {
    lines_[last].inside = lines_[last].continues = true;
  }
}

}  // namespace falcoc::format
