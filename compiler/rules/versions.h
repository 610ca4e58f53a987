// What rule files require of the engine and of plugins (RULE-LANGUAGE 5.2).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/rules/map_reader.h"

namespace falcoc::rules {

struct Version {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t patch = 0;

  auto operator<=>(const Version&) const = default;
};

struct ParsedVersion {
  Version version;
  std::string_view rest;  ///< what follows x.y.z
};

/// The start of `text` as `x.y.z`, nothing if it does not begin so.
std::optional<ParsedVersion> parse_version(std::string_view text);

/// Reads the item; keeps the highest requirement in `set`.
void read_engine_version(MapReader& item, RuleSet& set);
void read_plugin_versions(MapReader& item, RuleSet& set);

/// A plugin whose fields or sources are at hand.
struct AvailablePlugin {
  std::string_view name;
  Version version;
};

/// Plugins whose fields falcoc has built in, with the version whose fields they are.
inline constexpr std::array<AvailablePlugin, 1> kBuiltInPlugins = {
    {{.name = "container", .version = {.major = 0, .minor = 7, .patch = 1}}}};

/// An error for each requirement that `available` does not fulfil. Of an entry and its alternatives
/// the first that is available decides, as in Falco.
void check_plugin_requirements(const RuleSet& set, std::span<const AvailablePlugin> available,
                               Diagnostics& diagnostics);

}  // namespace falcoc::rules
