// Readers of keys with a structure. Unknown keys inside were reported before (read.cpp), so they
// are passed over here.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/config/keys.h"

namespace falcod::config {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::ir::OutputAddition;

bool read_text(const Node* node, const std::string& place, std::string& out, Reading& reading) {
  if (node == nullptr || node->is_empty()) return true;
  if (!node->is_scalar()) {
    reading.wrong(*node, place, "a text");
    return false;
  }
  out = node->text;
  return true;
}

/// A list of texts; a single text is a list of one, as `-o list=text` gives it.
void read_texts(const Node& node, const std::string& place, std::vector<std::string>& out,
                Reading& reading) {
  if (node.is_scalar() && reading.is_option(node)) {
    out.push_back(node.text);
    return;
  }
  if (!node.is_list()) return reading.wrong(node, place, "a list of texts");
  for (size_t i = 0; i < node.items.size(); ++i) {
    std::string& text = out.emplace_back();
    read_text(&node.items[i], fmt::format("{}[{}]", place, i), text, reading);
  }
}

/// What the grammar of conditions takes behind `static.`: names with dots between.
bool is_field_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  char before = '.';
  for (const char c : text) {
    const bool inside = before != '.';
    const bool fits = is_letter(c) || (inside && ((c >= '0' && c <= '9') || c == '_' || c == '.'));
    if (!fits) return false;
    before = c;
  }
  return before != '.';
}

void read_match(const Node& node, const std::string& place, OutputAddition& out, Reading& reading) {
  read_text(node.find("rule"), place + ".rule", out.rule, reading);
  read_text(node.find("source"), place + ".source", out.source, reading);
  if (const Node* tags = node.find("tags"); tags != nullptr && !tags->is_empty()) {
    if (!tags->is_list()) return reading.wrong(*tags, place + ".tags", "a list of tags");
    read_texts(*tags, place + ".tags", out.tags, reading);
  }
}

/// `field`, or `{key: format}`.
void read_field(const Node& node, const std::string& place, OutputAddition& out, Reading& reading) {
  OutputAddition::Field field;
  if (node.is_scalar()) {
    field.key = node.text;
  } else if (node.is_map() && node.entries.size() == 1 && node.entries[0].value.is_scalar()) {
    field.key = node.entries[0].key;
    field.format = node.entries[0].value.text;
  } else {
    return reading.wrong(node, place, "the name of a field, or {key: \"text with %fields\"}");
  }
  if (std::ranges::find(out.extra_fields, field.key, &OutputAddition::Field::key) !=
      out.extra_fields.end()) {
    reading.add(Diagnostic::at(reading.is_option(node) ? Code::OPTION_VALUE : Code::CONFIG_VALUE,
                               node.span, fmt::format("{}: `{}` is there twice", place, field.key),
                               "give each key once"));
    return;
  }
  out.extra_fields.push_back(std::move(field));
}

void read_addition(const Node& node, OutputAddition& out, Reading& reading) {
  if (!node.is_map()) {
    return reading.wrong(node, out.name,
                         "a map with match, extra_output, extra_fields or suggested_output");
  }
  if (const Node* match = node.find("match"); match != nullptr && match->is_map()) {
    read_match(*match, out.name + ".match", out, reading);
  }
  read_text(node.find("extra_output"), out.name + ".extra_output", out.extra_output, reading);
  if (const Node* fields = node.find("extra_fields"); fields != nullptr && !fields->is_empty()) {
    const std::string place = out.name + ".extra_fields";
    if (!fields->is_list()) return reading.wrong(*fields, place, "a list of fields");
    for (size_t i = 0; i < fields->items.size(); ++i) {
      read_field(fields->items[i], fmt::format("{}[{}]", place, i), out, reading);
    }
  }
  if (const Node* suggested = node.find("suggested_output");
      suggested != nullptr && !suggested->is_empty() &&
      (!suggested->is_scalar() || !parse_bool(suggested->text, out.suggested_output))) {
    reading.wrong(*suggested, out.name + ".suggested_output", "true or false");
  }
}

void read_rule_entry(Config& config, const Node& item, const std::string& place, Reading& reading) {
  if (!item.is_map() || item.entries.empty()) {
    return reading.wrong(item, place, "a map with enable or disable");
  }
  for (const auto& [verb, key_span, what] : item.entries) {
    if (verb != "enable" && verb != "disable") continue;
    if (!what.is_map()) continue;  // told of along the table
    for (const auto& [by, by_span, pattern] : what.entries) {
      if (by != "rule" && by != "tag") continue;
      if (!pattern.is_scalar()) {
        reading.wrong(pattern, fmt::format("{}.{}.{}", place, verb, by), "a name");
        continue;
      }
      config.rules.push_back({verb == "enable", by == "tag", pattern.text, pattern.span});
    }
  }
}

/// What users' plugin lists name, and where falcod has the same function.
struct KnownPlugin {
  std::string_view name;
  std::string_view note;
  bool built_in;
};
constexpr std::array kPlugins{
    KnownPlugin{"container", "falcod asks container engines itself, and reads init_config", true},
    KnownPlugin{"k8smeta", "falcod asks the Kubernetes API server itself, and reads nodeName",
                true},
};

void tell_of_plugin(std::string_view name, falcoc::Span span, Reading& reading) {
  const auto* known = std::ranges::find(kPlugins, name, &KnownPlugin::name);
  if (known != kPlugins.end() && known->built_in) {
    reading.add(Diagnostic::at(Code::CONFIG_KEY_INERT, span,
                               fmt::format("plugin {}: {}", name, known->note)));
    return;
  }
  reading.add(Diagnostic::at(
      Code::CONFIG_KEY_UNSUPPORTED, span,
      known != kPlugins.end()
          ? fmt::format("plugin {}: {}", name, known->note)
          : fmt::format("plugin {} is not loaded: falcod runs no plugins", name),
      "rules with fields or a source of this plugin do not match; watch its source with Falco"));
}

