#include "tools/falcoc/lsp/outline.h"

#include <algorithm>
#include <array>

#include "compiler/ir/parse.h"
#include "compiler/rules/yaml.h"

namespace falcoc::lsp {

namespace {

using rules::YamlNode;

Range range_of(Span span) { return {span.begin, span.end}; }

/// A scalar without its quotes, so that an edit of the name leaves them.
Scalar scalar_of(const YamlNode& node) {
  const MappedText& text = node.text;
  const bool empty = text.empty();
  return {.text = text.text(), .range = range_of(empty ? node.span : text.whole())};
}

void add_scalars(const YamlNode& node, std::vector<Scalar>& out) {
  if (node.is_scalar()) out.push_back(scalar_of(node));
  for (const YamlNode* item : node.items) add_scalars(*item, out);
}

Condition condition_of(const YamlNode& node) {
  Condition condition{.range = range_of(node.span), .words = {}};
  for (const ir::ConditionWord& word : ir::scan_condition(node.text.text()).words) {
    condition.words.push_back({.kind = word.kind,
                               .place = word.place,
                               .range = range_of(node.text.span(word.begin, word.end))});
  }
  return condition;
}

Output output_of(const YamlNode& node) {
  Output output{.range = range_of(node.span), .fields = {}};
  const auto tokens = ir::parse_output(node.text);
  if (!tokens) return output;
  for (const ir::OutputToken& token : *tokens) {
    if (token.is_text) continue;
    const Range range = range_of(token.span);
    const auto size = static_cast<uint32_t>(token.text.size());
    output.fields.push_back(
        {.text = token.text,
         .range = {range.end - std::min(size, range.end - range.begin), range.end}});
  }
  return output;
}

void read_exceptions(const YamlNode& node, Item& item) {
  for (const YamlNode* exception : node.items) {
    if (const YamlNode* fields = exception->find("fields")) add_scalars(*fields, item.fields);
    if (const YamlNode* values = exception->find("values")) {
      add_scalars(*values, item.other_values);
    }
  }
}

bool says_yes(const YamlNode* node) {
  return node != nullptr && node->is_scalar() && node->text.text() == "true";
}

/// Whether the item changes what another one defines.
void read_change(const YamlNode& map, Item& item) {
  const YamlNode* const override_ = map.find("override");
  const YamlNode* const how = override_ == nullptr ? nullptr : override_->find("items");
  item.is_append = says_yes(map.find("append")) ||
                   (how != nullptr && how->is_scalar() && how->text.text() == "append");
  const bool has_body = map.find("condition") != nullptr || map.find("items") != nullptr;
  item.is_change = item.is_append || override_ != nullptr || !has_body;
}

struct SymbolKey {
  std::string_view key;
  Symbol symbol;
};
// In the order in which keys decide what an item is (RULE-LANGUAGE 5.1).
constexpr std::array<SymbolKey, 3> kSymbolKeys = {
    {{"list", Symbol::LIST}, {"macro", Symbol::MACRO}, {"rule", Symbol::RULE}}};

std::optional<Item> item_of(const YamlNode& map) {
  for (const auto& [key, symbol] : kSymbolKeys) {
    const YamlNode* const name = map.find(key);
    if (name == nullptr || !name->is_scalar() || name->text.empty()) continue;
    Item item;
    item.symbol = symbol;
    item.name = scalar_of(*name);
    item.range = range_of(map.span);
    read_change(map, item);
    for (const auto& [entry, value] : map.entries) {
      const std::string& word = entry->text.text();
      if (word == "condition" && value->is_scalar()) {
        item.conditions.push_back(condition_of(*value));
      }
      if (word == "output" && value->is_scalar()) item.outputs.push_back(output_of(*value));
      if (word == "desc" && value->is_scalar()) item.description = value->text.text();
      if (word == "items") add_scalars(*value, item.items);
      if (word == "tags") add_scalars(*value, item.tags);
      if (word == "exceptions") read_exceptions(*value, item);
    }
    return item;
  }
  return std::nullopt;
}

/// Comment lines at the beginning of a part, without `#`.
std::string comment_of(std::string_view text) {
  std::string comment;
  while (text.starts_with('#')) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(1, end - 1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    const bool says_something = !line.starts_with("----") && !line.starts_with("falcoc-disable");
    if (says_something) comment += (comment.empty() ? "" : "\n") + std::string(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return comment;
}

void shift(Range& range, uint32_t by) {
  range.begin += by;
  range.end += by;
}

Item shifted(Item item, uint32_t by) {
  shift(item.range, by);
  shift(item.name.range, by);
  for (Condition& condition : item.conditions) {
    shift(condition.range, by);
    for (Word& word : condition.words) shift(word.range, by);
  }
  for (Output& output : item.outputs) {
    shift(output.range, by);
    for (Scalar& field : output.fields) shift(field.range, by);
  }
  for (auto* scalars : {&item.items, &item.tags, &item.fields, &item.other_values}) {
    for (Scalar& scalar : *scalars) shift(scalar.range, by);
  }
  return item;
}

}  // namespace

std::string_view symbol_name(Symbol symbol) {
  switch (symbol) {
    case Symbol::RULE:
      return "rule";
    case Symbol::MACRO:
      return "macro";
    default:
      return "list";
  }
}

std::vector<Range> parts_of(std::string_view text) {
  std::vector<Range> parts;
  uint32_t begin = 0, comment = UINT32_MAX;
  for (size_t line = 0; line < text.size();) {
    const auto here = static_cast<uint32_t>(line);
    const std::string_view rest = text.substr(line);
    if (rest.starts_with('#')) {
      comment = std::min(comment, here);
    } else {
      const bool begins_item = rest.starts_with("- ") || rest.starts_with("-\n");
      const uint32_t part = std::min(comment, here);
      if (begins_item && part > begin) {
        parts.push_back({begin, part});
        begin = part;
      }
      comment = UINT32_MAX;
    }
    const size_t end = text.find('\n', line);
    line = end == text.npos ? text.size() : end + 1;
  }
  const auto size = static_cast<uint32_t>(text.size());
  if (begin < size) parts.push_back({begin, size});
  return parts;
}

OutlineReader::Part OutlineReader::read_part(std::string text) {
  Part part;
  const SourceFile file("part", std::move(text));
  const auto stream = rules::read_yaml(FileId{}, file);
  if (!stream) {
    part.broken = true;
    return part;
  }
  for (const YamlNode* document : stream->documents) {
    for (const YamlNode* node : document->items) {
      auto item = item_of(*node);
      if (!item) continue;
      if (item->symbol != Symbol::RULE) item->description = comment_of(file.text());
      part.items.push_back(std::move(*item));
    }
  }
  return part;
}

Outline OutlineReader::read(std::string_view text) {
  Outline outline;
  if (text.size() > kMaxOutlineBytes) return outline;
  Parts parts;
  for (const Range& range : parts_of(text)) {
    std::string part(text.substr(range.begin, range.end - range.begin));
    auto& entry = parts[part];
    if (entry == nullptr) {
      const auto known = parts_.find(part);
      entry = known != parts_.end() ? known->second
                                    : std::make_shared<const Part>(read_part(std::move(part)));
    }
    if (entry->broken) outline.broken.push_back(range);
    for (const Item& item : entry->items) outline.items.push_back(shifted(item, range.begin));
  }
  parts_ = std::move(parts);
  return outline;
}

}  // namespace falcoc::lsp
