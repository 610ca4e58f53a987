// `key=value` with a path for a key, as Falco's `-o` takes them: `a.b[2].c=text`, `a.list[]={…}`.
// Writes into a configuration tree. Knows no keys.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/node.h"

namespace falcod::config {

/// One step from a node to a child.
struct PathStep {
  enum class Kind : uint8_t { KEY, INDEX, APPEND };
  Kind kind = Kind::KEY;
  std::string key{};  ///< KEY
  size_t index = 0;   ///< INDEX
};

struct Setting {
  std::vector<PathStep> path;  ///< begins with a KEY
  std::string key;             ///< the path as written
  std::string value;
};

/// Dots separate keys, `[N]` is an item of a list, `[]` a new one behind the last; a backslash
/// takes the next `.`, `[`, `]`, `=` or backslash as text. Blanks around key and value, and quotes
/// around the value, are left out.
std::expected<Setting, falcoc::Diagnostic> parse_setting(std::string_view text);

/// Puts the value where the path says, and makes what is missing on the way. A value in `{}` or
/// `[]` is YAML, any other a text. `root` is a map. The value becomes a file "-o KEY" of `sources`,
/// returned so that later messages can tell it from files.
std::expected<falcoc::FileId, falcoc::Diagnostic> put_setting(Node& root, const Setting& setting,
                                                              const Environment& environment,
                                                              falcoc::SourceMap& sources,
                                                              falcoc::Diagnostics& diagnostics);

}  // namespace falcod::config
