#include "compiler/rules/versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "compiler/catalog/catalog.h"

namespace falcoc::rules {

namespace {

std::string to_string(Version version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

/// One `name`, `version` map of a plugin requirement.
std::optional<PluginRequirement::Version> read_plugin(MapReader& entry) {
  const std::optional<Text> name = entry.required_text("name");
  const std::optional<Text> version = entry.required_text("version");
  if (!name || !version) return std::nullopt;
  if (!parse_version(version->str())) {
    entry.error(Code::PLUGIN_REQUIREMENT, version->span,
                fmt::format("`{}` is not a version", version->str()), "write it as 1.2.3");
    return std::nullopt;
  }
  return PluginRequirement::Version{.name = name->str(), .version = version->str()};
}

bool names(const PluginRequirement& requirement, std::string_view name) {
  return std::ranges::any_of(requirement.alternatives,
                             [&](const auto& plugin) { return plugin.name == name; });
}

}  // namespace

std::optional<ParsedVersion> parse_version(std::string_view text) {
  Version version;
  uint32_t* const parts[] = {&version.major, &version.minor, &version.patch};
  for (uint32_t* part : parts) {
    if (part != parts[0]) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (status != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
  return ParsedVersion{.version = version, .rest = text};
}

void read_engine_version(MapReader& item, RuleSet& set) {
  static constexpr std::string_view kKey = "required_engine_version";
  static constexpr std::string_view kKnown[] = {kKey};
  item.check_keys(kKnown);
  const std::optional<Text> text = item.required_text(kKey);
  if (!text) return;

  Version required;
  if (const std::optional<uint32_t> minor = parse_unsigned(text->str())) {
    required.minor = *minor;
  } else if (const auto parsed = parse_version(text->str())) {
    required = parsed->version;
    // A suffix as in 1.2.3-rc1 is part of a version; anything else is a slip that Falco lets pass.
    if (!parsed->rest.empty() && !parsed->rest.starts_with('-') && !parsed->rest.starts_with('+')) {
      item.warn(Code::ENGINE_VERSION_SUFFIX, text->span,
                fmt::format("`{}` after the engine version is ignored", parsed->rest));
    }
  } else {
    item.error(Code::ENGINE_VERSION_MALFORMED, text->span,
               fmt::format("`{}` is not an engine version", text->str()),
               "write it as 0.26.0 or as a number such as 26");
    return;
  }
  const Version engine = parse_version(kFalcoEngineVersion)->version;
  if (required.major != engine.major || required > engine) {
    item.error(Code::ENGINE_VERSION_UNSUPPORTED, text->span,
               fmt::format("the rules require engine version {}, which {} does not satisfy",
                           to_string(required), kFalcoEngineVersion));
    return;
  }
  const auto highest = parse_version(set.required_engine_version);
  if (!highest || highest->version < required) set.required_engine_version = to_string(required);
}

void read_plugin_versions(MapReader& item, RuleSet& set) {
  static constexpr std::string_view kKey = "required_plugin_versions";
  static constexpr std::string_view kKnown[] = {kKey};
  static constexpr std::string_view kPluginKeys[] = {"name", "version", "alternatives"};
  item.check_keys(kKnown);
  const YamlNode* entries = item.required_value(kKey);
  if (entries == nullptr) return;
  if (entries->kind != YamlNode::Kind::SEQUENCE) {
    item.error(Code::VALUE_TYPE, entries->span,
               fmt::format("key `{}` must be a sequence of maps", kKey));
    return;
  }
  for (const YamlNode* node : entries->items) {
    if (node->kind != YamlNode::Kind::MAP) {
      item.error(Code::VALUE_TYPE, node->span, "a plugin requirement must be a map");
      continue;
    }
    PluginRequirement requirement{.alternatives = {}, .span = node->span};
    bool good = true;
    const auto add = [&](const YamlNode& plugin_node) {
      MapReader plugin = item.nested(plugin_node, "plugin requirement");
      plugin.check_keys(std::span(kPluginKeys).first(&plugin_node == node ? 3 : 2));
      const auto version = read_plugin(plugin);
      good = good && version;
      if (!version) return;
      if (names(requirement, version->name)) {
        good = false;
        plugin.error(Code::PLUGIN_REQUIREMENT, plugin_node.span,
                     fmt::format("plugin `{}` is named twice in one requirement", version->name));
        return;
      }
      requirement.alternatives.push_back(*version);
    };
    add(*node);
    MapReader main = item.nested(*node, "plugin requirement");
    if (const YamlNode* alternatives = main.optional_value("alternatives")) {
      if (alternatives->kind != YamlNode::Kind::SEQUENCE) {
        main.error(Code::VALUE_TYPE, alternatives->span,
                   "key `alternatives` must be a sequence of maps");
        good = false;
      }
      for (const YamlNode* alternative : alternatives->items) {
        if (alternative->kind == YamlNode::Kind::MAP) {
          add(*alternative);
        } else {
          main.error(Code::VALUE_TYPE, alternative->span, "a plugin alternative must be a map");
          good = false;
        }
      }
    }
    if (good) set.required_plugins.push_back(std::move(requirement));
  }
}

void check_plugin_requirements(const RuleSet& set, std::span<const AvailablePlugin> available,
                               Diagnostics& diagnostics) {
  for (const PluginRequirement& requirement : set.required_plugins) {
    const AvailablePlugin* found = nullptr;
    const PluginRequirement::Version* wanted = nullptr;
    for (const PluginRequirement::Version& alternative : requirement.alternatives) {
      const auto it = std::ranges::find(available, alternative.name, &AvailablePlugin::name);
      if (it == available.end()) continue;
      found = &*it;
      wanted = &alternative;
      break;
    }
    if (found == nullptr) {
      diagnostics.add(Diagnostic::at(
          Code::PLUGIN_UNAVAILABLE, requirement.span,
          fmt::format("required plugin `{}` is not available", requirement.alternatives[0].name)));
      continue;
    }
    const auto required = parse_version(wanted->version);
    if (required && required->version.major == found->version.major &&
        required->version <= found->version) {
      continue;
    }
    diagnostics.add(Diagnostic::at(
        Code::PLUGIN_UNAVAILABLE, requirement.span,
        fmt::format("plugin `{}` is required in version {}, which {} does not satisfy",
                    wanted->name, wanted->version, to_string(found->version))));
  }
}

}  // namespace falcoc::rules
