#include "tools/falcoc/lsp/cursor.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace falcoc::lsp {

namespace {

/// An item of more lines is no rule that somebody writes; bounds the way back from the cursor.
constexpr uint32_t kMaxItemLines = 2000;

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// A line: how far it is indented, and the key that it begins with.
struct Line {
  std::string_view text;  ///< of the file, without its end
  uint32_t begin = 0;     ///< in the file
  uint32_t indent = 0;    ///< of what it says, the dash of a sequence skipped
  bool dash = false;
  std::string_view key;  ///< empty: none
  uint32_t value = 0;    ///< where the value of the key begins, in `text`
};

Line read_line(std::string_view text, Range range) {
  Line line;
  line.text = text.substr(range.begin, range.end - range.begin);
  line.begin = range.begin;
  size_t at = std::min(line.text.find_first_not_of(' '), line.text.size());
  if (line.text.substr(at).starts_with("- ")) {
    line.dash = true;
    at = std::min(line.text.find_first_not_of(' ', at + 1), line.text.size());
  }
  line.indent = static_cast<uint32_t>(at);
  size_t end = at;
  while (end < line.text.size() && is_key_character(line.text[end])) ++end;
  const bool colon = end > at && end < line.text.size() && line.text[end] == ':' &&
                     (end + 1 == line.text.size() || line.text[end + 1] == ' ');
  if (colon) {
    line.key = line.text.substr(at, end - at);
    line.value = static_cast<uint32_t>(end + 1);
  }
  return line;
}

/// Characters that can be part of a word of a condition, an item of a list or a tag.
bool ends_word(char c) {
  return std::string_view(" \t\r\n()[]{},=<>\"'%").find(c) != std::string_view::npos;
}

/// The text of a value as a condition: quotes and block indicators become blanks, so that places
/// stay what they are.
std::string as_condition(std::string_view raw) {
  std::string text(raw);
  size_t at = text.find_first_not_of(" \t\r\n");
  if (at == text.npos) return text;
  const char first = text[at];
  if (first == '>' || first == '|') {
    while (at < text.size() && text[at] != '\n') text[at++] = ' ';
  } else if (first == '"') {
    text[at] = ' ';
    for (size_t i = at; i + 1 < text.size(); ++i) {
      if (text[i] == '\\' && text[i + 1] == '"') text[i] = ' ';
    }
  } else if (first == '\'') {
    text[at] = ' ';
    for (size_t i = at; i + 1 < text.size(); ++i) {
      if (text[i] == '\'' && text[i + 1] == '\'') text[i++] = ' ';
    }
  }
  return text;
}

class Finder {
 public:
  Finder(std::string_view text, const LineIndex& lines, uint32_t offset)
      : text_(text), lines_(lines), offset_(offset), last_(lines.line_of(offset)) {}

  Cursor find();

 private:
  Line line(uint32_t number) const { return read_line(text_, lines_.line(text_, number)); }
  bool find_item();
  void find_key();
  void in_value();
  void in_condition(std::string_view before);
  void forget_check() {
    cursor_.field.clear();
    cursor_.operator_.clear();
    cursor_.transformer.clear();
  }
  void in_output(std::string_view before);
  void in_exceptions();
  void word_before(size_t least);
  bool at_key(const Line& line) const;

