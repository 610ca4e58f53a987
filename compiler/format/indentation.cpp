#include "compiler/format/indentation.h"

#include <algorithm>

namespace falcoc::format {

namespace {

using rules::YamlNode;

constexpr size_t kStep = 2;

struct Unclear {};

class Indenter {
 public:
  explicit Indenter(const SourceLines& source) : source_(source) {
    out_.shift.resize(source.lines().size());
  }

  void document(const YamlNode& root) {
    if (root.kind != YamlNode::Kind::SEQUENCE || source_.is_flow(root) || root.items.empty())
      return;
    sequence(root, 0, std::nullopt);
  }

  Indentation take() { return std::move(out_); }

 private:
  char at(size_t offset) const {
    return offset < source_.text().size() ? source_.text()[offset] : '\0';
  }

  bool is_collection(const YamlNode& node) const {
    return node.kind == YamlNode::Kind::SEQUENCE || node.kind == YamlNode::Kind::MAP;
  }

  /// Where the first word of a node stands, dashes apart.
  size_t first_word(const YamlNode& node) const {
    if (is_collection(node) && !source_.is_flow(node)) {
      if (node.kind == YamlNode::Kind::MAP && !node.entries.empty()) {
        return node.entries.front().first->span.begin;
      }
      if (node.kind == YamlNode::Kind::SEQUENCE && !node.items.empty()) {
        return first_word(*node.items.front());
      }
    }
    if (node.kind == YamlNode::Kind::EMPTY) throw Unclear{};
    return node.span.begin;
  }

  /// Lines [first, end) go to where a column `from` becomes `to`.
  void shift(size_t first, size_t end, size_t from, size_t to) {
    for (size_t line = first; line < end; ++line) {
      out_.shift[line] = static_cast<long>(to) - static_cast<long>(from);
    }
  }

  size_t line_behind(const YamlNode& node) const {
    const size_t end = std::max<size_t>(node.span.end, node.span.begin + 1);
    return source_.line_of(end - 1) + 1;
  }

  /// The dashes go to column `to`. The first one is at or behind `first_dash`, or in a line of its
  /// own.
  void sequence(const YamlNode& node, size_t to, std::optional<size_t> first_dash) {
    std::optional<size_t> column;
    size_t behind = 0;
    for (const YamlNode* item : node.items) {
      const size_t word = first_word(*item);
      if (word < behind) throw Unclear{};  // an alias
      const size_t line = source_.line_of(word);
      const size_t line_begin = source_.lines()[line].begin;
      const bool own_line = !first_dash || item != node.items.front();
      const size_t dash = own_line ? line_begin + source_.indent_of(line) : *first_dash;
      if (at(dash) != '-' || at(dash + 1) != ' ') throw Unclear{};
      if (!column) column = dash - line_begin;
      if (*column != dash - line_begin) throw Unclear{};
      const size_t next = source_.text().find_first_not_of(' ', dash + 1);
      behind = std::max<size_t>(item->span.end, word + 1);
      if (own_line) shift(line, std::max(line + 1, line_behind(*item)), *column, to);
      gap(dash + 1, next, " ");
      this->item(*item, word, next, to);
    }
  }

  /// An item whose dash goes to column `dash`; `next` is what is behind the dash.
  void item(const YamlNode& item, size_t word, size_t next, size_t dash) {
    const bool block = is_collection(item) && !source_.is_flow(item);
    if (block && item.kind == YamlNode::Kind::SEQUENCE) {
      return sequence(item, dash + kStep, next);
    }
    if (next != word) throw Unclear{};
    if (block) {
      map(item, dash + kStep, true);
    } else if (item.is_scalar()) {
      scalar(item, dash + kStep);
    }
  }

  /// The keys go to column `to`; `first_inline`: but the first stands behind a dash.
  void map(const YamlNode& node, size_t to, bool first_inline) {
    const size_t column = source_.column_of(node.entries.front().first->span.begin);
    const size_t end = line_behind(node);
    for (size_t i = 0; i < node.entries.size(); ++i) {
      const auto& [key, value] = node.entries[i];
      const size_t begin = key->span.begin;
      const size_t line = source_.line_of(begin);
      const bool own_line = i > 0 || !first_inline;
      if (source_.column_of(begin) != column) throw Unclear{};
      if (own_line && source_.indent_of(line) != column) throw Unclear{};
      if (i == 0) shift(own_line ? line : line + 1, std::max(end, line + 1), column, to);
      entry(*key, *value, to);
    }
  }

  void entry(const YamlNode& key, const YamlNode& value, size_t column) {
    const size_t colon = source_.text().find_first_not_of(' ', key.span.end);
    if (at(colon) != ':') throw Unclear{};
    const size_t next = source_.text().find_first_not_of(' ', colon + 1);
    if (next == std::string_view::npos || at(next) == '\n') {
      gap(key.span.end, colon + 1, ":");
    } else if (at(next) != '#') {
      gap(key.span.end, next, ": ");
    }
    if (value.kind == YamlNode::Kind::EMPTY || value.span.begin < key.span.end) return;
    if (value.is_scalar()) return scalar(value, column + kStep);
    if (source_.is_flow(value)) return;
    const size_t word = first_word(value);
    if (source_.line_of(word) == source_.line_of(key.span.begin)) throw Unclear{};
    if (value.kind == YamlNode::Kind::SEQUENCE) {
      sequence(value, column + kStep, std::nullopt);
    } else {
      map(value, column + kStep, false);
    }
  }

  /// Text of a block scalar goes to column `to`, unless its header says how far it is indented.
  void scalar(const YamlNode& node, size_t to) {
    const std::optional<ScalarPlace> place = source_.place(node);
    if (!place) throw Unclear{};
    if (!place->block) return;
    const std::string_view header = source_.text().substr(place->begin + 1, 2);
    if (header.find_first_of("123456789") != header.npos) return;
    const size_t first = source_.line_of(place->begin) + 1;
    const size_t end = source_.line_of(place->end - 1) + 1;
    size_t text = first;
    while (text < end && source_.is_blank(text)) ++text;
    if (text < end) shift(first, end, source_.indent_of(text), to);
  }

  void gap(size_t begin, size_t end, std::string_view text) {
    if (source_.text().substr(begin, end - begin) != text) {
      out_.blanks.push_back({.begin = begin, .end = end, .text = std::string(text)});
    }
  }

  const SourceLines& source_;
  Indentation out_;
};

}  // namespace

std::optional<Indentation> indentation(const SourceLines& lines, const rules::YamlStream& stream) {
  if (!lines.exact()) return std::nullopt;
  try {
    Indenter indenter(lines);
    for (const YamlNode* document : stream.documents) indenter.document(*document);
    return indenter.take();
  } catch (const Unclear&) {
    return std::nullopt;
  }
}

}  // namespace falcoc::format
