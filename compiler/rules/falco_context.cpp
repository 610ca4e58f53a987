// Walks from the root of a YAML tree to the place of a finding; tables say how Falco calls what is
// on the way.
#include "compiler/rules/falco_context.h"

#include <algorithm>
#include <array>
#include <optional>

namespace falcoc::rules {

namespace {

/// An item of a rule file by its deciding key, in the order of RULE-LANGUAGE 5.1.
struct ItemType {
  std::string_view key;
  std::string_view type;
  bool named;  ///< the key's value is the name
};
constexpr ItemType kItemTypes[] = {{"required_engine_version", "required_engine_version", false},
                                   {"required_plugin_versions", "required plugin versions", false},
                                   {"list", "list", true},
                                   {"macro", "macro", true},
                                   {"rule", "rule", true}};

/// Keys whose values have a name of their own; all others are "value for".
struct KeyType {
  std::string_view item;
  std::string_view key;
  std::string_view type;
  std::string_view expression;  ///< type of what is inside the text, if anything
};
constexpr KeyType kKeyTypes[] = {{"macro", "condition", "macro condition", "condition expression"},
                                 {"rule", "condition", "rule condition", "condition expression"},
                                 {"rule", "output", "rule output", "rule output expression"},
                                 {"rule", "priority", "rule priority", ""},
                                 {"rule", "exceptions", "exceptions", ""},
                                 {"rule", "override", "overrides", ""},
                                 {"macro", "override", "overrides", ""},
                                 {"list", "override", "overrides", ""}};

constexpr std::string_view kValueFor = "value for";

bool holds(const YamlNode& node, uint32_t offset) {
  return node.span.begin <= offset && offset <= std::max(node.span.begin, node.span.end);
}

/// The last element that holds the offset: neighbours touch.
const YamlNode* element_at(const YamlNode& sequence, uint32_t offset) {
  const YamlNode* found = nullptr;
  for (const YamlNode* item : sequence.items) {
    if (holds(*item, offset)) found = item;
  }
  return found;
}

const YamlNode::Entry* entry_at(const YamlNode& map, uint32_t offset) {
  const YamlNode::Entry* found = nullptr;
  for (const YamlNode::Entry& entry : map.entries) {
    if (holds(*entry.first, offset) || holds(*entry.second, offset)) found = &entry;
  }
  return found;
}

/// The condition in double quotes, cut as Falco cuts it.
std::string shown_condition(std::string_view text) {
  constexpr size_t kLongest = 20;
  constexpr size_t kKept = 17;
  std::string shown(text.size() > kLongest ? text.substr(0, kKept) : text);
  if (text.size() > kLongest) shown += "...";
  std::ranges::replace_if(shown, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return '"' + shown + '"';
}

class Walk {
 public:
  Walk(const Diagnostic& diagnostic, const SourceFile& file)
      : diagnostic_(diagnostic), file_(file), offset_(diagnostic.span.begin) {
    // The file itself is at its beginning.
    result_.push_back(
        {.item_type = "rules content", .item_name = {}, .position_name = file.name()});
  }

  void document(const YamlNode& root) {
    const YamlNode* item =
        root.kind == YamlNode::Kind::SEQUENCE ? element_at(root, offset_) : nullptr;
    if (item == nullptr) return;
    const ItemType* type = nullptr;
    for (const ItemType& candidate : kItemTypes) {
      if (type == nullptr && item->find(candidate.key) != nullptr) type = &candidate;
    }
    if (type == nullptr) {
      add("rules content item", {}, *item);
      return;
    }
    const YamlNode& name = *item->find(type->key);
    add(type->type, type->named && name.is_scalar() ? name.text.text() : std::string(), *item);
    inside_item(*item, *type);
  }

  std::vector<FalcoLocation> result() && { return std::move(result_); }

 private:
  void add(std::string_view type, std::string name, const YamlNode& node) {
    add(type, std::move(name), file_.name(), node.span.begin);
  }
  void add(std::string_view type, std::string name, std::string position, uint32_t offset) {
    const LineColumn at = file_.position(offset);
    result_.push_back({.item_type = type,
                       .item_name = std::move(name),
                       .position_name = std::move(position),
                       .line = at.line - 1,
                       .column = at.column - 1,
                       .offset = offset});
  }

  void inside_item(const YamlNode& item, const ItemType& type) {
    const YamlNode::Entry* entry = entry_at(item, offset_);
    if (entry == nullptr || !entry->first->is_scalar()) return;
    const std::string& key = entry->first->text.text();
    const YamlNode& value = *entry->second;
    // A finding about the whole rule stands at its name, or at the condition that is to blame.
    if (type.key == "required_plugin_versions") return inside_plugins(value);
    if (key == type.key || diagnostic_.code == Code::NO_EVENT_TYPE) return;
    if (type.key == "list" && key == "items" && value.kind == YamlNode::Kind::SEQUENCE) {
      if (const YamlNode* element = element_at(value, offset_)) add("list item", {}, *element);
      return;
    }
    const auto* const known = std::ranges::find_if(
        kKeyTypes, [&](const KeyType& row) { return row.item == type.key && row.key == key; });
    const bool structural =
        diagnostic_.code == Code::VALUE_MISSING || diagnostic_.code == Code::VALUE_TYPE;
    if (known == std::end(kKeyTypes) || (structural && value.kind != YamlNode::Kind::SEQUENCE)) {
      add(kValueFor, key, value.kind == YamlNode::Kind::EMPTY ? *entry->first : value);
      return;
    }
    add(known->type, {}, value);
    if (key == "exceptions") return inside_exceptions(value);
    if (!known->expression.empty() && value.is_scalar()) {
      const bool condition = known->expression == "condition expression";
      add(known->expression, {}, condition ? shown_condition(value.text.text()) : file_.name(),
          offset_);
    }
  }

  void inside_plugins(const YamlNode& entries) {
    if (entries.kind != YamlNode::Kind::SEQUENCE) return;
    const YamlNode* entry = element_at(entries, offset_);
    if (entry == nullptr) return;
    add("required plugin versions entry", name_of(*entry), *entry);
    const YamlNode* alternatives = entry->find("alternatives");
    if (alternatives == nullptr || alternatives->kind != YamlNode::Kind::SEQUENCE) return;
    if (const YamlNode* alternative = element_at(*alternatives, offset_)) {
      add("required plugin versions alternative", name_of(*alternative), *alternative);
    }
  }

  void inside_exceptions(const YamlNode& exceptions) {
    if (exceptions.kind != YamlNode::Kind::SEQUENCE) return;
    const YamlNode* exception = element_at(exceptions, offset_);
    if (exception == nullptr) return;
    add("exception", name_of(*exception), *exception);
    const YamlNode::Entry* entry = entry_at(*exception, offset_);
    if (entry == nullptr || !entry->first->is_scalar()) return;
    const std::string& key = entry->first->text.text();
    if (key == "name") return;
    if (key != "values") return add(kValueFor, key, *entry->second);
    add("exception values", {}, *entry->second);
    if (entry->second->kind != YamlNode::Kind::SEQUENCE) return;
    if (const YamlNode* value = element_at(*entry->second, offset_)) {
      add("exception value", {}, *value);
    }
  }

  static std::string name_of(const YamlNode& map) {
    const YamlNode* name = map.find("name");
    return name != nullptr && name->is_scalar() ? name->text.text() : std::string();
  }

  const Diagnostic& diagnostic_;
  const SourceFile& file_;
  uint32_t offset_;
  std::vector<FalcoLocation> result_;
};

}  // namespace

std::vector<FalcoLocation> falco_locations(const Diagnostic& diagnostic, const SourceFile& file,
                                           const YamlStream* yaml) {
  Walk walk(diagnostic, file);
  const YamlNode* document = nullptr;
  if (yaml != nullptr && diagnostic.has_span) {
    for (const YamlNode* root : yaml->documents) {
      if (holds(*root, diagnostic.span.begin)) document = root;
    }
  }
  if (document != nullptr) walk.document(*document);
  return std::move(walk).result();
}

std::string falco_snippet(std::string_view text, uint32_t offset) {
  constexpr size_t kReach = 80;  // bytes kept on either side
  constexpr std::string_view kCut = "...";
  if (text.empty()) return "<No context>\n";
  const auto ends_line = [&](size_t i) { return text[i] == '\n' || text[i] == '\r'; };
  size_t at = std::min<size_t>(offset, text.size() - 1);
  while (at > 0 && ends_line(at)) --at;
  size_t begin = at;
  while (begin > 0 && !ends_line(begin - 1)) --begin;
  size_t end = at;
  while (end < text.size() && !ends_line(end)) ++end;

  const bool cut_left = at - begin > kReach;
  const bool cut_right = end - at > kReach;
  if (cut_left) begin = at - kReach;
  if (cut_right) end = at + kReach;
  std::string line(text.substr(begin, end - begin));
  if (cut_left) line.replace(0, kCut.size(), kCut);
  if (cut_right) line.replace(line.size() - kCut.size(), kCut.size(), kCut);
  return line + "\n" + std::string(at - begin, ' ') + "^\n";
}

}  // namespace falcoc::rules
