// What editors show between the lines: lists written out, kinds of words, tests to run.
#include <fmt/format.h>

#include <algorithm>

#include "tools/falcoc/lsp/features.h"

namespace falcoc::lsp {

namespace {

using Kind = ir::ConditionWord::Kind;

constexpr size_t kLongestHint = 60;

std::string shortened(const std::vector<std::string>& items) {
  std::string text;
  size_t shown = 0;
  for (const std::string& item : items) {
    if (shown > 0 && text.size() + item.size() > kLongestHint) break;
    text += (shown == 0 ? "" : ", ") + item;
    ++shown;
  }
  if (text.size() > kLongestHint) {
    // Never in the middle of a character.
    size_t end = kLongestHint;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "…";
  }
  if (shown < items.size()) text += fmt::format(", … {} in all", items.size());
  return text;
}

// Indexes of kTokenTypes.
enum Token : uint32_t { PROPERTY, FUNCTION, ENUM, OPERATOR, KEYWORD, STRING, NUMBER, NONE };
constexpr const char* kTokenTypes[] = {"property", "function", "enum",  "operator",
                                       "keyword",  "string",   "number"};

Token token_of(Kind kind) {
  switch (kind) {
    case Kind::FIELD:
      return PROPERTY;
    case Kind::TRANSFORMER:
    case Kind::MACRO:
      return FUNCTION;
    case Kind::LIST_NAME:
      return ENUM;
    case Kind::OPERATOR:
    case Kind::MODIFIER:
      return OPERATOR;
    case Kind::CONNECTIVE:
      return KEYWORD;
    case Kind::QUOTED:
    case Kind::BARE:
    case Kind::ARGUMENT:
      return STRING;
    case Kind::NUMBER:
      return NUMBER;
    default:
      return NONE;
  }
}

struct Colored {
  Range range;
  Token token;
};

void add_words(const Document& document, const Condition& condition, const Names& names,
               std::vector<Colored>& out) {
  for (const Word& word : condition.words) {
    Token token = token_of(word.kind);
    if (word.kind == Kind::BARE && !names.items(Symbol::LIST, document.slice(word.range)).empty()) {
      token = ENUM;
    }
    if (token != NONE) out.push_back({word.range, token});
  }
}

}  // namespace

Answer inlay_hints(const Query& query) {
  const Names names(query.workspace.group_of(query.document));
  const Json& range = at(query.params, "range");
  const Range shown{query.document.offset(at(range, "start"), query.workspace.encoding),
                    query.document.offset(at(range, "end"), query.workspace.encoding)};
  Json hints = Json::array();
  for (const Item& item : query.document.outline().items) {
    for_each_mention(item, [&](const Mention& mention) {
      if (mention.is_head || mention.symbol != Symbol::LIST) return;
      if (!shown.touches(mention.range.begin)) return;
      const std::string_view name = query.document.slice(mention.range);
      if (names.items(Symbol::LIST, name).empty()) return;
      hints.push_back(
          {{"position", query.document.position(mention.range.end, query.workspace.encoding)},
           {"label", ": " + shortened(names.list_items(name))},
           {"paddingRight", true}});
    });
  }
  return hints;
}

Json semantic_tokens_legend() {
  return {{"tokenTypes", kTokenTypes}, {"tokenModifiers", Json::array()}};
}

Answer semantic_tokens(const Query& query) {
  const Names names(query.workspace.group_of(query.document));
  std::vector<Colored> colored;
  for (const Item& item : query.document.outline().items) {
    for (const Condition& condition : item.conditions) {
      add_words(query.document, condition, names, colored);
    }
    for (const Output& output : item.outputs) {
      for (const Scalar& field : output.fields) colored.push_back({field.range, PROPERTY});
    }
    for (const Scalar& field : item.fields) colored.push_back({field.range, PROPERTY});
  }
  std::ranges::stable_sort(colored, {}, [](const Colored& c) { return c.range.begin; });
  Json data = Json::array();
  Position last;
  uint32_t behind = 0;
  for (const auto& [range, token] : colored) {
    const LineIndex& lines = query.document.lines();
    const Position begin =
        lines.position(query.document.text(), range.begin, query.workspace.encoding);
    const Position end = lines.position(query.document.text(), range.end, query.workspace.encoding);
    // Aliases of YAML name one place twice; a token ends where its line does.
    if (range.begin < behind || end.line != begin.line || end.character <= begin.character)
      continue;
    behind = range.end;
    const uint32_t line = begin.line - last.line;
    for (const uint32_t number :
         {line, line == 0 ? begin.character - last.character : begin.character,
          end.character - begin.character, static_cast<uint32_t>(token), 0U}) {
      data.push_back(number);
    }
    last = begin;
  }
  return Json{{"data", std::move(data)}};
}

Answer code_lenses(const Query& query) {
  const RuleTests& tests = query.workspace.tests_of(query.document);
  Json lenses = Json::array();
  for (const Item& item : query.document.outline().items) {
    const auto found = tests.rules.find(item.name.text);
    if (item.symbol != Symbol::RULE || found == tests.rules.end()) continue;
    size_t count = 0;
    for (const auto& [file, ranges] : found->second) count += ranges.size();
    lenses.push_back({{"range", query.range(item.name.range)},
                      {"command",
                       {{"title", fmt::format("run tests ({})", count)},
                        {"command", "falcoc.runTests"},
                        {"arguments", {query.document.uri(), item.name.text}}}}});
  }
  return lenses;
}

}  // namespace falcoc::lsp
