#include "tools/falcoc/lsp/settings.h"

namespace falcoc::lsp {

Settings read_settings(const Json& section) {
  Settings settings;
  const Json& globs = at(section, "ruleFiles");
  if (globs.is_array()) {
    for (const Json& glob : globs) {
      if (glob.is_string()) settings.rule_files.push_back(glob.get<std::string>());
    }
  }
  settings.lint_config = text_at(section, "lintConfig");
  if (const Json& lint = at(section, "lint"); lint.is_boolean()) settings.lint = lint.get<bool>();
  return settings;
}

}  // namespace falcoc::lsp
