// What may be written at the cursor.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/catalog/catalog.h"
#include "compiler/lint/attack.h"
#include "tools/falcoc/lsp/cursor.h"
#include "tools/falcoc/lsp/features.h"
#include "tools/falcoc/lsp/vocabulary.h"
#include "tools/falcoc/vocabulary.h"

namespace falcoc::lsp {

namespace {

/// CompletionItemKind.
enum Kind : int {
  FUNCTION = 3,
  FIELD = 5,
  PROPERTY = 10,
  VALUE = 12,
  ENUM = 13,
  KEYWORD = 14,
  SNIPPET = 15,
  CONSTANT = 21,
  EVENT = 23,
  OPERATOR = 24,
};

constexpr std::array<std::string_view, 4> kMaturities = {"maturity_stable", "maturity_incubating",
                                                         "maturity_sandbox", "maturity_deprecated"};

/// A snippet for clients without: each `${1:text}` is its text, each `${1|a,b|}` the first choice.
std::string plain(std::string_view snippet) {
  std::string text;
  while (!snippet.empty()) {
    const size_t begin = std::min(snippet.find("${"), snippet.size());
    text += snippet.substr(0, begin);
    snippet.remove_prefix(begin);
    const size_t end = snippet.find('}');
    if (end == snippet.npos) break;
    const std::string_view inside = snippet.substr(0, end);
    const size_t word = inside.find_first_of(":|") + 1;
    const bool is_choice = inside[word - 1] == '|';
    text += inside.substr(word, is_choice ? inside.find(',', word) - word : inside.npos);
    snippet.remove_prefix(end + 1);
  }
  return text;
}

class Proposals {
 public:
  explicit Proposals(const Query& query)
      : query_(query),
        cursor_(cursor_at(query.document.text(), query.document.lines(), query.offset())),
        range_(query.range(cursor_.prefix)),
        written_(query.document.slice(cursor_.prefix)) {}

  Json collect();

 private:
  void add(std::string_view label, Kind kind, std::string_view detail, std::string_view text = {});
  void add_snippet(std::string_view label, std::string_view detail, std::string_view text);
  void add_fields(bool in_output);
  void add_names(Symbol symbol, Kind kind);
  void add_values();
  void add_words(cli::WordKind kind, std::string_view behind);
  void add_tags();
  void add_keys(std::string_view owner);
  void in_condition();
  void of_value();
  void begin_item();

