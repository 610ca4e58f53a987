#include "compiler/format/conditions.h"

#include <algorithm>
#include <array>
#include <set>

#include "compiler/format/condition_layout.h"
#include "compiler/format/edits.h"
#include "compiler/format/source_lines.h"

namespace falcoc::format {

namespace {

using rules::YamlNode;

constexpr size_t kStep = 2;

/// Whether YAML reads the text as itself when it stands behind a key without quotes.
bool is_plain(std::string_view text) {
  constexpr std::string_view kFirst = "-?:,[]{}#&*!|>'\"%@`";
  constexpr std::array<std::string_view, 4> kNull = {"~", "null", "Null", "NULL"};
  return !text.empty() && kFirst.find(text.front()) == kFirst.npos &&
         text.find(": ") == text.npos && text.find(" #") == text.npos && !text.ends_with(':') &&
         text.find('\t') == text.npos && std::ranges::find(kNull, text) == kNull.end();
}

class ConditionEdits {
 public:
  ConditionEdits(std::string_view text, const rules::YamlStream& stream)
      : source_(text, stream), stream_(stream) {}

  std::string run() {
    find_other_uses();
    for (const YamlNode* document : stream_.documents) {
      if (document->kind != YamlNode::Kind::SEQUENCE || source_.is_flow(*document)) continue;
      for (const YamlNode* item : document->items) edit(*item);
    }
    return apply(source_.text(), std::move(edits_));
  }

 private:
  /// Nodes that stand for something else than a condition, too.
  void find_other_uses() {
    const auto add = [this](const YamlNode* node) {
      if (node->is_scalar()) other_uses_.insert(node);
    };
    std::set<const YamlNode*> items;
    for (const YamlNode* document : stream_.documents) {
      items.insert(document->items.begin(), document->items.end());
    }
    for (const YamlNode& node : stream_.nodes) {
      for (const YamlNode* item : node.items) add(item);
      const YamlNode* condition = items.contains(&node) ? condition_of(node) : nullptr;
      for (const auto& [key, value] : node.entries) {
        add(key);
        if (value != condition) add(value);
      }
    }
  }

  /// The key begins its line, dashes apart: neither a flow map nor anything else out of the way.
  bool begins_line(const YamlNode& key) const {
    const size_t begin = source_.lines()[source_.line_of(key.span.begin)].begin;
    return source_.text().substr(begin, key.span.begin - begin).find_first_not_of(" -") ==
           std::string_view::npos;
  }

  void edit(const YamlNode& item) {
    const YamlNode* value = condition_of(item);
    if (value == nullptr || other_uses_.contains(value) || source_.is_flow(item)) return;
    const YamlNode& key = *item.find_key("condition");
    if (value->span.begin < key.span.end || !begins_line(key)) return;  // the former: an alias
    const std::optional<ScalarPlace> place = source_.place(*value);
    const std::optional<Disjunction> condition =
        place ? read_condition(value->text.text(), appends(item)) : std::nullopt;
    if (!condition) return;
    const std::string_view between =
        source_.text().substr(key.span.end, place->begin - key.span.end);
    const bool same_line = between.find('\n') == between.npos;
    const size_t colon = between.find(':');
    if (colon == between.npos) return;
    if (!same_line && between.find_first_not_of(": \n") != between.npos) return;
    replace(*condition, *place, same_line ? place->begin : key.span.end + colon + 1,
            source_.column_of(key.span.begin), !same_line);
  }

  void replace(const Disjunction& condition, const ScalarPlace& place, size_t begin, size_t indent,
               bool needs_blank) {
    const Comment comment = comment_of(place);
    const std::string behind = comment.text.empty() ? "" : " " + std::string(comment.text);
    const std::string flat = one_line(condition);
    const size_t column = source_.column_of(begin) + (needs_blank ? 1 : 0);
    std::string text = needs_blank ? " " : "";
    if (is_plain(flat) && column + flat.size() <= kColumns) {
      text += flat + behind;
    } else {
      text += ">" + behind;
      for (const std::string& line : broken_lines(condition, indent + kStep)) {
        text += "\n" + std::string(indent + kStep, ' ') + line;
      }
    }
    const bool block = text.find('\n') != text.npos;
    if (source_.text().substr(begin, comment.end - begin) == text) return;
    edits_.push_back({.begin = begin, .end = comment.end, .text = std::move(text)});
    if (block) keep_comments_out(source_.line_of(comment.end) + 1, indent);
  }

  /// Comments from `line` on that are indented like text of the block before them would be such.
  void keep_comments_out(size_t line, size_t indent) {
    for (; line < source_.lines().size(); ++line) {
      if (!source_.is_comment(line) && !source_.is_blank(line)) return;
      const size_t begin = source_.lines()[line].begin;
      const size_t found = source_.indent_of(line);
      if (found > indent) {
        edits_.push_back({.begin = begin, .end = begin + found, .text = std::string(indent, ' ')});
      }
    }
  }

  struct Comment {
    std::string_view text;
    size_t end;  ///< of what is replaced
  };

  /// The comment in the line of the scalar: behind the header of a block, else behind the text.
  Comment comment_of(const ScalarPlace& place) const {
    const size_t line = source_.line_of(place.block ? place.begin : place.end);
    const size_t from = place.block ? place.begin : place.end;
    const size_t line_end = source_.lines()[line].end;
    std::string_view rest = source_.text().substr(from, line_end - from);
    const size_t mark = rest.find('#');
    rest = mark == rest.npos ? std::string_view{} : rest.substr(mark);
    rest = rest.substr(0, rest.find_last_not_of(" \t") + 1);
    const size_t end = place.block ? source_.lines()[source_.line_of(place.end)].end : line_end;
    return {.text = rest, .end = end};
  }

  SourceLines source_;
  const rules::YamlStream& stream_;
  std::set<const YamlNode*> other_uses_;
  std::vector<Edit> edits_;
};

}  // namespace

const YamlNode* condition_of(const YamlNode& item) {
  if (item.find("rule") == nullptr && item.find("macro") == nullptr) return nullptr;
  const YamlNode* condition = item.find("condition");
  return condition != nullptr && condition->is_scalar() ? condition : nullptr;
}

bool appends(const YamlNode& item) {
  return item.find("append") != nullptr || item.find("override") != nullptr;
}

std::string lay_out_conditions(std::string_view text, const rules::YamlStream& stream) {
  return ConditionEdits(text, stream).run();
}

}  // namespace falcoc::format
