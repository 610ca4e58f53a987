#include "compiler/check/rule_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/bundle/bundle.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/rule_files.h"
#include "compiler/rules/versions.h"

namespace falcoc::check {

namespace {

/// Findings that may only say that an item with an error is missing. They are left out until the
/// files load.
constexpr std::array kFollowFromMissingItems = {Code::MACRO_UNDEFINED, Code::LIST_UNDEFINED,
                                                Code::UNUSED_MACRO, Code::UNUSED_LIST};

bool follows_from_missing_items(Code code) {
  return std::ranges::find(kFollowFromMissingItems, code) != kFollowFromMissingItems.end();
}

/// Reads one file into the input. False if there was an error.
bool load(std::string name, std::expected<std::string, Diagnostic> text, RuleInput& input) {
  InputFile& file = input.files.emplace_back();
  file.name = std::move(name);
  const auto refuse = [&](Diagnostic problem) {
    file.problems.add(problem);
    input.diagnostics.add(std::move(problem));
    return false;
  };
  if (!text) {
    input.unreadable = true;
    return refuse(std::move(text.error()));
  }
  if (bundle::is_bundle(*text)) {
    return refuse(Diagnostic::global(Code::RULE_INPUT_MIXED,
                                     fmt::format("{} is a bundle of compiled rules", file.name),
                                     "name the rule files it was made of"));
  }
  file.source = input.sources.add(file.name, std::move(*text));
  return rules::load_rules(*file.source, input.sources, input.rules, input.diagnostics);
}

/// The files a path stands for, in order. False if there was an error.
bool load_path(const std::string& path, RuleInput& input) {
  Diagnostics problems;
  const std::vector<std::string> files = rules::expand_paths({path}, problems);
  for (const Diagnostic& problem : problems.items()) input.diagnostics.add(problem);
  bool loaded = !problems.has_errors();
  if (!loaded) {
    input.unreadable = true;
    input.files.push_back({.name = path, .source = {}, .problems = std::move(problems)});
  }
  for (const std::string& file : files) {
    loaded = load(rules::shown_path(file), rules::read_file(file), input) && loaded;
  }
  return loaded;
}

/// What is to be done when all files are read; `loaded`: without an error.
void compile(RuleInput& input, const ir::StaticFields& static_fields, bool loaded) {
  rules::check_plugin_requirements(input.rules, rules::kBuiltInPlugins, input.diagnostics);

  ir::CompileOptions options;
  options.sources = &input.sources;
  options.notes = true;
  options.static_fields = &static_fields;
  Diagnostics compiling;
  input.program = ir::compile(input.rules, options, compiling);
  for (const Diagnostic& finding : compiling.items()) {
    if (loaded || !follows_from_missing_items(finding.code)) input.diagnostics.add(finding);
  }
}

}  // namespace

RuleInput read_rules(const std::vector<std::string>& paths, const ir::StaticFields& static_fields) {
  RuleInput input;
  bool loaded = true;
  for (const std::string& path : paths) loaded = load_path(path, input) && loaded;
  compile(input, static_fields, loaded);
  return input;
}

RuleInput read_rules(std::vector<NamedText> texts) {
  RuleInput input;
  bool loaded = true;
  for (NamedText& text : texts) {
    loaded = load(std::move(text.name), std::move(text.text), input) && loaded;
  }
  compile(input, {}, loaded);
  return input;
}

}  // namespace falcoc::check
