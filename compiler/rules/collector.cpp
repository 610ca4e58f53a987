// Lists, macros and what they share with rules. Rules are in collect_rule.cpp.
#include "compiler/rules/collector.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/rules/append_check.h"

namespace falcoc::rules {

namespace {

constexpr std::string_view kListKeys[] = {"list", "items", "append", "override"};
constexpr std::string_view kMacroKeys[] = {"macro", "condition", "append", "override"};
constexpr OverridableKey kListOverrides[] = {{"items", true}};
constexpr OverridableKey kMacroOverrides[] = {{"condition", true}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// IDENT of RULE-LANGUAGE 1.1.
bool is_identifier(std::string_view name) {
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

/// BARE of RULE-LANGUAGE 1.1.
bool is_bare_string(std::string_view name) {
  return !name.empty() && name.find_first_of("()\"'=, \t\n\v\f\r") == std::string_view::npos;
}

bool wants_append(const ChangeMode& mode) {
  return mode.append || (!mode.overrides.empty() && mode.overrides.front().append);
}

std::optional<bool> operation(std::string_view word) {
  if (word == "append") return true;
  if (word == "replace") return false;
  return std::nullopt;
}

/// One entry of `override`.
std::optional<Override> read_override(MapReader& item, const YamlNode& key, const YamlNode& value,
                                      std::span<const OverridableKey> overridable) {
  const std::string_view name = key.is_scalar() ? key.text.text() : std::string_view();
  const auto allowed = std::ranges::find(overridable, name, &OverridableKey::key);
  if (allowed == overridable.end()) {
    item.error(Code::OVERRIDE_INVALID, key.span,
               fmt::format("`{}` is not a key of {} that can be overridden", name, item.what()));
    return std::nullopt;
  }
  const std::optional<bool> append =
      value.is_scalar() ? operation(value.text.text()) : std::nullopt;
  if (!append) {
    item.error(Code::OVERRIDE_INVALID, value.span,
               fmt::format("override of `{}` must be `append` or `replace`", name));
    return std::nullopt;
  }
  if (*append && !allowed->appendable) {
    item.error(Code::OVERRIDE_INVALID, value.span,
               fmt::format("key `{}` cannot be appended to", name), "use `replace`");
    return std::nullopt;
  }
  if (item.required_value(name) == nullptr) return std::nullopt;
  return Override{.key = allowed->key, .append = *append};
}

/// The map of `override`, null if there is none that counts.
const YamlNode* override_map(MapReader& item) {
  const YamlNode* value = item.optional_value("override");
  if (value == nullptr) return nullptr;
  if (value->kind == YamlNode::Kind::SEQUENCE) {
    item.error(Code::OVERRIDE_INVALID, value->span, "key `override` must be a map",
               "write it as {condition: append}");
    return nullptr;
  }
  if (value->kind == YamlNode::Kind::MAP && !value->entries.empty()) return value;
  item.warn(Code::VALUE_EMPTY, value->span, "`override` without keys is ignored",
            "write it as {condition: append}");
  return nullptr;
}

}  // namespace

void join(MappedText& text, const MappedText& more) {
  Span blank = more.span(0, 0);
  text.append(" ", blank);
  text.append(more);
}

std::optional<ChangeMode> read_change_mode(MapReader& item, const YamlNode& map,
                                           std::span<const OverridableKey> overridable) {
  ChangeMode mode;
  mode.append = item.optional_bool("append").value_or(false);
  if (mode.append) {
    item.warn(Code::DEPRECATED_ITEM, item.key_span("append"), "`append` is deprecated",
              "use `override` with the keys to append to, such as {condition: append}");
  }
  const YamlNode* overrides = override_map(item);
  if (overrides == nullptr) {
    if (item.failed()) return std::nullopt;
    return mode;
  }
  if (mode.append) {
    item.error(Code::OVERRIDE_INCOMPLETE, item.key_span("override"),
               "`override` and `append` cannot be used together", "remove `append`");
    return std::nullopt;
  }
  for (const auto& [key, value] : overrides->entries) {
    const bool repeated = key->is_scalar() && overrides->find_key(key->text.text()) != key;
    if (repeated) continue;  // the first one counts, as everywhere
    if (auto entry = read_override(item, *key, *value, overridable)) {
      mode.overrides.push_back(*entry);
    }
  }
  if (item.failed()) return std::nullopt;
  for (const OverridableKey& known : overridable) {
    const YamlNode* key = map.find_key(known.key);
    if (key == nullptr || overrides->find(known.key) != nullptr) continue;
    item.error(Code::OVERRIDE_INCOMPLETE, key->span,
               fmt::format("key `{}` has a value, but `override` does not say what to do with it",
                           known.key),
               fmt::format("add `{}: replace` to `override`, or remove the key", known.key));
  }
  if (item.failed()) return std::nullopt;
  return mode;
}

void join_conditions(MapReader& item, MappedText& earlier, const MappedText& appended) {
  const AppendEffect effect = effect_of_append(earlier.text(), appended.text());
  if (effect != AppendEffect::KEEPS_MEANING) {
    const bool all = effect == AppendEffect::ALTERNATIVE_TO_ALL;
    Diagnostic changes = Diagnostic::at(
        Code::APPEND_PRECEDENCE, appended.whole(),
        all ? fmt::format("what follows `or` is true whatever else the condition of {} says",
                          item.what())
            : fmt::format("`and` restricts only the last alternative of the condition of {}",
                          item.what()),
        all ? "texts are joined without parentheses; to widen one part, append to the macro that "
              "it uses, or replace the condition"
            : "texts are joined without parentheses; put them around the earlier condition");
    changes.related.push_back({.span = earlier.whole(), .text = "the earlier condition"});
    item.diagnostics().add(std::move(changes));
  }
  join(earlier, appended);
}

Collector::Collector(RuleSet& set) : set_(set) {
  const auto index = [&](const auto& all, Names& names) {
    for (size_t i = 0; i < all.size(); ++i) {
      names.emplace(all[i].name.str(), i);
      next_ = std::max(next_, all[i].order.visibility + 1);
    }
  };
  index(set.lists, lists_);
  index(set.macros, macros_);
  index(set.rules, rules_);
}

std::string Collector::kind_and_name(Kind kind, std::string_view name) {
  constexpr std::string_view kNames[] = {"list", "macro", "rule"};
  return fmt::format("{} '{}'", kNames[static_cast<size_t>(kind)], name);
}

void Collector::not_defined(MapReader& item, Kind kind, const Text& name) {
  item.fail();
  const std::string what = kind_and_name(kind, name.str());
  if (broken_.contains(what)) return;
  item.error(Code::NOTHING_TO_CHANGE, name.span,
             fmt::format("{} is changed here, but not defined before", what),
             "check the name and the order of the files");
}

void Collector::add_list(MapReader& item, const YamlNode& map) {
  item.check_keys(kListKeys);
  const std::optional<Text> name = item.required_text("list");
  if (!name) return;
  const std::string what = kind_and_name(Kind::LIST, name->str());
  item.rename(what);
  if (!is_bare_string(name->str())) {
    item.warn(Code::INVALID_LIST_NAME, name->span,
              fmt::format("no condition can use a list named '{}'", name->str()),
              "leave out blanks, quotes, parentheses, commas and `=`");
  }
  const std::optional<ChangeMode> mode = read_change_mode(item, map, kListOverrides);
  std::optional<std::vector<Text>> items;
  if (const YamlNode* value = item.required_value("items")) {
    items = item.texts("items", *value, true);
  }
  List* const earlier = find(set_.lists, lists_, *name);
  if (!mode || !items) {
    if (earlier == nullptr) broken_.insert(what);
    return;
  }
  if (!wants_append(*mode)) {
    define(set_.lists, lists_, {.name = *name, .items = std::move(*items), .order = {}});
  } else if (earlier == nullptr) {
    not_defined(item, Kind::LIST, *name);
  } else {
    earlier->items.insert(earlier->items.end(), items->begin(), items->end());
    changed(earlier->order);
  }
}

void Collector::add_macro(MapReader& item, const YamlNode& map) {
  item.check_keys(kMacroKeys);
  const std::optional<Text> name = item.required_text("macro");
  if (!name) return;
  const std::string what = kind_and_name(Kind::MACRO, name->str());
  item.rename(what);
  if (!is_identifier(name->str())) {
    item.warn(Code::INVALID_MACRO_NAME, name->span,
              fmt::format("no condition can use a macro named '{}'", name->str()),
              "begin with a letter and use letters, digits and `_` only");
  }
  const std::optional<ChangeMode> mode = read_change_mode(item, map, kMacroOverrides);
  const std::optional<Text> condition = item.required_text("condition");
  Macro* const earlier = find(set_.macros, macros_, *name);
  if (!mode || !condition) {
    if (earlier == nullptr) broken_.insert(what);
    return;
  }
  if (!wants_append(*mode)) {
    define(set_.macros, macros_, {.name = *name, .condition = condition->text, .order = {}});
  } else if (earlier == nullptr) {
    not_defined(item, Kind::MACRO, *name);
  } else {
    join_conditions(item, earlier->condition, condition->text);
    changed(earlier->order);
  }
}

}  // namespace falcoc::rules
