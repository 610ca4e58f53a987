#include "tools/falcoc/lsp/workspace.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "compiler/rules/rule_files.h"
#include "tools/falcoc/lsp/files.h"
#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {

namespace fs = std::filesystem;

namespace {

std::string name_of(std::string_view uri) { return path_of(uri).value_or(std::string(uri)); }

}  // namespace

void Workspace::read_from_disk(const std::string& path, size_t& bytes) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  auto& document = documents_[path];
  const bool known = document != nullptr && document->disk_time == time;
  if (document == nullptr || !(known || document->is_open())) {
    auto text = rules::read_file(path);
    if (!text) text = "";
    if (document == nullptr) {
      document = std::make_unique<Document>(uri_of(path), path, std::move(*text));
    } else {
      document->set_text(std::move(*text));
    }
    document->disk_time = time;
  }
  bytes += document->text().size();
}

void Workspace::rescan() {
  std::vector<std::string> files;
  if (!settings_.rule_files.empty()) {
    files = expand_globs(settings_.rule_files, root_);
  } else if (!root_.empty()) {
    files = find_rule_files(root_);
  }
  load_order_.clear();
  tests_.clear();
  size_t bytes = 0;
  for (const std::string& path : files) {
    if (bytes > kMaxWorkspaceBytes) break;
    read_from_disk(path, bytes);
    load_order_.push_back(path);
  }
  const std::set<std::string_view> kept(load_order_.begin(), load_order_.end());
  std::erase_if(documents_, [&](const auto& entry) {
    return !entry.second->is_open() && !kept.contains(entry.first);
  });
}

Document* Workspace::find(std::string_view uri) {
  const auto found = documents_.find(name_of(uri));
  return found == documents_.end() ? nullptr : found->second.get();
}

Document& Workspace::open(const std::string& uri, int64_t version, std::string text) {
  auto& document = documents_[name_of(uri)];
  if (document == nullptr) document = std::make_unique<Document>(uri, name_of(uri), std::string());
  document->open(uri, version, std::move(text));
  return *document;
}

void Workspace::close(std::string_view uri) {
  Document* const document = find(uri);
  if (document == nullptr) return;
  document->close();
  document->disk_time.reset();  // what is on disk counts again
}

bool Workspace::is_loaded(const Document& document) const {
  return std::ranges::find(load_order_, document.name()) != load_order_.end();
}

bool Workspace::is_rules(const Document& document) const {
  if (is_test_file(document.name())) return false;
  return is_loaded(document) || document.is_said_to_be_rules || looks_like_rules(document.text());
}

Group Workspace::group_of(const Document& document) {
  if (!is_rules(document)) return {};
  if (!is_loaded(document)) return {documents_.at(document.name()).get()};
  Group group;
  for (const std::string& name : load_order_) group.push_back(documents_.at(name).get());
  return group;
}

std::optional<std::string> Workspace::text_of(const std::string& path) const {
  const auto found = documents_.find(path);
  if (found != documents_.end() && found->second->is_open()) return found->second->text();
  auto text = rules::read_file(path);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

const RuleTests& Workspace::tests_of(const Document& document) {
  const auto known = tests_.find(document.name());
  if (known != tests_.end()) return known->second;
  return tests_[document.name()] =
             find_tests(document.name(), [this](const std::string& path) { return text_of(path); });
}

std::vector<Group> Workspace::groups() {
  std::vector<Group> groups;
  const std::set<std::string_view> loaded(load_order_.begin(), load_order_.end());
  if (!load_order_.empty()) groups.push_back(group_of(*documents_.at(load_order_.front())));
  for (const auto& [name, document] : documents_) {
    if (!loaded.contains(name) && is_rules(*document)) groups.push_back({document.get()});
  }
  return groups;
}

Names::Names(const Group& group) {
  for (Document* const document : group) {
    for (const Item& item : document->outline().items) {
      entries_[static_cast<size_t>(item.symbol)][item.name.text].push_back({document, &item});
    }
  }
}

const std::vector<Place>& Names::items(Symbol symbol, std::string_view name) const {
  static const std::vector<Place> none;
  const Entries& entries = all(symbol);
  const auto found = entries.find(name);
  return found == entries.end() ? none : found->second;
}

Place Names::definition(Symbol symbol, std::string_view name) const {
  const std::vector<Place>& places = items(symbol, name);
  for (const Place& place : std::views::reverse(places)) {
    if (!place.item->is_change) return place;
  }
  return places.empty() ? Place{} : places.front();
}

std::vector<std::string> Names::list_items(std::string_view name) const {
  std::vector<std::string> result;
  for (const Place& place : items(Symbol::LIST, name)) {
    if (!place.item->is_append) result.clear();
    for (const Scalar& item : place.item->items) result.push_back(item.text);
  }
  return result;
}

void for_each_mention(const Item& item, const std::function<void(const Mention&)>& tell) {
  using Kind = ir::ConditionWord::Kind;
  tell({.symbol = item.symbol, .range = item.name.range, .is_head = true});
  for (const Condition& condition : item.conditions) {
    for (const Word& word : condition.words) {
      if (word.kind == Kind::MACRO) tell({.symbol = Symbol::MACRO, .range = word.range});
      if (word.kind == Kind::LIST_NAME || word.kind == Kind::BARE) {
        tell({.symbol = Symbol::LIST, .range = word.range});
      }
    }
  }
  for (const auto* scalars : {&item.items, &item.other_values}) {
    for (const Scalar& scalar : *scalars) tell({.symbol = Symbol::LIST, .range = scalar.range});
  }
}

std::optional<Target> target_at(Document& document, uint32_t offset, const Names& names) {
  std::optional<Target> target;
  for (const Item& item : document.outline().items) {
    if (!item.range.touches(offset) && !item.name.range.touches(offset)) continue;
    for_each_mention(item, [&](const Mention& mention) {
      if (!mention.range.touches(offset)) return;
      const std::string_view name =
          mention.is_head ? std::string_view(item.name.text) : document.slice(mention.range);
      // What stands behind an `in` may be a plain word.
      if (!mention.is_head && names.items(mention.symbol, name).empty()) return;
      target = {.symbol = mention.symbol, .name = std::string(name), .range = mention.range};
    });
  }
  return target;
}

}  // namespace falcoc::lsp
