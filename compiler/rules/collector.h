// Puts the items of rule files into a RuleSet: definition, redefinition, append, replacement, and
// the running numbers of RULE-LANGUAGE 5.9. Knows YAML only through MapReader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compiler/rules/map_reader.h"

namespace falcoc::rules {

/// What an `override` says about one key.
struct Override {
  std::string_view key;
  bool append = false;  ///< else replace
};

/// A key that `override` may name.
struct OverridableKey {
  std::string_view key;
  bool appendable = false;
};

/// How an item wants to be applied.
struct ChangeMode {
  bool append = false;  ///< `append: true`
  std::vector<Override> overrides;
};

/// Reads `append` and `override` and checks them against the keys the item has (5.7). Nothing if
/// there was an error.
std::optional<ChangeMode> read_change_mode(MapReader& item, const YamlNode& map,
                                           std::span<const OverridableKey> overridable);

/// Joins texts with one blank.
void join(MappedText& text, const MappedText& more);

/// The same for conditions, with a warning if that changes what the earlier text means.
void join_conditions(MapReader& item, MappedText& earlier, const MappedText& appended);

class Collector {
 public:
  /// Goes on with what earlier files put into `set`.
  explicit Collector(RuleSet& set);

  void add_list(MapReader& item, const YamlNode& map);
  void add_macro(MapReader& item, const YamlNode& map);
  void add_rule(MapReader& item, const YamlNode& map);

 private:
  using Names = std::unordered_map<std::string, size_t>;  ///< name to place in the vector
  enum class Kind : uint8_t { LIST, MACRO, RULE };

  void read_rule(MapReader& item, const YamlNode& map, const Text& name);
  void define_rule(MapReader& item, const YamlNode& map, const Text& name);
  void enable_rule(MapReader& item, const Text& name);
  void append_to_rule(MapReader& item, const YamlNode& map, const Text& name);
  void override_rule(MapReader& item, const YamlNode& map, const Text& name,
                     const std::vector<Override>& overrides);

  /// The earlier rule, or null and an error, also if the item is for another source.
  Rule* rule_to_change(MapReader& item, const Text& name);
  /// Error for a change of something not defined, unless its definition was itself in error.
  void not_defined(MapReader& item, Kind kind, const Text& name);
  static std::string kind_and_name(Kind kind, std::string_view name);

  template <typename Definition>
  Definition* find(std::vector<Definition>& all, const Names& names, const Text& name) {
    const auto found = names.find(name.str());
    return found == names.end() ? nullptr : &all[found->second];
  }
  /// Keeps the place and index of an earlier definition.
  template <typename Definition>
  void define(std::vector<Definition>& all, Names& names, Definition definition) {
    definition.order = {.index = next_, .visibility = next_};
    next_++;
    const auto [entry, is_new] = names.emplace(definition.name.str(), all.size());
    if (is_new) {
      all.push_back(std::move(definition));
    } else {
      definition.order.index = all[entry->second].order.index;
      all[entry->second] = std::move(definition);
    }
  }
  void changed(Order& order) { order.visibility = next_++; }

  RuleSet& set_;
  Names lists_;
  Names macros_;
  Names rules_;
  uint32_t next_ = 0;
  std::unordered_set<std::string> broken_;  ///< defined with an error, so not in `set_`
};

}  // namespace falcoc::rules
