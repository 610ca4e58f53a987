// `key=value` with a path for a key, as Falco's `-o` takes them: `a.b[2].c=text`, `a.list[]={…}`.
// Writes into a tree as a configuration file gives one. Knows no keys.
#pragma once

#include <yaml-cpp/yaml.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/diagnostic.h"

namespace falcod {

/// One step from a node to a child.
struct PathStep {
  enum class Kind : uint8_t { KEY, INDEX, APPEND };
  Kind kind = Kind::KEY;
  std::string key{};  ///< KEY
  size_t index = 0;   ///< INDEX
};

struct Setting {
  std::vector<PathStep> path;  ///< begins with a KEY
  std::string value;
};

/// Dots separate keys, `[N]` is an item of a list, `[]` a new one behind the last; a backslash
/// takes the next `.`, `[`, `]`, `=` or backslash as text.
std::expected<Setting, falcoc::Diagnostic> parse_setting(std::string_view text);

/// Puts the value where the path says, and makes what is missing on the way. A value in `{}` or
/// `[]` is YAML, any other a text. `root` is a map.
std::expected<void, falcoc::Diagnostic> put_setting(YAML::Node& root, const Setting& setting);

}  // namespace falcod
