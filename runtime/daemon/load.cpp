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
                                      const falcoc::ir::StaticFields& static_fields,
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
  falcoc::ir::Program program = falcoc::ir::compile(
      rules, {.sources = &sources, .static_fields = &static_fields}, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return LoadedRules{std::move(program), std::move(rules)};
}

/// `*` stands for any text, everything else for itself.
bool matches(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  name.remove_prefix(star);
  // The shortest text for every star but the last is enough.
  while (true) {
    const size_t next = pattern.find('*');
    if (next == pattern.npos) return name.ends_with(pattern);
    const size_t found = name.find(pattern.substr(0, next));
    if (found == name.npos) return false;
    name.remove_prefix(found + next);
    pattern.remove_prefix(next + 1);
  }
}

void select(falcoc::ir::Program& program, std::span<const RuleSelection> selections,
            Diagnostics& diagnostics) {
  for (const RuleSelection& selection : selections) {
    bool met = false;
    for (falcoc::ir::Rule& rule : program.rules) {
      const bool meant = selection.by_tag ? std::ranges::count(rule.tags, selection.pattern) != 0
                                          : matches(selection.pattern, rule.name);
      if (!meant) continue;
      rule.enabled = selection.enable;
      met = true;
    }
    if (!met) {
      diagnostics.add(Diagnostic::global(
          Code::CONFIG_SELECTION,
          fmt::format("rules: no rule {} `{}`", selection.by_tag ? "has the tag" : "is named",
                      selection.pattern),
          "falcod -L lists the rules"));
    }
  }
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
                                      const RuleSettings& settings, falcoc::SourceMap& sources,
                                      Diagnostics& diagnostics) {
  const falcoc::ir::StaticFields& static_fields = settings.static_fields;
  auto loaded = read_rules(paths, static_fields, sources, diagnostics);
  if (!loaded) return std::nullopt;
  loaded->program = falcoc::ir::add_to_outputs(std::move(loaded->program), settings.additions,
                                               static_fields, sources, diagnostics);
  loaded->program = falcoc::ir::add_alert_routes(std::move(loaded->program), settings.routes,
                                                 static_fields, sources, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  select(loaded->program, settings.selections, diagnostics);
  return loaded;
}

std::vector<std::string> rule_files(const std::vector<std::string>& paths) {
  Diagnostics ignored;  // load_rules() finds them again
  return falcoc::rules::expand_paths(paths, ignored);
}

std::string rules_fingerprint(const std::vector<std::string>& paths) {
  std::string fingerprint;
  for (const std::string& path : rule_files(paths)) {
    if (path == "-") continue;
    const auto text = falcoc::rules::read_file(path);
    fingerprint += fmt::format("{} {:x} {}\n", path, text ? std::hash<std::string>{}(*text) : 0,
                               text ? static_cast<int64_t>(text->size()) : -1);
  }
  return fingerprint;
}

}  // namespace falcod
