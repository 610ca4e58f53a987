// From a file to items: documents, kinds of items, and who reads which.
#include <fmt/format.h>

#include "compiler/rules/collector.h"
#include "compiler/rules/ruleset.h"
#include "compiler/rules/versions.h"
#include "compiler/rules/yaml.h"

namespace falcoc::rules {

namespace {

/// The kinds of items, in the order in which their keys decide what an item is (RULE-LANGUAGE 5.1).
struct ItemKind {
  std::string_view key;
  void (*read)(MapReader& item, const YamlNode& map, Collector& collector, RuleSet& set);
};

constexpr ItemKind kItemKinds[] = {
    {"required_engine_version", [](MapReader& item, const YamlNode&, Collector&,
                                   RuleSet& set) { read_engine_version(item, set); }},
    {"required_plugin_versions", [](MapReader& item, const YamlNode&, Collector&,
                                    RuleSet& set) { read_plugin_versions(item, set); }},
    {"list", [](MapReader& item, const YamlNode& map, Collector& collector,
                RuleSet&) { collector.add_list(item, map); }},
    {"macro", [](MapReader& item, const YamlNode& map, Collector& collector,
                 RuleSet&) { collector.add_macro(item, map); }},
    {"rule", [](MapReader& item, const YamlNode& map, Collector& collector,
                RuleSet&) { collector.add_rule(item, map); }},
};

void read_item(const YamlNode& node, Collector& collector, RuleSet& set, Diagnostics& diagnostics) {
  if (node.kind == YamlNode::Kind::EMPTY) return;
  if (node.kind != YamlNode::Kind::MAP) {
    diagnostics.add(Diagnostic::at(Code::YAML_STRUCTURE, node.span, "an item must be a map",
                                   "begin it with `- rule:`, `- macro:` or `- list:`"));
    return;
  }
  for (const ItemKind& kind : kItemKinds) {
    if (node.find(kind.key) == nullptr) continue;
    MapReader item(node, std::string(kind.key), diagnostics);
    kind.read(item, node, collector, set);
    return;
  }
  const Span place = node.entries.empty() ? node.span : node.entries.front().first->span;
  diagnostics.add(Diagnostic::at(Code::UNKNOWN_ITEM, place, "item of no known kind is ignored",
                                 "an item has a key rule, macro, list, required_engine_version or "
                                 "required_plugin_versions"));
}

}  // namespace

bool load_rules(FileId file, const SourceMap& sources, RuleSet& set, Diagnostics& diagnostics) {
  const auto stream = read_yaml(file, sources.file(file));
  if (!stream) {
    diagnostics.add(stream.error());
    return false;
  }
  const size_t errors_before = diagnostics.count(Severity::ERROR);
  Collector collector(set);
  for (const YamlNode* document : stream->documents) {
    if (document->kind == YamlNode::Kind::EMPTY) continue;
    if (document->kind != YamlNode::Kind::SEQUENCE) {
      const Span begin{document->span.file, document->span.begin, document->span.begin};
      diagnostics.add(Diagnostic::at(Code::YAML_STRUCTURE, begin,
                                     "a rule file must be a sequence of items",
                                     "begin each item with `- `"));
      continue;
    }
    for (const YamlNode* item : document->items) read_item(*item, collector, set, diagnostics);
  }
  return diagnostics.count(Severity::ERROR) == errors_before;
}

}  // namespace falcoc::rules
