// Loads rule texts for tests and names what was found.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/rules/ruleset.h"

namespace falcoc::rules {

struct Loading {
  SourceMap sources;
  RuleSet set;
  Diagnostics diagnostics;
  bool loaded = true;

  explicit Loading(std::string text) { load("r.yaml", std::move(text)); }
  Loading() = default;

  bool load(std::string name, std::string text) {
    loaded = load_rules(sources.add(std::move(name), std::move(text)), sources, set, diagnostics);
    return loaded;
  }
  std::vector<std::string_view> codes() const {
    std::vector<std::string_view> result;
    for (const Diagnostic& item : diagnostics.items()) result.push_back(code_info(item.code).id);
    return result;
  }
  bool found(Code code) const {
    return std::ranges::any_of(diagnostics.items(),
                               [&](const Diagnostic& item) { return item.code == code; });
  }
  /// What the file says at the place of the first diagnostic of this code.
  std::string_view place(Code code) const {
    for (const Diagnostic& item : diagnostics.items()) {
      if (item.code == code) return written(item.span);
    }
    return "(none)";
  }
  std::string_view written(Span span) const {
    return sources.file(span.file).text().substr(span.begin, span.end - span.begin);
  }
  const Rule& rule(std::string_view name) const {
    return *std::ranges::find_if(set.rules, [&](const Rule& r) { return r.name.str() == name; });
  }
};

inline std::string rule_text(std::string_view name, std::string_view condition) {
  return "- rule: " + std::string(name) + "\n  desc: d\n  condition: " + std::string(condition) +
         "\n  output: o\n  priority: INFO\n";
}

}  // namespace falcoc::rules
