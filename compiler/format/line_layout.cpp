#include "compiler/format/line_layout.h"

#include <algorithm>

#include "compiler/format/indentation.h"
#include "compiler/format/source_lines.h"

namespace falcoc::format {

namespace {

class LineLayout {
 public:
  LineLayout(std::string_view text, const rules::YamlStream& stream, bool indent)
      : source_(text, stream), item_begins_(source_.lines().size()) {
    if (indent) {
      if (auto found = indentation(source_, stream)) {
        shift_ = std::move(found->shift);
        edits_ = std::move(found->blanks);
      }
    }
    shift_.resize(source_.lines().size());
    for (const rules::YamlNode* document : stream.documents) find_items(*document);
  }

  std::string run() {
    for (size_t line = 0; line < source_.lines().size(); ++line) {
      if (source_.is_blank(line) && !source_.lines()[line].inside) continue;
      indent(line);
      if (!source_.lines()[line].continues) trim(line);
    }
    if (source_.exact()) empty_lines();
    return apply(source_.text(), std::move(edits_));
  }

 private:
  /// Lines with the first word of an item of the file.
  void find_items(const rules::YamlNode& root) {
    if (root.kind != rules::YamlNode::Kind::SEQUENCE) return;
    for (const rules::YamlNode* item : root.items) {
      const size_t line = source_.line_of(item->span.begin);
      const std::string_view all = source_.content(line);
      const size_t indent = source_.indent_of(line);
      if (indent < all.size() && all[indent] == '-') item_begins_[line] = true;
    }
  }

  bool is_empty(size_t line) const {
    return source_.is_blank(line) && !source_.lines()[line].inside;
  }

  /// A comment goes where the line behind it goes if both begin in one column, else where the line
  /// before it goes that begins there.
  long shift_of(size_t line) const {
    if (!source_.is_comment(line)) return shift_[line];
    const size_t indent = source_.indent_of(line);
    if (indent == 0) return 0;
    size_t next = line;
    while (next < source_.lines().size() && (source_.is_comment(next) || is_empty(next))) ++next;
    if (next < source_.lines().size() && source_.indent_of(next) == indent) return shift_[next];
    return shift_with_lines_before(line, indent);
  }

  /// The same for a comment whose column, `indent`, is not that of the line behind it.
  long shift_with_lines_before(size_t line, size_t indent) const {
    size_t nearest = line;
    while (nearest > 0 && (source_.is_comment(nearest) || is_empty(nearest))) --nearest;
    for (size_t before = nearest;; --before) {
      if (!source_.is_comment(before) && !is_empty(before) && !source_.lines()[before].inside) {
        const size_t begin = source_.indent_of(before);
        if (begin == indent) return shift_[before];
        if (begin < indent) {
          // A key behind a dash is in the column of the keys below it.
          const size_t key = source_.content(before).find_first_not_of("- ");
          if (key != indent) break;
          return static_cast<long>(begin + 2) + shift_[before] - static_cast<long>(indent);
        }
      }
      if (before == 0) break;
    }
    return shift_[nearest];
  }

  void indent(size_t line) {
    const long by = shift_of(line);
    if (by == 0) return;
    const size_t begin = source_.lines()[line].begin;
    const auto indent = static_cast<long>(source_.indent_of(line));
    edits_.push_back({.begin = begin,
                      .end = begin + static_cast<size_t>(indent),
                      .text = std::string(static_cast<size_t>(std::max(indent + by, 0L)), ' ')});
  }

  void trim(size_t line) {
    const std::string_view all = source_.content(line);
    const size_t kept = all.find_last_not_of(" \t") + 1;
    if (kept == all.size()) return;
    const size_t begin = source_.lines()[line].begin;
    edits_.push_back({.begin = begin + kept, .end = begin + all.size(), .text = {}});
  }

  /// None at the beginning and end of the file, one in place of several, one before each item.
  void empty_lines() {
    const size_t count = source_.lines().size();
    bool some_before = false;
    for (size_t line = 0; line < count;) {
      if (!is_empty(line)) {
        if (begins_item(line) && some_before && !is_empty(line - 1)) insert_line(line);
        some_before = true;
        ++line;
        continue;
      }
      size_t end = line;
      while (end < count && is_empty(end)) ++end;
      replace_lines(line, end, some_before && end < count ? "\n" : "");
      line = end;
    }
    if (!source_.text().empty() && !is_empty(count - 1)) {
      edits_.push_back(
          {.begin = source_.text().size(), .end = source_.text().size(), .text = "\n"});
    }
  }

  /// Begins an item or the comment that belongs to it; the first item of a document is not meant.
  bool begins_item(size_t line) const {
    if (line == 0) return false;
    size_t item = line;
    while (item < item_begins_.size() && source_.is_comment(item)) ++item;
    if (item == item_begins_.size() || !item_begins_[item]) return false;
    const size_t indent = source_.indent_of(item);
    for (size_t comment = line; comment < item; ++comment) {
      if (source_.indent_of(comment) > indent) return false;
    }
    const bool comment_goes_on =
        source_.is_comment(line - 1) && source_.indent_of(line - 1) <= indent;
    return !comment_goes_on && !source_.content(line - 1).starts_with("---");
  }

  void insert_line(size_t line) {
    const size_t at = source_.lines()[line].begin;
    // Before what else is done at the beginning of this line.
    edits_.insert(edits_.begin(), {.begin = at, .end = at, .text = "\n"});
  }

  void replace_lines(size_t first, size_t end, std::string text) {
    const size_t begin = source_.lines()[first].begin;
    const bool to_end = end == source_.lines().size();
    const size_t behind = to_end ? source_.text().size() : source_.lines()[end].begin;
    if (source_.text().substr(begin, behind - begin) == text) return;
    edits_.push_back({.begin = begin, .end = behind, .text = std::move(text)});
  }

  SourceLines source_;
  std::vector<bool> item_begins_;
  std::vector<long> shift_;
  std::vector<Edit> edits_;
};

}  // namespace

std::string lay_out_lines(std::string_view text, const rules::YamlStream& stream, bool indent) {
  return LineLayout(text, stream, indent).run();
}

}  // namespace falcoc::format
