// See read.h: the tree is walked along the table of keys.
#include "runtime/config/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/catalog/catalog.h"
#include "runtime/config/keys.h"

namespace falcod::config {

void check_plugins(const Node& root, Reading& reading);  // lists.cpp

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// The keys that stand directly below a section, as a user writes them.
std::vector<std::string_view> children(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Key& key : keys()) {
    std::string_view rest = key.path;
    if (!section.empty()) {
      if (!rest.starts_with(section) || rest.size() <= section.size() ||
          rest[section.size()] != '.') {
        continue;
      }
      rest.remove_prefix(section.size() + 1);
    }
    rest = rest.substr(0, rest.find_first_of(".["));
    if (std::ranges::find(names, rest) == names.end()) names.push_back(rest);
  }
  return names;
}

class Walk {
 public:
  Walk(Config& config, Reading& reading) : config_(config), reading_(reading) {}

  void map(const Node& node, const std::string& pattern, const std::string& place) {
    for (const auto& [key, span, value] : node.entries) {
      const std::string dot = pattern.empty() ? "" : ".";
      visit(value, pattern + dot + key, place + dot + key, {key, span, pattern});
    }
  }

 private:
  struct Name {
    std::string_view key;
    falcoc::Span span;
    std::string_view section;
  };

  void visit(const Node& node, const std::string& pattern, const std::string& place,
             const Name& name) {
    const Key* key = find_key(pattern);
    const bool section = is_section(pattern);
    if (key == nullptr && !section) return unknown(node, place, name);
    if (node.is_empty()) return;  // as if it were not there
    if (key != nullptr) {
      told(node, *key, place, name.span);
      if (key->read != nullptr) key->read(config_, node, *key, reading_);
    }
    if (!section) return;
    if (node.is_map()) {
      map(node, pattern, place);
    } else if (node.is_list() && is_section(pattern + "[]")) {
      for (size_t i = 0; i < node.items.size(); ++i) {
        map(node.items[i], pattern + "[]", fmt::format("{}[{}]", place, i));
      }
    } else if (key == nullptr) {
      reading_.wrong(node, place, fmt::format("a map with {}", fmt::join(children(pattern), ", ")));
    }
  }

  void unknown(const Node& node, const std::string& place, const Name& name) {
    const std::vector<std::string_view> known = children(name.section);
    const std::string_view close = falcoc::closest_name(name.key, known);
    std::string hint = close.empty() ? std::string{} : fmt::format("did you mean {}? ", close);
    if (reading_.is_option(node)) {
      // A typing error at hand is better stopped than passed over.
      reading_.add(Diagnostic::global(
          Code::OPTION_UNKNOWN, fmt::format("-o {}: falcod has no such setting", place),
          fmt::format("{}settings{}: {}", hint, name.section.empty() ? "" : " there",
                      fmt::join(known, ", "))));
      return;
    }
    if (hint.empty()) hint = fmt::format("known here: {}", fmt::join(known, ", "));
    reading_.add(Diagnostic::at(Code::CONFIG_KEY_UNKNOWN, name.span,
                                fmt::format("{} is not a known key", place), std::move(hint)));
  }

  void told(const Node& node, const Key& key, const std::string& place, falcoc::Span span) {
    const auto tell = [&](Code code, std::string message, std::string hint) {
      reading_.add(Diagnostic::at(code, reading_.is_option(node) ? node.span : span,
                                  std::move(message), std::move(hint)));
    };
    if (key.kind == KeyKind::LEGACY) {
      tell(Code::CONFIG_KEY_LEGACY, fmt::format("{} is a key of earlier versions", place),
           std::string(key.text));
    } else if (key.kind == KeyKind::INERT) {
      tell(Code::CONFIG_KEY_INERT, fmt::format("{} has no effect: {}", place, key.text), {});
    }
  }

  Config& config_;
  Reading& reading_;
};

/// What one key needs of another.
void check_whole(const Config& config, const Tree& tree, Reading& reading) {
  const falcoc::Span top = tree.root.span;
  const auto lacks = [&](std::string_view section, std::string_view what) {
    const Node* node = tree.root.find(section);
    reading.add(Diagnostic::at(Code::CONFIG_INCOMPLETE, node == nullptr ? top : node->span,
                               fmt::format("{} is enabled without {}.{}", section, section, what),
                               fmt::format("set {}.{}", section, what)));
  };
  const OutputsConfig& outputs = config.outputs;
  if (outputs.file_output.enabled && outputs.file_output.filename.empty()) {
    lacks("file_output", "filename");
  }
  if (outputs.program_output.enabled && outputs.program_output.program.empty()) {
    lacks("program_output", "program");
  }
  if (outputs.http_output.enabled && outputs.http_output.url.empty()) lacks("http_output", "url");
  const MetricsConfig& metrics = config.metrics;
  if (metrics.enabled) {
    const bool scraped = config.webserver.enabled && config.webserver.prometheus_metrics_enabled;
    if (metrics.interval.count() == 0 && (metrics.output_rule || !metrics.output_file.empty())) {
      lacks("metrics", "interval");
    }
    if (!metrics.output_rule && metrics.output_file.empty() && !scraped) {
      reading.add(Diagnostic::at(Code::CONFIG_INCOMPLETE, tree.root.find("metrics")->span,
                                 "metrics are enabled, but go nowhere",
                                 "set metrics.output_rule, metrics.output_file or "
                                 "webserver.prometheus_metrics_enabled"));
    }
  }
  if (!outputs.any() && config.sinks.entries.empty()) {
    reading.add(Diagnostic::at(Code::CONFIG_INCOMPLETE, top, "no output is enabled",
                               "enable one: stdout_output: {enabled: true}"));
  }
}

}  // namespace

Config load(const Request& request, const Environment& environment, falcoc::SourceMap& sources,
            falcoc::Diagnostics& diagnostics) {
  const Tree tree = read_tree(request, environment, sources, diagnostics);
  Config config;
  config.files = tree.files;
  config.watched = tree.watched;
  Reading reading(diagnostics, tree.option_files);
  const size_t errors_before = diagnostics.count(falcoc::Severity::ERROR);
  Walk(config, reading).map(tree.root, "", "");
  check_plugins(tree.root, reading);
  if (diagnostics.count(falcoc::Severity::ERROR) == errors_before) {
    check_whole(config, tree, reading);
  }
  return config;
}

std::string json_schema() {
  using nlohmann::json;
  json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "falcod configuration"},
               {"type", "object"},
               {"properties", json::object()}};
  for (const Key& key : keys()) {
    json* at = &root;
    std::string_view rest = key.path;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('.'), rest.size());
      std::string_view step = rest.substr(0, end);
      const bool list = step.ends_with("[]");
      if (list) step.remove_suffix(2);
      at = &(*at)["properties"][std::string(step)];
      if (list) at = &(*at)["items"];
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (at->is_null()) *at = json::object();  // anything: a schema all the same
    if (!key.text.empty()) {
      (*at)["description"] =
          fmt::format("{}{}", key.kind == KeyKind::INERT ? "Has no effect: " : "", key.text);
    }
    if (key.kind == KeyKind::LEGACY) (*at)["deprecated"] = true;
    if (key.most != 0) {
      (*at)["minimum"] = key.least;
      (*at)["maximum"] = key.most;
    }
  }
  return root.dump(2) + "\n";
}

}  // namespace falcod::config
