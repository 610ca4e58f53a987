// The lines of a rule file, and which of them belong to scalars and must stay as they are.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/rules/yaml.h"

namespace falcoc::format {

struct SourceLine {
  size_t begin = 0;
  size_t end = 0;          ///< without the line end
  bool inside = false;     ///< begins inside a scalar
  bool continues = false;  ///< its end is inside a scalar, or it is text of a block scalar
};

/// What a scalar looks like in the file.
struct ScalarPlace {
  size_t begin = 0;  ///< behind anchor and tag
  size_t end = 0;    ///< behind its last byte that is no blank
  bool block = false;
};

class SourceLines {
 public:
  /// `text` has LF line ends only. Lives no longer than `text`.
  SourceLines(std::string_view text, const rules::YamlStream& stream);

  std::string_view text() const { return text_; }
  std::vector<SourceLine>& lines() { return lines_; }
  const std::vector<SourceLine>& lines() const { return lines_; }
  /// Index of the line that holds `offset`.
  size_t line_of(size_t offset) const;
  size_t column_of(size_t offset) const { return offset - lines_[line_of(offset)].begin; }
  std::string_view content(size_t line) const {
    return text_.substr(lines_[line].begin, lines_[line].end - lines_[line].begin);
  }
  /// Blanks at the beginning of a line; its whole length if there is nothing else.
  size_t indent_of(size_t line) const;
  bool is_blank(size_t line) const;
  /// Nothing but a comment, outside scalars.
  bool is_comment(size_t line) const;

  /// Whether a collection is written with brackets or braces.
  bool is_flow(const rules::YamlNode& collection) const;
  /// Nothing if the scalar's place cannot be told exactly.
  std::optional<ScalarPlace> place(const rules::YamlNode& scalar) const;
  /// False if there is a scalar whose place cannot be told.
  bool exact() const { return exact_; }

 private:
  void mark(const ScalarPlace& scalar);

  std::string_view text_;
  std::vector<SourceLine> lines_;
  bool exact_ = true;
};

}  // namespace falcoc::format
