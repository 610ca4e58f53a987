// Plain, quoted and block scalars (YAML 1.2 chapters 7.3 and 8.1) followed in step with a known
// value. Since the value is known, no context is needed: neither the indentation of the parent, nor
// whether the scalar stands in a flow collection, nor the chomping indicator.
#include "compiler/rules/scalar_map.h"

#include <algorithm>
#include <optional>
#include <string>

namespace falcoc::rules {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }

/// Reads a source and a value together and collects which part of one gave which part of the other.
class Follower {
 public:
  Follower(FileId file, std::string_view source, uint32_t position, std::string_view value)
      : file_(file), source_(source), value_(value), position_(position) {}

  std::optional<MappedScalar> follow() {
    skip_properties();
    const uint32_t begin = position_;
    const char first = at(position_);
    const bool followed = first == '"' || first == '\''  ? follow_quoted(first)
                          : first == '|' || first == '>' ? follow_block(first == '>')
                                                         : follow_plain();
    if (!followed || done_ != value_.size()) return std::nullopt;
    flush();
    if (value_.empty()) text_.append("", {file_, begin, begin});  // so that it has a place at all
    return MappedScalar{.text = std::move(text_), .span = {file_, begin, position_}};
  }

  uint32_t position() const { return position_; }

  /// Tags, anchors, and the blanks, comments and line ends after them.
  void skip_properties() {
    while (at(position_) == '&' || at(position_) == '!') {
      while (position_ < size() && !is_blank(at(position_)) && !is_break(at(position_)))
        ++position_;
      while (position_ < size() && (is_blank(at(position_)) || is_break(at(position_)))) {
        ++position_;
        if (at(position_) == '#') skip_line();
      }
    }
  }

 private:
  uint32_t size() const { return static_cast<uint32_t>(source_.size()); }
  char at(uint32_t position) const { return position < source_.size() ? source_[position] : '\0'; }
  char wanted() const { return done_ < value_.size() ? value_[done_] : '\0'; }

  void skip_line() {
    while (position_ < size() && !is_break(at(position_))) ++position_;
  }
  uint32_t skip_blanks(uint32_t from) const {
    while (is_blank(at(from))) ++from;
    return from;
  }
  /// Length of the line end at `from`, 0 if there is none. A lone CR is none to yaml-cpp.
  uint32_t break_length(uint32_t from) const {
    if (at(from) == '\n') return 1;
    return at(from) == '\r' && at(from + 1) == '\n' ? 2 : 0;
  }

  /// One source byte is one value byte. Collected, so that a run of them is one segment.
  bool take_same() {
    if (position_ >= size() || done_ >= value_.size() || at(position_) != wanted()) return false;
    if (run_ == 0) run_source_ = position_;
    ++run_;
    ++position_;
    ++done_;
    return true;
  }
  void flush() {
    if (run_ == 0) return;
    text_.append(value_.substr(done_ - run_, run_), {file_, run_source_, run_source_ + run_});
    run_ = 0;
  }
  /// The next `count` bytes of the value come from the source up to `end`.
  void take(size_t count, uint32_t end) {
    flush();
    if (count > 0) text_.append(value_.substr(done_, count), {file_, position_, end});
    done_ += count;
    position_ = end;
  }
  size_t wanted_breaks() const {
    size_t count = 0;
    while (done_ + count < value_.size() && value_[done_ + count] == '\n') ++count;
    return count;
  }

  /// Line folding of plain and quoted scalars: one line end is a blank, n are n - 1 line ends.
  /// `position_` is at blanks before a line end, or at it. False if it is neither.
  bool fold_flow_lines() {
    uint32_t next = skip_blanks(position_);
    size_t breaks = 0;
    while (const uint32_t length = break_length(next)) {
      ++breaks;
      next = skip_blanks(next + length);
    }
    if (breaks == 0) return false;
    const size_t count = breaks == 1 ? 1 : breaks - 1;
    if (value_.substr(done_, count) != std::string(count, breaks == 1 ? ' ' : '\n')) return false;
    take(count, next);
    return true;
  }
  bool at_folded_line_end() const {
    const char c = at(position_);
    return (is_blank(c) || is_break(c)) && break_length(skip_blanks(position_)) != 0;
  }

  bool follow_plain() {
    while (done_ < value_.size()) {
      if (at_folded_line_end() ? !fold_flow_lines() : !take_same()) return false;
    }
    return true;
  }

  bool follow_quoted(char quote) {
    ++position_;
    while (position_ < size()) {
      const char c = at(position_);
      if (c == quote && !(quote == '\'' && at(position_ + 1) == '\'')) break;
      bool followed = false;
      if (c == '\'' && quote == '\'') {
        followed = wanted() == '\'';
        if (followed) take(1, position_ + 2);
      } else if (c == '\\' && quote == '"') {
        followed = follow_escape();
      } else {
        followed = at_folded_line_end() ? fold_flow_lines() : take_same();
      }
      if (!followed) return false;
    }
    if (at(position_) != quote) return false;
    flush();
    ++position_;
    return true;
  }