  const Query& query_;
  Cursor cursor_;
  Json range_;
  std::string_view written_;
  Json items_ = Json::array();
};

void Proposals::add(std::string_view label, Kind kind, std::string_view detail,
                    std::string_view text) {
  Json item{{"label", label},
            {"kind", kind},
            {"textEdit", {{"range", range_}, {"newText", text.empty() ? label : text}}}};
  if (!detail.empty()) item["detail"] = detail;
  items_.push_back(std::move(item));
}

void Proposals::add_snippet(std::string_view label, std::string_view detail,
                            std::string_view text) {
  const bool as_it_is = query_.workspace.takes_snippets;
  add(label, SNIPPET, detail, as_it_is ? std::string(text) : plain(text));
  if (as_it_is) items_.back()["insertTextFormat"] = 2;
}

void Proposals::add_fields(bool in_output) {
  for (const FieldInfo& field : fields()) {
    const FieldFlag excluded = in_output ? FieldFlag::FILTER_ONLY : FieldFlag::PRINT_ONLY;
    if (has(field.flags, FieldFlag::HIDDEN) || has(field.flags, excluded)) continue;
    add(field.name, FIELD, cli::shown_type(field));
    items_.back()["data"] = "field";
    if (has(field.flags, FieldFlag::DEPRECATED)) items_.back()["tags"] = Json::array({1});
  }
  // Arguments only where they are asked for: they are hundreds.
  for (const std::string_view prefix : {"evt.arg.", "evt.rawarg."}) {
    if (!written_.starts_with(prefix)) continue;
    for (const std::string_view name : parameter_names()) {
      add(fmt::format("{}{}", prefix, name), FIELD, "parameter of events");
      items_.back()["data"] = "field";
    }
  }
}

void Proposals::add_names(Symbol symbol, Kind kind) {
  const Names names(query_.workspace.group_of(query_.document));
  for (const auto& [name, places] : names.all(symbol)) {
    // An item does not name itself.
    if (name == cursor_.name && symbol_name(symbol) == cursor_.item) continue;
    add(name, kind, symbol_name(symbol));
    const Place place = names.definition(symbol, name);
    if (!place.item->description.empty()) {
      items_.back()["documentation"] = place.item->description;
    }
  }
}

void Proposals::add_values() {
  const Kind kind = cursor_.field == "evt.type" ? EVENT : CONSTANT;
  for (const std::string_view value : values_of(cursor_.field)) {
    if (value.empty() || value.find(' ') != value.npos) continue;
    add(value, kind, cursor_.field);
    if (kind == EVENT) items_.back()["data"] = "event";
  }
}

void Proposals::add_words(cli::WordKind kind, std::string_view behind) {
  for (const cli::WordRow& row : cli::kWords) {
    if (row.kind != kind) continue;
    std::string_view words = row.words;
    while (!words.empty()) {
      const std::string_view word = words.substr(0, words.find(' '));
      words.remove_prefix(std::min(word.size() + 1, words.size()));
      if (word == "val" && cursor_.place == ir::ConditionPlace::CHECK) continue;
      add(word, kind == cli::WordKind::TRANSFORMER ? FUNCTION : OPERATOR, row.doc,
          fmt::format("{}{}", word, behind));
    }
  }
}

void Proposals::add_tags() {
  std::set<std::string, std::less<>> known;
  for (const std::string_view tactic : lint::kTactics) known.emplace(tactic);
  for (const Technique& technique : techniques()) known.emplace(technique.tag);
  for (const std::string_view maturity : kMaturities) known.emplace(maturity);
  for (Document* const document : query_.workspace.group_of(query_.document)) {
    for (const Item& item : document->outline().items) {
      for (const Scalar& tag : item.tags) {
        if (!tag.range.touches(query_.offset())) known.insert(tag.text);
      }
    }
  }
  for (const std::string& tag : known) {
    add(tag, ENUM, tag_meaning(tag).value_or("tag of rules here"));
  }
}

void Proposals::add_keys(std::string_view owner) {
  for (const KeyDoc& row : keys()) {
    if (row.owner != owner) continue;
    add(row.key, PROPERTY, row.value, fmt::format("{}: ", row.key));
    items_.back()["documentation"] = row.doc;
  }
}

void Proposals::in_condition() {
  using Place = ir::ConditionPlace;
  switch (cursor_.place) {
    case Place::CHECK:
      add_fields(false);
      add_names(Symbol::MACRO, FUNCTION);
      add_words(cli::WordKind::TRANSFORMER, "(");
      add("not", KEYWORD, "negation", "not ");
      break;
    case Place::RELATION:
      add_words(cli::WordKind::OPERATOR, {});
      break;
    case Place::STRING_VALUE:
      add_values();
      add_words(cli::WordKind::MODIFIER, " (");
      [[fallthrough]];
    case Place::NUMBER_VALUE:
      add_words(cli::WordKind::TRANSFORMER, "(");
      break;
    case Place::LIST_VALUE:
      add_names(Symbol::LIST, ENUM);
      break;
    case Place::LIST:
      add_values();
      add_names(Symbol::LIST, ENUM);
      break;
    case Place::CONNECTIVE:
      add("and", KEYWORD, "both hold", "and ");
      add("or", KEYWORD, "one holds", "or ");
      break;
    case Place::OPERANDS:
      add_fields(false);
      add_words(cli::WordKind::TRANSFORMER, "(");
      break;
    case Place::ARGUMENT:
      break;
  }
}

void Proposals::of_value() {
  const std::string& key = cursor_.key;
  constexpr std::array<std::string_view, 5> kSwitches = {"enabled", "append", "warn_evttypes",
                                                         "skip-if-unknown-filter", "capture"};
  if (key == "priority") {
    for (uint8_t i = 0; i <= static_cast<uint8_t>(Priority::DEBUG); ++i) {
      std::string name(priority_name(Priority(i)));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
      add(name, ENUM, "priority");
    }
  } else if (std::ranges::find(kSwitches, key) != kSwitches.end()) {
    for (const std::string_view value : {"true", "false"}) add(value, VALUE, key);
  } else if (key == "source") {
    add("syscall", VALUE, "system calls and what the kernel tells of processes");
  } else if (key == "tags") {
    add_tags();
  } else if (key == "items" || key == "exceptions.values") {
    add_names(Symbol::LIST, ENUM);
  } else if (key == "exceptions.fields") {
    add_fields(false);
  } else if (key == "exceptions.comps") {
    add_words(cli::WordKind::OPERATOR, {});
  } else if (key == "override") {
    for (const std::string_view value : {"append", "replace"}) add(value, VALUE, "override");
  } else if (key == "rule") {
    add_names(Symbol::RULE, EVENT);  // to change it
  } else if (key == "macro") {
    add_names(Symbol::MACRO, FUNCTION);
  } else if (key == "list") {
    add_names(Symbol::LIST, ENUM);
  }
}

void Proposals::begin_item() {
  add_snippet("- rule", "a new rule",
              "- rule: ${1:Name}\n  desc: ${2:What it finds, and why that matters}\n"
              "  condition: >\n    evt.type in (${3:openat}) and ${4:proc.name = cat}\n"
              "  output: ${5:What happened} (command=%proc.cmdline user=%user.name)\n"
              "  priority: ${6|WARNING,NOTICE,ERROR,CRITICAL,INFO,DEBUG|}\n"
              "  tags: [${7:host}]\n");
  add_snippet("- macro", "a new macro",
              "- macro: ${1:name}\n  condition: ${2:(proc.name = cat)}\n");
  add_snippet("- list", "a new list", "- list: ${1:name}\n  items: [${2:item}]\n");
  add("- required_engine_version", SNIPPET, "the engine that the file needs",
      fmt::format("- required_engine_version: {}\n", kFalcoEngineVersion));
}

Json Proposals::collect() {
  switch (cursor_.where) {
    case Cursor::Where::NOTHING:
      break;
    case Cursor::Where::ITEM:
      begin_item();
      break;
    case Cursor::Where::KEY:
      add_keys(cursor_.item);
      break;
    case Cursor::Where::EXCEPTION_KEY:
      add_keys("exception");
      break;
    case Cursor::Where::OVERRIDE_KEY:
      for (const KeyDoc& row : keys()) {
        if (row.owner == cursor_.item && row.key != cursor_.item && row.key != "override") {
          add(row.key, PROPERTY, row.doc, fmt::format("{}: ", row.key));
        }
      }
      break;
    case Cursor::Where::VALUE:
      of_value();
      break;
    case Cursor::Where::CONDITION:
      in_condition();
      break;
    case Cursor::Where::OUTPUT:
      add_fields(true);
      break;
  }
  return Json{{"isIncomplete", false}, {"items", std::move(items_)}};
}

}  // namespace

Answer completion(const Query& query) { return Proposals(query).collect(); }

Json resolve_completion(const Json& item) {
  Json resolved = item.is_object() ? item : Json::object();
  const std::string label = text_at(item, "label");
  const std::string about = text_at(item, "data");
  std::string text;
  if (const FieldInfo* const field = about == "field" ? field_named(label) : nullptr) {
    text = field_markdown(*field, label);
  }
  if (about == "event") text = event_markdown(label);
  if (!text.empty()) resolved["documentation"] = {{"kind", "markdown"}, {"value", text}};
  return resolved;
}

}  // namespace falcoc::lsp
