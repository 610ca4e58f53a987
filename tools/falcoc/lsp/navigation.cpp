// From a name to what it stands for and back: definition, references, rename, symbols of a file.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "tools/falcoc/lsp/features.h"
#include "tools/falcoc/lsp/rule_tests.h"
#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {

namespace {

/// Every place that names the target, item by item.
template <typename Tell>
void for_each_reference(const Group& group, const Target& target, const Tell& tell) {
  for (Document* const document : group) {
    for (const Item& item : document->outline().items) {
      for_each_mention(item, [&](const Mention& mention) {
        if (mention.symbol != target.symbol) return;
        const bool same = mention.is_head ? item.name.text == target.name
                                          : document->slice(mention.range) == target.name;
        if (same) tell(*document, item, mention);
      });
    }
  }
}

bool is_word(std::string_view name) {
  const auto letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  return !name.empty() && letter(static_cast<unsigned char>(name.front())) &&
         std::ranges::all_of(name,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// Words that conditions take for something else where a macro or list could stand.
bool is_reserved(std::string_view name) { return name == "and" || name == "or" || name == "not"; }

bool is_plain_yaml(std::string_view name) {
  const auto inside = [](unsigned char c) {
    return std::isalnum(c) != 0 || c >= 0x80 ||
           std::string_view(" _-./()+=").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return std::isalpha(static_cast<unsigned char>(name.front())) != 0 && name.back() != ' ' &&
         std::ranges::all_of(name, inside);
}

/// The name as it is written at a place whose quotes, if it has any, stay.
std::string written_at(const Document& document, Range range, std::string_view name) {
  const char quote = range.begin > 0 ? document.text()[range.begin - 1] : ' ';
  std::string out;
  if (quote == '\'' || quote == '"') {
    for (const char c : name) {
      if (c == quote) out += quote == '"' ? '\\' : '\'';
      if (c == '\\' && quote == '"') out += '\\';
      out += c;
    }
    return out;
  }
  if (is_plain_yaml(name)) return std::string(name);
  for (const char c : name) out += c == '\'' ? "''" : std::string(1, c);
  return "'" + out + "'";
}

/// What is wrong with a new name; empty: nothing.
std::string objection(const Target& target, const std::string& name, const Names& names) {
  const bool clean =
      std::ranges::none_of(name, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (name.empty() || !clean) return "a name is a text in one line";
  if (target.symbol != Symbol::RULE && (!is_word(name) || is_reserved(name))) {
    return fmt::format(
        "a {} is named by letters, digits and `_`, a letter first: conditions "
        "could not name `{}`",
        symbol_name(target.symbol), name);
  }
  if (name != target.name && !names.items(target.symbol, name).empty()) {
    return fmt::format("there is a {} `{}` already", symbol_name(target.symbol), name);
  }
  return {};
}

/// Where tests name a rule that is renamed, in the files of tests beside the rule files.
void rename_in_tests(const Query& query, const Names& names, const Target& target,
                     const std::string& name, Json& changes) {
  const auto read = [&](const std::string& path) { return query.workspace.text_of(path); };
  std::map<std::string, std::vector<Scalar>> files;
  for (const Place& place : names.items(Symbol::RULE, target.name)) {
    RuleTests tests = find_tests(place.document->name(), read);
    files.merge(tests.names);
  }
  for (const auto& [path, mentions] : files) {
    const Document* const open = query.workspace.find(uri_of(path));
    const Document document(open != nullptr ? open->uri() : uri_of(path), path,
                            read(path).value_or(""));
    for (const Scalar& mention : mentions) {
      if (mention.text != target.name) continue;
      changes[document.uri()].push_back(
          {{"range", document.range(mention.range, query.workspace.encoding)},
           {"newText", written_at(document, mention.range, name)}});
    }
  }
}

}  // namespace

Answer definition(const Query& query) {
  const Names names(query.workspace.group_of(query.document));
  const auto target = target_at(query.document, query.offset(), names);
  if (!target) return nullptr;
  Json places = Json::array();
  for (const Place& place : names.items(target->symbol, target->name)) {
    if (place.item->is_change) continue;
    places.push_back(place.document->location(place.item->name.range, query.workspace.encoding));
  }
  return places;
}

Answer references(const Query& query) {
  const Group group = query.workspace.group_of(query.document);
  const auto target = target_at(query.document, query.offset(), Names(group));
  if (!target) return nullptr;
  const Json& with_definition = at(at(query.params, "context"), "includeDeclaration");
  const bool all = with_definition.is_boolean() && with_definition.get<bool>();
  Json places = Json::array();
  for_each_reference(group, *target,
                     [&](Document& document, const Item& item, const Mention& mention) {
                       if (mention.is_head && !item.is_change && !all) return;
                       places.push_back(document.location(mention.range, query.workspace.encoding));
                     });
  return places;
}

Answer prepare_rename(const Query& query) {
  const Names names(query.workspace.group_of(query.document));
  const auto target = target_at(query.document, query.offset(), names);
  if (!target) return nullptr;
  return Json{{"range", query.range(target->range)}, {"placeholder", target->name}};
}

Answer rename(const Query& query) {
  const Group group = query.workspace.group_of(query.document);
  const Names names(group);
  const auto target = target_at(query.document, query.offset(), names);
  if (!target) return std::unexpected("there is no rule, macro or list here");
  const std::string name = text_at(query.params, "newName");
  if (std::string why = objection(*target, name, names); !why.empty()) {
    return std::unexpected(std::move(why));
  }
  for (Document* const document : group) {
    if (document->outline().broken.empty()) continue;
    const Json where =
        document->position(document->outline().broken.front().begin, query.workspace.encoding);
    return std::unexpected(
        fmt::format("{}:{}: this item is malformed, and what it names is not "
                    "known; nothing is renamed before it is mended",
                    document->name(), number_at(where, "line") + 1));
  }
  Json changes = Json::object();
  for_each_reference(group, *target, [&](Document& document, const Item&, const Mention& mention) {
    const std::string text = written_at(document, mention.range, name);
    changes[document.uri()].push_back(
        {{"range", document.range(mention.range, query.workspace.encoding)}, {"newText", text}});
  });
  if (target->symbol == Symbol::RULE) rename_in_tests(query, names, *target, name, changes);
  return Json{{"changes", std::move(changes)}};
}

Answer document_symbols(const Query& query) {
  constexpr int kKinds[] = {24, 12, 18};  // SymbolKind Event, Function, Array
  Json symbols = Json::array();
  for (const Item& item : query.document.outline().items) {
    symbols.push_back(
        {{"name", item.name.text},
         {"kind", kKinds[static_cast<size_t>(item.symbol)]},
         {"detail", item.is_change ? fmt::format("{}, changed", symbol_name(item.symbol))
                                   : std::string(symbol_name(item.symbol))},
         {"range", query.range({std::min(item.range.begin, item.name.range.begin),
                                std::max(item.range.end, item.name.range.end)})},
         {"selectionRange", query.range(item.name.range)}});
  }
  return symbols;
}

}  // namespace falcoc::lsp
