#include "tools/falcoc/rule_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/bundle/bundle.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/rule_files.h"
#include "compiler/rules/versions.h"

namespace falcoc::cli {

namespace {

/// Findings that may only say that an item with an error is missing. They are left out until the
/// files load.
constexpr std::array kFollowFromMissingItems = {Code::MACRO_UNDEFINED, Code::LIST_UNDEFINED,
                                                Code::UNUSED_MACRO, Code::UNUSED_LIST};

bool follows_from_missing_items(Code code) {
  return std::ranges::find(kFollowFromMissingItems, code) != kFollowFromMissingItems.end();
}

/// False if there was an error.
bool load(const std::vector<std::string>& files, RuleInput& input) {
  bool loaded = true;
  for (const std::string& path : files) {
    auto text = rules::read_file(path);
    if (!text) {
      input.diagnostics.add(std::move(text.error()));
      input.unreadable = true;
      loaded = false;
      continue;
    }
    if (bundle::is_bundle(*text)) {
      input.diagnostics.add(Diagnostic::global(
          Code::RULE_INPUT_MIXED,
          fmt::format("{} is a bundle of compiled rules", rules::shown_path(path)),
          "name the rule files it was made of"));
      loaded = false;
      continue;
    }
    const FileId file = input.sources.add(rules::shown_path(path), std::move(*text));
    loaded = rules::load_rules(file, input.sources, input.rules, input.diagnostics) && loaded;
  }
  return loaded;
}

}  // namespace

RuleInput read_rules(const std::vector<std::string>& paths) {
  RuleInput input;
  const std::vector<std::string> files = rules::expand_paths(paths, input.diagnostics);
  input.unreadable = input.diagnostics.has_errors();
  const bool loaded = load(files, input) && !input.unreadable;
  rules::check_plugin_requirements(input.rules, rules::kBuiltInPlugins, input.diagnostics);

  ir::CompileOptions options;
  options.sources = &input.sources;
  Diagnostics compiling;
  input.program = ir::compile(input.rules, options, compiling);
  for (const Diagnostic& finding : compiling.items()) {
    if (loaded || !follows_from_missing_items(finding.code)) input.diagnostics.add(finding);
  }
  return input;
}

}  // namespace falcoc::cli
