#include "tools/falcoc/lsp/position.h"

#include <algorithm>

#include "compiler/source/display_text.h"

namespace falcoc::lsp {

namespace {

/// A character of a text: its bytes, and what it counts. Malformed bytes count one each, as editors
/// show a replacement for each.
struct Unit {
  uint32_t bytes = 1;
  uint32_t count = 1;
};

Unit unit_at(std::string_view text, uint32_t offset, Encoding encoding) {
  char32_t c = 0;
  const uint32_t bytes = std::max(decode_utf8(text, offset, c), 1U);
  if (encoding == Encoding::UTF8) return {bytes, bytes};
  return {bytes, encoding == Encoding::UTF16 && c > 0xFFFF ? 2U : 1U};
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::UTF8:
      return "utf-8";
    case Encoding::UTF32:
      return "utf-32";
    default:
      return "utf-16";
  }
}

LineIndex::LineIndex(std::string_view text) {
  for (size_t at = text.find_first_of("\r\n"); at != text.npos;
       at = text.find_first_of("\r\n", at)) {
    at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
    starts_.push_back(static_cast<uint32_t>(at));
  }
}

Range LineIndex::line(std::string_view text, uint32_t line) const {
  if (line >= starts_.size()) {
    const auto end = static_cast<uint32_t>(text.size());
    return {end, end};
  }
  const uint32_t begin = starts_[line];
  uint32_t end = line + 1 < starts_.size() ? starts_[line + 1] : static_cast<uint32_t>(text.size());
  while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
  return {begin, end};
}

uint32_t LineIndex::line_of(uint32_t offset) const {
  return static_cast<uint32_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
}

uint32_t LineIndex::offset(std::string_view text, Position position, Encoding encoding) const {
  const Range range = line(text, position.line);
  uint32_t at = range.begin;
  for (uint32_t counted = 0; at < range.end;) {
    const Unit unit = unit_at(text, at, encoding);
    if (counted + unit.count > position.character) break;  // also in the middle of a character
    counted += unit.count;
    at += unit.bytes;
  }
  return std::min(at, range.end);
}

Position LineIndex::position(std::string_view text, uint32_t offset, Encoding encoding) const {
  const auto end = std::min(offset, static_cast<uint32_t>(text.size()));
  const uint32_t line = line_of(end);
  Position position{line, 0};
  for (uint32_t at = starts_[line]; at < end;) {
    const Unit unit = unit_at(text, at, encoding);
    if (at + unit.bytes > end) break;
    position.character += unit.count;
    at += unit.bytes;
  }
  return position;
}

}  // namespace falcoc::lsp
