// See load.h.
#include "runtime/daemon/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "compiler/bundle/bundle.h"
#include "compiler/ir/compile.h"
#include "compiler/rules/rule_files.h"
#include "compiler/rules/versions.h"

namespace falcod {

namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::Diagnostics;

/// Without additions.
std::optional<LoadedRules> read_rules(const std::vector<std::string>& paths,
                                      falcoc::SourceMap& sources, Diagnostics& diagnostics) {
  const std::vector<std::string> files = falcoc::rules::expand_paths(paths, diagnostics);
  falcoc::rules::RuleSet rules;
  for (const std::string& path : files) {
    auto text = falcoc::rules::read_file(path);
    if (!text) {
      diagnostics.add(std::move(text.error()));
      continue;
    }
    if (!falcoc::bundle::is_bundle(*text)) {
      const falcoc::FileId file = sources.add(falcoc::rules::shown_path(path), std::move(*text));
      falcoc::rules::load_rules(file, sources, rules, diagnostics);
      continue;
    }
    if (files.size() != 1) {
      diagnostics.add(Diagnostic::global(
          Code::RULE_INPUT_MIXED, fmt::format("{} is a bundle and has to be the only -r", path),
          "compile all rule files into one bundle, or name the rule files"));
      continue;
    }
    auto program = falcoc::bundle::read(*text, path);
    if (program) return LoadedRules{std::move(*program), std::nullopt};
    diagnostics.add(std::move(program.error()));
  }
  falcoc::rules::check_plugin_requirements(rules, falcoc::rules::kBuiltInPlugins, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  falcoc::ir::Program program = falcoc::ir::compile(rules, {.sources = &sources}, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return LoadedRules{std::move(program), std::move(rules)};
}

}  // namespace

std::optional<std::string> standard_rules() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const std::array candidates{
      program.parent_path().parent_path() / "share" / "falcoc" / "stdlib-rules",
      fs::path(FALCOD_INSTALLED_RULES),
  };
  for (const fs::path& candidate : candidates) {
    if (fs::is_directory(candidate, error)) return candidate.string();
  }
  return std::nullopt;
}

std::optional<LoadedRules> load_rules(const std::vector<std::string>& paths,
                                      std::span<const falcoc::ir::OutputAddition> additions,
                                      falcoc::SourceMap& sources, Diagnostics& diagnostics) {
  auto loaded = read_rules(paths, sources, diagnostics);
  if (!loaded) return std::nullopt;
  loaded->program =
      falcoc::ir::add_to_outputs(std::move(loaded->program), additions, sources, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return loaded;
}

std::string rules_fingerprint(const std::vector<std::string>& paths) {
  Diagnostics ignored;  // load_rules() finds them again
  std::string fingerprint;
  for (const std::string& path : falcoc::rules::expand_paths(paths, ignored)) {
    if (path == "-") continue;
    const auto text = falcoc::rules::read_file(path);
    fingerprint += fmt::format("{} {:x} {}\n", path, text ? std::hash<std::string>{}(*text) : 0,
                               text ? static_cast<int64_t>(text->size()) : -1);
  }
  return fingerprint;
}

}  // namespace falcod
