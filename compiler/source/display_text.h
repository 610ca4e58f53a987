// Bytes of a file made safe and measurable for a terminal: tabs, wide characters, invalid UTF-8 and
// control characters. Knows nothing of diagnostics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace falcoc {

/// One character of a text: how many bytes it takes there and how a terminal shows it.
struct DisplayCharacter {
  uint32_t bytes = 1;
  uint32_t columns = 1;  ///< terminal cells: 0 for combining marks, 2 for wide characters
  std::string shown;     ///< U+FFFD for what is not UTF-8 or would control the terminal
};

/// The character at `offset`; `column` is the cell it begins in, which decides what a tab is worth.
DisplayCharacter display_character(std::string_view text, size_t offset, uint32_t column);

/// Decodes one UTF-8 sequence (shortest form, no surrogates). Returns its length, 0 if malformed.
uint32_t decode_utf8(std::string_view text, size_t offset, char32_t& code_point);

/// `text` without control characters, for messages that quote a file.
std::string displayable(std::string_view text);

}  // namespace falcoc
