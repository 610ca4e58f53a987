// Where a finding is in the terms of Falco's load results: a stack of items, outermost first
// (RULE-LANGUAGE 7.3), and an excerpt of the file (7.4). May know YAML trees and diagnostics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/rules/yaml.h"

namespace falcoc::rules {

struct FalcoLocation {
  std::string_view item_type;  ///< "rule", "value for" …
  std::string item_name;       ///< of the list, macro, rule, exception, or the key
  std::string position_name;   ///< the file; for condition expressions the condition
  uint32_t line = 0;           ///< 0-based
  uint32_t column = 0;         ///< 0-based, in bytes
  uint32_t offset = 0;         ///< in bytes
};

/// `yaml` is the tree of `file`, null if it has none. Positions of condition expressions are their
/// true places in the file, where Falco adds numbers of two kinds (quirk Q38).
std::vector<FalcoLocation> falco_locations(const Diagnostic& diagnostic, const SourceFile& file,
                                           const YamlStream* yaml);

/// The line around `offset`, cut to what is near it, and a caret below.
std::string falco_snippet(std::string_view text, uint32_t offset);

}  // namespace falcoc::rules
