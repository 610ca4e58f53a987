// Rule items: definition, switching on and off, append, override (RULE-LANGUAGE 5.5 to 5.8).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/catalog/catalog.h"
#include "compiler/rules/collector.h"
#include "compiler/rules/exceptions.h"

namespace falcoc::rules {

namespace {

constexpr std::string_view kRuleKeys[] = {
    "rule",    "condition",        "output",   "desc",       "priority",
    "source",  "enabled",          "tags",     "exceptions", "warn_evttypes",
    "capture", "capture_duration", "override", "append",     "skip-if-unknown-filter"};

/// Keys of which a definition needs all and a switch has none.
constexpr std::string_view kDefiningKeys[] = {"condition", "output", "desc", "priority"};

constexpr OverridableKey kRuleOverrides[] = {{"condition", true},
                                             {"output", true},
                                             {"desc", true},
                                             {"tags", true},
                                             {"exceptions", true},
                                             {"priority", false},
                                             {"capture", false},
                                             {"capture_duration", false},
                                             {"enabled", false},
                                             {"warn_evttypes", false},
                                             {"skip-if-unknown-filter", false}};

MappedText trimmed(const MappedText& text) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  const std::string& all = text.text();
  const size_t begin = all.find_first_not_of(kWhiteSpace);
  if (begin == std::string::npos) return {};
  return text.slice(static_cast<uint32_t>(begin),
                    static_cast<uint32_t>(all.find_last_not_of(kWhiteSpace) + 1));
}

std::optional<Priority> read_priority(MapReader& item) {
  const std::optional<Text> text = item.required_text("priority");
  if (!text) return std::nullopt;
  const std::optional<Priority> priority = parse_priority(text->str());
  if (priority) return priority;
  static constexpr std::string_view kNames[] = {"EMERGENCY",     "ALERT",   "CRITICAL",
                                                "ERROR",         "WARNING", "NOTICE",
                                                "INFORMATIONAL", "INFO",    "DEBUG"};
  item.error(Code::PRIORITY_UNKNOWN, text->span, fmt::format("unknown priority `{}`", text->str()),
             fmt::format("use one of {}", fmt::join(kNames, ", ")));
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_tags(MapReader& item) {
  const YamlNode* value = item.optional_value("tags");
  if (value == nullptr) return std::vector<std::string>();
  const auto texts = item.texts("tags", *value, true);
  if (!texts) return std::nullopt;
  std::set<std::string> sorted;
  for (const Text& text : *texts) sorted.insert(text.str());
  return std::vector<std::string>(sorted.begin(), sorted.end());
}

std::vector<std::string> united(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
  std::set<std::string> sorted(a.begin(), a.end());
  sorted.insert(b.begin(), b.end());
  return {sorted.begin(), sorted.end()};
}

/// Exceptions an item writes; null is allowed and means none.
std::vector<WrittenException> read_written_exceptions(MapReader& item, const YamlNode& map,
                                                      bool defining) {
  const YamlNode* value = map.find("exceptions");
  if (value == nullptr || value->kind == YamlNode::Kind::EMPTY) return {};
  return read_exceptions(item, *value, defining);
}

void append_value(MapReader& item, const YamlNode& map, std::string_view key, Rule& rule) {
  if (key == "tags") {
    if (const auto tags = read_tags(item)) rule.tags = united(rule.tags, *tags);
    return;
  }
  if (key == "exceptions") {
    const auto written = read_written_exceptions(item, map, false);
    if (auto all = append_exceptions(item, rule.exceptions, written)) {
      rule.exceptions = std::move(*all);
    }
    return;
  }
  const std::optional<Text> text = item.required_text(key);
  if (!text) return;
  if (key == "condition") return join_conditions(item, rule.condition, text->text);
  join(key == "output" ? rule.output : rule.description, text->text);
}

using Replace = void (*)(MapReader& item, const YamlNode& map, Rule& rule);

struct ReplaceKey {
  std::string_view key;
  Replace replace;
};

template <MappedText Rule::* member>
void replace_text(std::string_view key, MapReader& item, Rule& rule) {
  if (const auto text = item.required_text(key)) rule.*member = text->text;
}

constexpr ReplaceKey kReplacements[] = {
    {"condition", [](MapReader& item, const YamlNode&,
                     Rule& rule) { replace_text<&Rule::condition>("condition", item, rule); }},
    {"output", [](MapReader& item, const YamlNode&,
                  Rule& rule) { replace_text<&Rule::output>("output", item, rule); }},
    {"desc", [](MapReader& item, const YamlNode&,
                Rule& rule) { replace_text<&Rule::description>("desc", item, rule); }},
    {"tags",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (auto tags = read_tags(item)) rule.tags = std::move(*tags);
     }},
    {"exceptions",
     [](MapReader& item, const YamlNode& map, Rule& rule) {
       const auto written = read_written_exceptions(item, map, true);
       if (auto all = define_exceptions(item, written)) rule.exceptions = std::move(*all);
     }},
    {"priority",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto priority = read_priority(item)) rule.priority = *priority;
     }},
    {"capture",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto value = item.optional_bool("capture")) rule.capture = *value;
     }},
    {"capture_duration",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto value = item.optional_unsigned("capture_duration")) {
         rule.capture_duration_ms = *value;
       }
     }},
    {"enabled",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto value = item.optional_bool("enabled")) rule.enabled = *value;
     }},
    {"warn_evttypes",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto value = item.optional_bool("warn_evttypes")) rule.warn_evttypes = *value;
     }},
    {"skip-if-unknown-filter",
     [](MapReader& item, const YamlNode&, Rule& rule) {
       if (const auto value = item.optional_bool("skip-if-unknown-filter")) {
         rule.skip_if_unknown_filter = *value;
       }
     }},
};
static_assert(std::size(kReplacements) == std::size(kRuleOverrides));

}  // namespace

