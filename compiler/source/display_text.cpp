#include "compiler/source/display_text.h"

#include <algorithm>
#include <array>

namespace falcoc {

namespace {

constexpr uint32_t kTabStop = 4;  // as most rule files are indented; only the picture depends on it
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Range {
  char32_t first;
  char32_t last;
};

// Blocks of combining marks and invisible formatters that occur in practice (Unicode, category Mn
// and Cf). A mark that is missing here only shifts carets by one.
constexpr std::array<Range, 7> kZeroWidth = {{{0x0300, 0x036F},
                                              {0x0591, 0x05BD},
                                              {0x1AB0, 0x1AFF},
                                              {0x1DC0, 0x1DFF},
                                              {0x200B, 0x200F},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F}}};
// Blocks whose characters take two cells (Unicode, East Asian Width W and F).
constexpr std::array<Range, 8> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
// Direction overrides and isolates make a line read differently from what it says.
constexpr std::array<Range, 3> kDeceptive = {{{0x202A, 0x202E}, {0x2066, 0x2069}, {0x80, 0x9F}}};

template <size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges,
                             [&](Range range) { return range.first <= c && c <= range.last; });
}

}  // namespace

uint32_t decode_utf8(std::string_view text, size_t offset, char32_t& code_point) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  const uint32_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                          : lead >= 0xE0 && lead < 0xF0 ? 3
                          : lead >= 0xC2 && lead < 0xE0 ? 2
                                                        : 0;
  if (length == 0 || offset + length > text.size()) return 0;
  code_point = lead & (0x7FU >> length);
  for (uint32_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code_point = (code_point << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate ? 0 : length;
}

DisplayCharacter display_character(std::string_view text, size_t offset, uint32_t column) {
  if (text[offset] == '\t') {
    const uint32_t columns = kTabStop - column % kTabStop;
    return {.bytes = 1, .columns = columns, .shown = std::string(columns, ' ')};
  }
  char32_t c = 0;
  const uint32_t bytes = decode_utf8(text, offset, c);
  const bool control = c < 0x20 || c == 0x7F || within(kDeceptive, c);
  if (bytes == 0 || control) {
    return {.bytes = std::max(bytes, 1U), .columns = 1, .shown = std::string(kReplacement)};
  }
  const uint32_t columns = within(kZeroWidth, c) ? 0 : within(kWide, c) ? 2 : 1;
  return {.bytes = bytes, .columns = columns, .shown = std::string(text.substr(offset, bytes))};
}

std::string displayable(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n' || c == '\t' || c == '\r') {  // a message is one line
      result += ' ';
      ++i;
      continue;
    }
    const DisplayCharacter character = display_character(text, i, 0);
    result += character.shown;
    i += character.bytes;
  }
  return result;
}

}  // namespace falcoc