  /// Escapes of double-quoted scalars (YAML 1.2 section 5.7). The result is whatever the value
  /// holds there; only its length must be known.
  bool follow_escape() {
    const char c = at(position_ + 1);
    if (const uint32_t length = break_length(position_ + 1)) {  // escaped line end: nothing
      flush();
      position_ = skip_blanks(position_ + 1 + length);
      return true;
    }
    const uint32_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const uint32_t end = position_ + 2 + digits;
    if (end > size() || done_ >= value_.size()) return false;
    // One code point: its length in UTF-8 follows from the first byte. yaml-cpp gives `\_` and `\N`
    // as the single bytes A0 and 85.
    const auto lead = static_cast<unsigned char>(value_[done_]);
    const size_t count = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (done_ + count > value_.size()) return false;
    take(count, end);
    return true;
  }

  /// Indentation of a block scalar: what the first line with text has more than the value's.
  std::optional<uint32_t> block_indentation() const {
    size_t value_line = 0;
    size_t value_text = value_.find_first_not_of(" \n");
    if (value_text == std::string_view::npos) return std::nullopt;
    if (const size_t end = value_.rfind('\n', value_text); end != std::string_view::npos) {
      value_line = end + 1;
    }
    uint32_t line = position_;
    uint32_t text = line;
    while (at(text) == ' ' || break_length(text) != 0) {
      const uint32_t length = break_length(text);
      if (length != 0) line = text + length;
      text += std::max(length, 1U);
    }
    const size_t in_value = value_text - value_line;
    if (text - line < in_value) return std::nullopt;
    return static_cast<uint32_t>(text - line - in_value);
  }

  /// Start of the content of the line at `line`: behind the indentation, or behind what there is.
  uint32_t content_of(uint32_t line, uint32_t indentation) const {
    uint32_t content = line;
    while (content < line + indentation && at(content) == ' ') ++content;
    return content;
  }

  bool follow_block(bool folded) {
    skip_line();
    position_ += break_length(position_);
    if (value_.empty()) return true;
    const std::optional<uint32_t> indentation = block_indentation();
    if (!indentation) return false;
    position_ = content_of(position_, *indentation);
    while (done_ < value_.size()) {
      // The content of one line, then the line end or ends after it. Blanks at the end of a line
      // may have been dropped by folding.
      while (position_ < size() && break_length(position_) == 0 && take_same()) {
      }
      if (done_ == value_.size()) break;
      if (position_ >= size()) return false;
      if (break_length(skip_blanks(position_)) == 0) return false;
      if (!(folded ? fold_block_lines(*indentation) : keep_block_line(*indentation))) return false;
    }
    return true;
  }

  bool keep_block_line(uint32_t indentation) {
    const uint32_t length = break_length(position_);
    if (length == 0 || wanted() != '\n') return false;
    take(1, position_ + length);
    if (done_ < value_.size()) position_ = content_of(position_, indentation);
    return true;
  }

  /// One line end between lines of text is a blank, n are n - 1 line ends; next to a line that is
  /// indented more, and at the beginning and end of the scalar, each one counts.
  bool fold_block_lines(uint32_t indentation) {
    uint32_t line = skip_blanks(position_);
    uint32_t next = line;
    size_t breaks = 0;
    while (const uint32_t length = break_length(line)) {
      ++breaks;
      next = content_of(line + length, indentation);
      line = skip_blanks(next);
    }
    const size_t wanted_count = wanted_breaks();
    if (wanted_count == 0) {
      if (breaks != 1 || wanted() != ' ') return false;
      take(1, next);
      return true;
    }
    const bool last = done_ + wanted_count == value_.size();
    if (wanted_count > breaks || (!last && wanted_count + 1 < breaks)) return false;
    if (last) next = skip_blanks(position_) + break_length(skip_blanks(position_));
    take(wanted_count, next);
    return true;
  }

  FileId file_;
  std::string_view source_;
  std::string_view value_;
  uint32_t position_;  ///< in the source
  size_t done_ = 0;    ///< bytes of the value accounted for
  MappedText text_;
  uint32_t run_ = 0;         ///< bytes taken one for one, not yet in text_
  uint32_t run_source_ = 0;  ///< where they begin
};

}  // namespace

MappedScalar map_scalar(FileId file, std::string_view source, uint32_t begin,
                        std::string_view value) {
  begin = std::min(begin, static_cast<uint32_t>(source.size()));
  Follower follower(file, source, begin, value);
  if (std::optional<MappedScalar> mapped = follower.follow()) return std::move(*mapped);

  // Everything maps to the rest of the first line.
  Follower start(file, source, begin, value);
  start.skip_properties();
  const auto line_end = static_cast<uint32_t>(
      std::min(source.find_first_of("\r\n", start.position()), source.size()));
  MappedScalar scalar{.text = {}, .span = {file, start.position(), line_end}, .exact = false};
  scalar.text.append(value, scalar.span);
  return scalar;
}

}  // namespace falcoc::rules
