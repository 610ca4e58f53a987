// A table of keys with what their values must be, and one walk over the items.
#include "compiler/rules/falco_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "compiler/rules/map_reader.h"

namespace falcoc::rules {

namespace {

enum class Wanted : uint8_t {
  TEXT,
  BOOLEAN,
  NUMBER,
  TEXTS,  ///< a sequence of scalars
  TEXT_OR_TEXTS,
  PRIORITY,
  OVERRIDE,    ///< a map of append and replace, not empty
  EXCEPTIONS,  ///< a sequence of maps
  PLUGINS,     ///< a sequence of maps with name and version
  ANYTHING,
};

struct Key {
  std::string_view name;
  Wanted wanted;
  bool required = false;
};

struct MapSchema {
  std::string_view what;
  std::span<const Key> keys;
};

/// One schema for items of every kind: it knows neither which keys go together nor, but for some,
/// what they hold.
constexpr Key kItemKeys[] = {{"required_engine_version", Wanted::ANYTHING},
                             {"required_plugin_versions", Wanted::PLUGINS},
                             {"list", Wanted::ANYTHING},
                             {"items", Wanted::TEXTS},
                             {"macro", Wanted::ANYTHING},
                             {"rule", Wanted::ANYTHING},
                             {"condition", Wanted::ANYTHING},
                             {"output", Wanted::ANYTHING},
                             {"desc", Wanted::ANYTHING},
                             {"priority", Wanted::PRIORITY},
                             {"source", Wanted::ANYTHING},
                             {"enabled", Wanted::BOOLEAN},
                             {"tags", Wanted::TEXTS},
                             {"exceptions", Wanted::EXCEPTIONS},
                             {"warn_evttypes", Wanted::BOOLEAN},
                             {"skip-if-unknown-filter", Wanted::BOOLEAN},
                             {"capture", Wanted::BOOLEAN},
                             {"capture_duration", Wanted::NUMBER},
                             {"append", Wanted::BOOLEAN},
                             {"override", Wanted::OVERRIDE}};
constexpr Key kExceptionKeys[] = {{"name", Wanted::TEXT, true},
                                  {"fields", Wanted::TEXT_OR_TEXTS},
                                  {"comps", Wanted::TEXT_OR_TEXTS},
                                  {"values", Wanted::ANYTHING}};
constexpr Key kPluginEntryKeys[] = {{"name", Wanted::TEXT, true},
                                    {"version", Wanted::TEXT, true},
                                    {"alternatives", Wanted::PLUGINS}};

constexpr MapSchema kItem = {"item", kItemKeys};
constexpr MapSchema kException = {"exception", kExceptionKeys};
constexpr MapSchema kPluginEntry = {"plugin requirement", kPluginEntryKeys};

/// Upper case only, unlike the loader.
constexpr std::array<std::string_view, 9> kPriorities = {"EMERGENCY", "ALERT",   "CRITICAL",
                                                         "ERROR",     "WARNING", "NOTICE",
                                                         "INFO",      "DEBUG",   "INFORMATIONAL"};

/// With a sign, which the loader refuses.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return parse_unsigned(text).has_value();
}

class Schema {
 public:
  void item(const YamlNode& node, const std::string& path) { map(node, kItem, path); }
  std::vector<std::string> warnings;

 private:
  void report(const std::string& path, std::string_view what) {
    warnings.push_back(fmt::format("{}: {}", path, what));
  }

  void map(const YamlNode& node, const MapSchema& schema, const std::string& path) {
    if (node.kind != YamlNode::Kind::MAP) return report(path, "must be a map");
    for (const Key& key : schema.keys) {
      if (key.required && node.find(key.name) == nullptr) {
        report(path, fmt::format("key {} is missing", key.name));
      }
    }
    for (const auto& [key, value] : node.entries) {
      const std::string name = key->is_scalar() ? key->text.text() : std::string();
      const auto known = std::ranges::find(schema.keys, name, &Key::name);
      if (known == schema.keys.end()) {
        report(path, fmt::format("unknown key {}", name));
      } else {
        check(*value, known->wanted, fmt::format("{}/{}", path, name));
      }
    }
  }

  void check(const YamlNode& value, Wanted wanted, const std::string& path) {
    const bool scalar = value.is_scalar();
    switch (wanted) {
      case Wanted::TEXT:
        if (!scalar) report(path, "must be text");
        break;
      case Wanted::BOOLEAN:
        if (!scalar || !parse_bool(value.text.text())) report(path, "must be a boolean");
        break;
      case Wanted::NUMBER:
        if (!scalar || !is_number(value.text.text())) report(path, "must be a number");
        break;
      case Wanted::TEXT_OR_TEXTS:
        if (!scalar) texts(value, path);
        break;
      case Wanted::TEXTS:
        texts(value, path);
        break;
      case Wanted::PRIORITY:
        if (!scalar || std::ranges::find(kPriorities, value.text.text()) == kPriorities.end()) {
          report(path, "must be a priority in upper case");
        }
        break;
      case Wanted::OVERRIDE:
        override_map(value, path);
        break;
      case Wanted::EXCEPTIONS:
        if (value.kind != YamlNode::Kind::EMPTY) maps(value, kException, path);
        break;
      case Wanted::PLUGINS:
        maps(value, kPluginEntry, path);
        break;
      case Wanted::ANYTHING:
        break;
    }
  }

  void texts(const YamlNode& value, const std::string& path) {
    if (value.kind != YamlNode::Kind::SEQUENCE) return report(path, "must be a sequence");
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (!value.items[i]->is_scalar()) report(fmt::format("{}/{}", path, i), "must be text");
    }
  }

  void maps(const YamlNode& value, const MapSchema& schema, const std::string& path) {
    if (value.kind != YamlNode::Kind::SEQUENCE) return report(path, "must be a sequence");
    for (size_t i = 0; i < value.items.size(); ++i) {
      map(*value.items[i], schema, fmt::format("{}/{}", path, i));
    }
  }

  void override_map(const YamlNode& value, const std::string& path) {
    if (value.kind != YamlNode::Kind::MAP || value.entries.empty()) {
      return report(path, "must be a map that is not empty");
    }
    // Which keys can be appended to is the schema's business too.
    constexpr std::array<std::string_view, 6> kAppendable = {"condition", "output",     "desc",
                                                             "tags",      "exceptions", "items"};
    for (const auto& [key, operation] : value.entries) {
      const std::string& word = operation->text.text();  // empty unless a scalar
      const std::string& name = key->text.text();
      const bool appendable = std::ranges::find(kAppendable, name) != kAppendable.end();
      if (word != "replace" && !(word == "append" && appendable)) {
        report(fmt::format("{}/{}", path, name), "unknown operation");
      }
    }
  }
};

}  // namespace

std::vector<std::string> falco_schema_warnings(const YamlStream& yaml) {
  Schema schema;
  for (size_t i = 0; i < yaml.documents.size(); ++i) {
    const YamlNode& document = *yaml.documents[i];
    if (document.kind == YamlNode::Kind::EMPTY) continue;
    if (document.kind != YamlNode::Kind::SEQUENCE) {
      schema.warnings.emplace_back("/: must be a sequence");
      continue;
    }
    for (size_t item = 0; item < document.items.size(); ++item) {
      schema.item(*document.items[item], fmt::format("/{}", item));
    }
  }
  return std::move(schema.warnings);
}

}  // namespace falcoc::rules