const Node* plugin_named(const Node& list, std::string_view name) {
  for (const Node& item : list.items) {
    const Node* own = item.find("name");
    if (own != nullptr && own->text == name) return &item;
  }
  return nullptr;
}

}  // namespace

void read_append_output(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_list()) return reading.wrong(node, key.path, "a list: append_output[]={…}");
  for (size_t i = 0; i < node.items.size(); ++i) {
    OutputAddition& addition = config.append_output.emplace_back(
        OutputAddition{.name = fmt::format("append_output[{}]", i)});
    read_addition(node.items[i], addition, reading);
  }
}

void read_rules(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_list()) return reading.wrong(node, key.path, "a list of enable and disable");
  for (size_t i = 0; i < node.items.size(); ++i) {
    read_rule_entry(config, node.items[i], fmt::format("{}[{}]", key.path, i), reading);
  }
}

void read_rules_files(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (config.has_rules_files) {
    reading.add(Diagnostic::at(Code::CONFIG_FILES, node.span,
                               "rules_files and its older names cannot be given together",
                               "put all entries under rules_files"));
    return;
  }
  config.has_rules_files = true;
  if (node.is_scalar()) {
    config.rules_files.push_back({node.text, node.span});
    return;
  }
  if (!node.is_list()) return reading.wrong(node, key.path, "a list of files and directories");
  for (const Node& item : node.items) {
    if (item.is_scalar()) {
      config.rules_files.push_back({item.text, item.span});
    } else {
      reading.wrong(item, key.path, "a list of files and directories");
    }
  }
}

void read_drop_actions(Config& config, const Node& node, const Key& key, Reading& reading) {
  static constexpr std::array<std::string_view, 4> kActions{"ignore", "log", "alert", "exit"};
  config.drops.actions.clear();
  std::vector<const Node*> items;
  if (node.is_scalar()) items.push_back(&node);
  for (const Node& item : node.items) items.push_back(&item);
  if (!node.is_scalar() && !node.is_list()) items.push_back(&node);
  for (const Node* item : items) {
    const auto found = std::ranges::find(kActions, std::string_view{item->text});
    if (!item->is_scalar() || found == kActions.end()) {
      reading.wrong(*item, key.path,
                    "ignore, log, alert or exit; [N] is the N-th of the list, [] appends to it");
      continue;
    }
    const auto action = static_cast<DropAction>(found - kActions.begin());
    if (!config.drops.has(action)) config.drops.actions.push_back(action);
  }
  if (config.drops.has(DropAction::IGNORE) && config.drops.actions.size() > 1) {
    const auto ignore = std::ranges::find(items, "ignore", &Node::text);
    reading.wrong(**ignore, key.path, "ignore alone, or other actions without it");
  }
}

void read_static_fields(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_map()) return reading.wrong(node, key.path, "a map of names and texts");
  for (const auto& [name, span, value] : node.entries) {
    const std::string place = fmt::format("{}.{}", key.path, name);
    if (!is_field_name(name)) {
      reading.add(Diagnostic::at(
          reading.is_option(value) ? Code::OPTION_VALUE : Code::CONFIG_VALUE, span,
          fmt::format("{}: no rule could write %static.{}", place, name),
          "use letters, digits, underscores, and dots between names; a letter first"));
    } else if (!value.is_scalar()) {
      reading.wrong(value, place, "a text");
    } else {
      config.static_fields.insert_or_assign(fmt::format("{}{}", falcoc::ir::kStaticPrefix, name),
                                            value.text);
    }
  }
}

void read_plugins(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_list()) return reading.wrong(node, key.path, "a list of plugins");
  for (const Node& item : node.items) {
    const Node* name = item.find("name");
    if (!item.is_map() || name == nullptr || !name->is_scalar()) {
      reading.wrong(item, key.path, "entries with name and library_path");
      continue;
    }
    const Node* settings = item.find("init_config");
    if (name->text == "container" && settings != nullptr) {
      read_container_plugin(config, *settings, reading);
    }
    if (name->text == "k8smeta" && settings != nullptr) {
      read_k8smeta_plugin(config, *settings, reading);
    }
  }
}

/// What is to be loaded: the plugins named here, which must be in `plugins`. Without the key all of
/// those are; told of by read.cpp, which sees both.
void read_load_plugins(Config&, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_list() && !node.is_scalar()) return reading.wrong(node, key.path, "a list of names");
}

void read_sinks(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_map()) return reading.wrong(node, key.path, "a map of sinks, as Falcosidekick has");
  config.sinks = node;
}

void check_plugins(const Node& root, Reading& reading) {
  const Node* plugins = root.find("plugins");
  const Node* load = root.find("load_plugins");
  if (load == nullptr || load->is_empty()) {
    if (plugins == nullptr) return;
    for (const Node& item : plugins->items) {
      if (const Node* name = item.find("name")) tell_of_plugin(name->text, name->span, reading);
    }
    return;
  }
  std::vector<const Node*> wanted;
  if (load->is_scalar()) wanted.push_back(load);
  for (const Node& item : load->items) wanted.push_back(&item);
  for (const Node* name : wanted) {
    const bool built_in = std::ranges::any_of(kPlugins, [&](const KnownPlugin& known) {
      return known.built_in && known.name == name->text;
    });
    if (!built_in && (plugins == nullptr || plugin_named(*plugins, name->text) == nullptr)) {
      reading.wrong(*name, "load_plugins", "the name of an entry of plugins");
      continue;
    }
    tell_of_plugin(name->text, name->span, reading);
  }
}

}  // namespace falcod::config
