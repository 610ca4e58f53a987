// Files, spans and text that remembers where it came from. Knows nothing of rules.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc {

enum class FileId : uint32_t {};

/// Half-open byte range of one file. A span of length zero points at a position.
struct Span {
  FileId file{};
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const Span&) const = default;
};

/// 1-based, columns in bytes. CR LF counts as one line end.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  LineColumn position(uint32_t offset) const;
  /// The line without its end; `line` is 1-based.
  std::string_view line(uint32_t line) const;
  uint32_t line_count() const { return static_cast<uint32_t>(line_starts_.size()); }

 private:
  std::string name_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
};

/// Owns the files of one compilation. References stay valid as long as it lives.
class SourceMap {
 public:
  FileId add(std::string name, std::string text);
  const SourceFile& file(FileId id) const;
  size_t size() const { return files_.size(); }

 private:
  std::vector<std::unique_ptr<SourceFile>> files_;
};

/// Text taken from a file through YAML folding, escapes or joining, with the way back: any range of
/// the text maps to the span of the file it was written in.
class MappedText {
 public:
  MappedText() = default;
  /// Text that stands in the file exactly as it is.
  MappedText(std::string text, Span where);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  /// Smallest file span that covers text[begin, end); begin == end gives a position.
  Span span(uint32_t begin, uint32_t end) const;
  Span whole() const { return span(0, static_cast<uint32_t>(text_.size())); }

  /// Appends `piece`, written at `where`. If the lengths differ (an escape, a folded line end) the
  /// whole piece maps to the whole span.
  void append(std::string_view piece, Span where);
  void append(const MappedText& other);
  /// The part text()[begin, end), still mapped.
  MappedText slice(uint32_t begin, uint32_t end) const;

 private:
  struct Segment {
    uint32_t text_begin;
    uint32_t text_end;
    Span where;
  };
  std::string text_;
  std::vector<Segment> segments_;
};

}  // namespace falcoc