  std::string_view text_;
  const LineIndex& lines_;
  uint32_t offset_;
  uint32_t last_;        ///< line of the cursor
  uint32_t first_ = 0;   ///< line that the item begins in
  uint32_t column_ = 0;  ///< that the keys of the item begin in
  std::optional<Line> key_;
  Cursor cursor_;
};

/// The line before the cursor's in which an item begins.
bool Finder::find_item() {
  const uint32_t least = last_ > kMaxItemLines ? last_ - kMaxItemLines : 0;
  for (uint32_t number = last_ + 1; number-- > least;) {
    const Line here = line(number);
    if (!here.text.starts_with("-")) continue;
    first_ = number;
    column_ = here.dash ? here.indent : 2;
    if (here.key == "rule" || here.key == "macro" || here.key == "list") {
      cursor_.item = here.key;
      std::string_view name = here.text.substr(here.value);
      name.remove_prefix(std::min(name.find_first_not_of(" \"'"), name.size()));
      name = name.substr(0, name.find_last_not_of(" \"'\r") + 1);
      cursor_.name = name;
    }
    return true;
  }
  return false;
}

/// The last key of the item before the cursor.
void Finder::find_key() {
  for (uint32_t number = last_ + 1; number-- > first_;) {
    const Line here = line(number);
    const bool first = number == first_;
    if (here.key.empty() || here.indent != column_ || (here.dash && !first)) continue;
    if (here.begin + here.value > offset_) continue;  // the cursor is before the colon
    key_ = here;
    return;
  }
}

/// Whether the cursor is where a key begins or is being written.
bool Finder::at_key(const Line& line) const {
  const uint32_t column = offset_ - line.begin;
  if (line.key.empty()) {
    const std::string_view before = line.text.substr(0, column);
    const size_t begin = std::min(before.find_first_not_of(' '), before.size());
    return begin == column_ && std::ranges::all_of(before.substr(begin), is_key_character);
  }
  return line.indent == column_ && column >= line.indent && column < line.value;
}

void Finder::word_before(size_t least) {
  size_t begin = offset_;
  while (begin > least && !ends_word(text_[begin - 1])) --begin;
  cursor_.prefix = {static_cast<uint32_t>(begin), offset_};
}

void Finder::in_condition(std::string_view before) {
  cursor_.where = Cursor::Where::CONDITION;
  const size_t base = offset_ - before.size();
  word_before(base);
  // The check that the cursor is in begins at the last place where one may.
  const std::string condition =
      as_condition(before.substr(0, before.size() - (offset_ - cursor_.prefix.begin)));
  const ir::ScannedCondition scanned = ir::scan_condition(condition);
  cursor_.place = scanned.end;
  for (const ir::ConditionWord& word : scanned.words) {
    using Kind = ir::ConditionWord::Kind;
    const std::string said = condition.substr(word.begin, word.end - word.begin);
    if (word.place == ir::ConditionPlace::CHECK) {
      forget_check();
      if (word.kind == Kind::TRANSFORMER) cursor_.transformer = said;
    }
    if (word.kind == Kind::FIELD && cursor_.field.empty()) cursor_.field = said;
    if (word.kind == Kind::ARGUMENT && word.place == ir::ConditionPlace::ARGUMENT &&
        cursor_.operator_.empty()) {
      cursor_.field += "[" + said + "]";
    }
    if (word.kind == Kind::OPERATOR) cursor_.operator_ = said;
  }
  if (scanned.end == ir::ConditionPlace::CHECK) forget_check();
  if (!scanned.words.empty() && scanned.words.back().kind == ir::ConditionWord::Kind::QUOTED &&
      scanned.words.back().end == condition.size()) {
    cursor_.where = Cursor::Where::NOTHING;
  }
}

void Finder::in_output(std::string_view before) {
  const size_t percent = before.rfind('%');
  if (percent == before.npos) return;
  std::string_view word = before.substr(percent + 1);
  while (!word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
    word.remove_prefix(1);
  }
  const bool whole = std::ranges::all_of(
      word, [](char c) { return is_key_character(c) || c == '.' || c == '[' || c == ']'; });
  if (!whole) return;
  cursor_.where = Cursor::Where::OUTPUT;
  cursor_.prefix = {static_cast<uint32_t>(offset_ - word.size()), offset_};
}

void Finder::in_exceptions() {
  const Line here = line(last_);
  const uint32_t column = offset_ - here.begin;
  const std::string_view before = here.text.substr(0, column);
  const size_t word = std::min(before.find_first_not_of(" -"), before.size());
  if (here.key.empty() && std::ranges::all_of(before.substr(word), is_key_character) &&
      before.find(',') == before.npos && word > column_) {
    cursor_.where = Cursor::Where::EXCEPTION_KEY;
    cursor_.prefix = {here.begin + static_cast<uint32_t>(word), offset_};
  }
  constexpr std::array<std::string_view, 4> kKeys = {"name", "fields", "comps", "values"};
  for (uint32_t number = last_ + 1; number-- > first_;) {
    const Line line_here = line(number);
    if (std::ranges::find(kKeys, line_here.key) == kKeys.end()) continue;
    if (line_here.begin + line_here.value > offset_) continue;
    // Below `- name` an element may be meant, or a key at the same column.
    const bool same_line = number == last_;
    if (!same_line && cursor_.where == Cursor::Where::EXCEPTION_KEY && word <= line_here.indent &&
        !before.substr(0, word).ends_with("- ")) {
      return;
    }
    cursor_.where = Cursor::Where::VALUE;
    cursor_.key = "exceptions." + std::string(line_here.key);
    word_before(line_here.begin + line_here.value);
    return;
  }
}

void Finder::in_value() {
  cursor_.key = key_->key;
  const size_t begin = key_->begin + key_->value;
  const std::string_view before = text_.substr(begin, offset_ - begin);
  if (cursor_.key == "condition") return in_condition(before);
  if (cursor_.key == "output") return in_output(before);
  if (cursor_.key == "exceptions") return in_exceptions();
  if (cursor_.key == "desc") return;
  cursor_.where = Cursor::Where::VALUE;
  word_before(begin);
  if (cursor_.key == "override" && before.find('\n') != before.npos) {
    const Line here = line(last_);
    if (here.key.empty() || offset_ - here.begin < here.value) {
      cursor_.where = Cursor::Where::OVERRIDE_KEY;
    }
  }
}

Cursor Finder::find() {
  const Line here = line(last_);
  const std::string_view before = here.text.substr(0, offset_ - here.begin);
  const size_t comment = before.find('#');
  if (comment != before.npos && (comment == 0 || before[comment - 1] == ' ') &&
      before.find_first_not_of(' ') == comment) {
    return cursor_;
  }
  if (before.find_first_not_of("- ") == before.npos && !here.text.starts_with(' ') &&
      here.key.empty() && (before.empty() || before.starts_with('-'))) {
    cursor_.where = Cursor::Where::ITEM;
    cursor_.prefix = {here.begin, offset_};
    return cursor_;
  }
  if (!find_item()) return cursor_;
  const bool begins_item = last_ == first_ && here.key.empty();
  if (begins_item || at_key(here)) {
    cursor_.where = begins_item ? Cursor::Where::ITEM : Cursor::Where::KEY;
    size_t begin = offset_;
    while (begin > here.begin && is_key_character(text_[begin - 1])) --begin;
    cursor_.prefix = {begins_item ? here.begin : static_cast<uint32_t>(begin), offset_};
    // A text that goes on in the column of keys is none; one that is blank there may be either.
    return cursor_;
  }
  find_key();
  if (key_) in_value();
  return cursor_;
}

}  // namespace

Cursor cursor_at(std::string_view text, const LineIndex& lines, uint32_t offset) {
  return Finder(text, lines, std::min(offset, static_cast<uint32_t>(text.size()))).find();
}

}  // namespace falcoc::lsp
