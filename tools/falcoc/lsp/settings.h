// What the client configures: initializationOptions, or the section `falcoc` of its settings.
#pragma once

#include <string>
#include <vector>

#include "tools/falcoc/lsp/json.h"

namespace falcoc::lsp {

struct Settings {
  std::vector<std::string> rule_files;  ///< globs in load order; none: all of the workspace
  std::string lint_config;              ///< path; empty: .falcoc-lint.yaml where it is
  bool lint = true;                     ///< what `falcoc lint` finds, besides `falcoc check`

  bool operator==(const Settings&) const = default;
};

/// What is not mentioned, or is of another type, keeps its default.
Settings read_settings(const Json& section);

}  // namespace falcoc::lsp
