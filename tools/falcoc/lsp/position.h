// Places of a text as editors say them: line and character from 0, characters counted in the units
// that client and server agreed upon. Knows texts only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace falcoc::lsp {

enum class Encoding : uint8_t { UTF16, UTF8, UTF32 };
/// "utf-16" and so on, as LSP names them.
std::string_view encoding_name(Encoding encoding);

struct Position {
  uint32_t line = 0;
  uint32_t character = 0;

  auto operator<=>(const Position&) const = default;
};

/// Half open, in bytes of a text.
struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const Range&) const = default;
  bool contains(uint32_t offset) const { return begin <= offset && offset < end; }
  /// As a cursor stands: also right behind it.
  bool touches(uint32_t offset) const { return begin <= offset && offset <= end; }
};

/// Where the lines of a text begin. Lines end with LF, CR LF or CR.
class LineIndex {
 public:
  LineIndex() = default;
  explicit LineIndex(std::string_view text);

  /// A place behind the end of its line, or of the text, is that end.
  uint32_t offset(std::string_view text, Position position, Encoding encoding) const;
  Position position(std::string_view text, uint32_t offset, Encoding encoding) const;
  uint32_t line_of(uint32_t offset) const;
  uint32_t line_count() const { return static_cast<uint32_t>(starts_.size()); }
  /// The line without its end.
  Range line(std::string_view text, uint32_t line) const;

 private:
  std::vector<uint32_t> starts_{0};
};

}  // namespace falcoc::lsp
