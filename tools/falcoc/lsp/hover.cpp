// What stands at the cursor, in words.
#include <fmt/format.h>

#include <algorithm>

#include "tools/falcoc/lsp/cursor.h"
#include "tools/falcoc/lsp/features.h"
#include "tools/falcoc/lsp/placement.h"
#include "tools/falcoc/lsp/vocabulary.h"

namespace falcoc::lsp {

namespace {

using Kind = ir::ConditionWord::Kind;

constexpr size_t kMostItems = 40;
constexpr size_t kLongestCondition = 2000;

std::string fenced(std::string_view text, std::string_view language = "") {
  return fmt::format("```{}\n{}\n```\n", language, text);
}

std::string items_text(const std::vector<std::string>& items) {
  const size_t shown = std::min(items.size(), kMostItems);
  std::string text = fmt::format(
      "{}", fmt::join(items.begin(), items.begin() + static_cast<ptrdiff_t>(shown), ", "));
  if (shown < items.size()) text += fmt::format(", … ({} in all)", items.size());
  return text;
}

/// Range of the check that a word belongs to: from the last place where a check begins to the next
/// connective.
Range check_around(const Condition& condition, size_t word) {
  size_t first = word, last = word;
  while (first > 0 && condition.words[first].place != ir::ConditionPlace::CHECK) --first;
  while (last + 1 < condition.words.size() &&
         condition.words[last + 1].place != ir::ConditionPlace::CHECK &&
         condition.words[last + 1].place != ir::ConditionPlace::CONNECTIVE) {
    ++last;
  }
  return {condition.words[first].range.begin, condition.words[last].range.end};
}

class Hover {
 public:
  explicit Hover(const Query& query)
      : query_(query), names_(query.workspace.group_of(query.document)), offset_(query.offset()) {}

  Json find();

 private:
  Json said(std::string text, Range range) const {
    return {{"contents", {{"kind", "markdown"}, {"value", std::move(text)}}},
            {"range", query_.range(range)}};
  }
  Json in_condition(const Item& item, const Condition& condition) const;
  Json of_field(const Item& item, const Condition& condition, size_t word) const;
  Json of_name(const Target& target) const;
  Json of_scalars(const Item& item) const;
  Json of_key() const;
  std::string rule_text(const Place& place) const;

  const Query& query_;
  Names names_;
  uint32_t offset_;
};

Json Hover::of_field(const Item& item, const Condition& condition, size_t word) const {
  const Range range = condition.words[word].range;
  const std::string name(query_.document.slice(range));
  const FieldInfo* const field = field_named(name);
  if (field == nullptr) return nullptr;
  std::string text = field_markdown(*field, name);
  const auto facts = query_.analysis.rules.find(item.name.text);
  // What compares the type of the event is decided before there is one.
  if (item.symbol == Symbol::RULE && facts != query_.analysis.rules.end() && name != "evt.type") {
    const std::string_view check = query_.document.slice(check_around(condition, word));
    const std::string where = placement_of(std::string(check), facts->second.events);
    if (!where.empty()) text += fmt::format("\nDecided:\n\n{}", where);
  }
  return said(std::move(text), range);
}

Json Hover::in_condition(const Item& item, const Condition& condition) const {
  for (size_t i = 0; i < condition.words.size(); ++i) {
    const Word& word = condition.words[i];
    if (!word.range.contains(offset_)) continue;
    if (word.kind == Kind::FIELD) return of_field(item, condition, i);
    const std::string_view text = query_.document.slice(word.range);
    const cli::WordRow* const row = find_word(text);
    const bool is_word = word.kind == Kind::OPERATOR || word.kind == Kind::MODIFIER ||
                         word.kind == Kind::TRANSFORMER || word.kind == Kind::CONNECTIVE;
    if (is_word && row != nullptr) {
      return said(fmt::format("`{}`\n\n{}\n", row->shown, row->doc), word.range);
    }
    if (word.kind != Kind::BARE) return nullptr;
    const Cursor cursor =
        cursor_at(query_.document.text(), query_.document.lines(), word.range.begin);
    if (cursor.field == "evt.type" || cursor.field == "syscall.type") {
      std::string event = event_markdown(text);
      if (!event.empty()) return said(std::move(event), word.range);
    }
  }
  return nullptr;
}

std::string Hover::rule_text(const Place& place) const {
  std::string text =
      fmt::format("rule `{}`\n\n{}\n", place.item->name.text, place.item->description);
  const auto facts = query_.analysis.rules.find(place.item->name.text);
  if (facts != query_.analysis.rules.end()) text += "\n" + fenced(facts->second.explanation);
  return text;
}

Json Hover::of_name(const Target& target) const {
  const Place place = names_.definition(target.symbol, target.name);
  if (place.item == nullptr) return nullptr;
  if (target.symbol == Symbol::RULE) return said(rule_text(place), target.range);
  std::string text = fmt::format("{} `{}`\n\n", symbol_name(target.symbol), target.name);
  if (!place.item->description.empty()) text += place.item->description + "\n\n";
  if (target.symbol == Symbol::LIST) {
    text += fenced(items_text(names_.list_items(target.name)));
  } else {
    for (const Place& part : names_.items(Symbol::MACRO, target.name)) {
      for (const Condition& condition : part.item->conditions) {
        const std::string_view said_there = part.document->slice(condition.range);
        text += fenced(said_there.substr(0, kLongestCondition));
      }
    }
  }
  return said(std::move(text), target.range);
}

Json Hover::of_scalars(const Item& item) const {
  for (const Scalar& tag : item.tags) {
    if (!tag.range.contains(offset_)) continue;
    const auto meaning = tag_meaning(tag.text);
    if (!meaning) return nullptr;
    return said(*meaning, tag.range);
  }
  const auto of = [&](const std::vector<Scalar>& fields) -> Json {
    for (const Scalar& scalar : fields) {
      const FieldInfo* const field =
          scalar.range.contains(offset_) ? field_named(scalar.text) : nullptr;
      if (field != nullptr) return said(field_markdown(*field, scalar.text), scalar.range);
    }
    return nullptr;
  };
  for (const Output& output : item.outputs) {
    if (Json found = of(output.fields); !found.is_null()) return found;
  }
  return of(item.fields);
}

/// The key that the cursor is at.
Json Hover::of_key() const {
  const Cursor cursor = cursor_at(query_.document.text(), query_.document.lines(), offset_);
  const bool known = cursor.where == Cursor::Where::KEY || cursor.where == Cursor::Where::ITEM;
  if (!known) return nullptr;
  const std::string& text = query_.document.text();
  uint32_t end = cursor.prefix.end;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                               text[end] == '_' || text[end] == '-')) {
    ++end;
  }
  const Range range{cursor.prefix.begin, end};
  const KeyDoc* const key = find_key(cursor.item, query_.document.slice(range));
  if (key == nullptr) return nullptr;
  return said(fmt::format("`{}`: {}\n\n{}\n", key->key, key->value, key->doc), range);
}

Json Hover::find() {
  if (const auto target = target_at(query_.document, offset_, names_)) {
    if (Json found = of_name(*target); !found.is_null()) return found;
  }
  for (const Item& item : query_.document.outline().items) {
    if (!item.range.touches(offset_)) continue;
    for (const Condition& condition : item.conditions) {
      if (!condition.range.touches(offset_)) continue;
      if (Json found = in_condition(item, condition); !found.is_null()) return found;
    }
    if (Json found = of_scalars(item); !found.is_null()) return found;
  }
  return of_key();
}

}  // namespace

Answer hover(const Query& query) { return Hover(query).find(); }

}  // namespace falcoc::lsp