void Collector::add_rule(MapReader& item, const YamlNode& map) {
  item.check_keys(kRuleKeys);
  const std::optional<Text> name = item.required_text("rule");
  if (!name) return;
  item.rename(kind_and_name(Kind::RULE, name->str()));
  read_rule(item, map, *name);
  if (item.failed() && !rules_.contains(name->str())) broken_.insert(item.what());
}

void Collector::read_rule(MapReader& item, const YamlNode& map, const Text& name) {
  const std::optional<ChangeMode> mode = read_change_mode(item, map, kRuleOverrides);
  if (!mode) return;
  if (!mode->overrides.empty()) return override_rule(item, map, name, mode->overrides);
  if (mode->append) return append_to_rule(item, map, name);
  const bool defines =
      std::ranges::any_of(kDefiningKeys, [&](std::string_view key) { return item.has(key); });
  if (defines) return define_rule(item, map, name);
  enable_rule(item, name);
}

void Collector::define_rule(MapReader& item, const YamlNode& map, const Text& name) {
  Rule rule;
  rule.name = name;
  for (const ReplaceKey& entry : kReplacements) {
    const bool required = std::ranges::find(kDefiningKeys, entry.key) != std::end(kDefiningKeys);
    if (required || item.has(entry.key)) entry.replace(item, map, rule);
  }
  rule.output = trimmed(rule.output);
  if (const auto source = item.optional_text("source")) rule.source = source->str();
  const Rule* const earlier = find(set_.rules, rules_, name);
  if (earlier != nullptr && earlier->source != rule.source) {
    Diagnostic changed_source =
        Diagnostic::at(Code::SOURCE_CHANGED, item.key_span(item.has("source") ? "source" : "rule"),
                       fmt::format("{} is redefined for source '{}'", item.what(), rule.source),
                       "give the rule another name");
    changed_source.related.push_back(
        {.span = earlier->name.span,
         .text = fmt::format("defined for source '{}' here", earlier->source)});
    item.fail();
    item.diagnostics().add(std::move(changed_source));
  }
  if (item.failed()) return;
  define(set_.rules, rules_, std::move(rule));
}

Rule* Collector::rule_to_change(MapReader& item, const Text& name) {
  Rule* const earlier = find(set_.rules, rules_, name);
  if (earlier == nullptr) {
    not_defined(item, Kind::RULE, name);
    return nullptr;
  }
  const YamlNode* source = item.has("source") ? item.optional_value("source") : nullptr;
  if (source == nullptr || !source->is_scalar() || source->text.empty() ||
      source->text.text() == earlier->source) {
    return earlier;
  }
  item.error(
      Code::SOURCE_CHANGED, source->span,
      fmt::format("{} is for source '{}', which cannot be changed", item.what(), earlier->source),
      "remove `source` here");
  return nullptr;
}

void Collector::enable_rule(MapReader& item, const Text& name) {
  if (item.required_value("enabled") == nullptr) return;
  const std::optional<bool> enabled = item.optional_bool("enabled");
  if (!enabled) return;
  item.warn(Code::DEPRECATED_ITEM, item.key_span("enabled"),
            "an item with nothing but `enabled` is deprecated",
            "add `override: {enabled: replace}`");
  if (Rule* rule = rule_to_change(item, name)) rule->enabled = *enabled;
}

void Collector::append_to_rule(MapReader& item, const YamlNode& map, const Text& name) {
  if (!item.has("condition") && !item.has("exceptions")) {
    item.error(Code::APPEND_EMPTY, name.span,
               fmt::format("{} appends neither a condition nor exceptions", item.what()),
               "other keys need `override`");
    return;
  }
  Rule* const rule = rule_to_change(item, name);
  if (rule == nullptr) return;
  Rule result = *rule;
  for (const std::string_view key : {"condition", "exceptions"}) {
    if (item.has(key)) append_value(item, map, key, result);
  }
  if (item.failed()) return;
  *rule = std::move(result);
  changed(rule->order);
}

void Collector::override_rule(MapReader& item, const YamlNode& map, const Text& name,
                              const std::vector<Override>& overrides) {
  Rule* const rule = rule_to_change(item, name);
  if (rule == nullptr) return;
  Rule result = *rule;
  for (const Override& entry : overrides) {
    if (entry.append) append_value(item, map, entry.key, result);
  }
  for (const Override& entry : overrides) {
    if (entry.append) continue;
    const auto* const key = std::ranges::find(kReplacements, entry.key, &ReplaceKey::key);
    key->replace(item, map, result);
  }
  if (item.failed()) return;
  *rule = std::move(result);
  changed(rule->order);
}

}  // namespace falcoc::rules
