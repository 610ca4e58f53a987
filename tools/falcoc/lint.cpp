// `falcoc lint`: findings of rule files that load, silenced by comments, settings and a baseline;
// mended on demand.
#include "compiler/lint/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "compiler/lint/suppression.h"
#include "compiler/rules/rule_files.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/lint_fix.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/unfiltered.h"

namespace falcoc::cli {

namespace {

constexpr const char* kUsualSettings = ".falcoc-lint.yaml";

/// What a finding is about, whatever line it is on.
using Key = std::tuple<std::string, std::string, std::string>;

Key key_of(const lint::Finding& finding) {
  return {std::string(code_info(finding.diagnostic.code).id), finding.owner,
          finding.diagnostic.message};
}

/// The findings that are known already; false and a message if the file is not as it should be.
bool read_baseline(const std::string& path, std::multiset<Key>& known) {
  std::ifstream in(path);
  const auto json = nlohmann::json::parse(in, nullptr, false);
  const auto fail = [&](std::string_view why) {
    fmt::print(stderr, "error: {}: {}\n", path, why);
    return false;
  };
  if (!in.is_open()) return fail(std::strerror(errno));
  if (!json.is_array())
    return fail("not a baseline: a JSON array, as --write-baseline makes it, belongs here");
  for (const auto& entry : json) {
    Key key;
    for (auto [name, text] : {std::pair{"code", &std::get<0>(key)},
                              {"owner", &std::get<1>(key)},
                              {"message", &std::get<2>(key)}}) {
      if (!entry.is_object() || !entry.contains(name) || !entry[name].is_string()) {
        return fail(fmt::format("an entry lacks `{}`", name));
      }
      *text = entry[name].get<std::string>();
    }
    known.insert(std::move(key));
  }
  return true;
}

bool write_baseline(const std::string& path, const std::vector<lint::Finding>& findings) {
  nlohmann::ordered_json json = nlohmann::json::array();
  std::multiset<Key> keys;
  for (const lint::Finding& finding : findings) keys.insert(key_of(finding));
  for (const auto& [code, owner, message] : keys)
    json.push_back({{"code", code}, {"owner", owner}, {"message", message}});
  std::ofstream out(path, std::ios::trunc);
  out << json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  out.close();
  if (!out) fmt::print(stderr, "error: {}: {}\n", path, std::strerror(errno));
  return static_cast<bool>(out);
}

/// Settings of the file that was named, or of the usual one if it is there. Nothing: the file
/// cannot be used.
std::optional<lint::Policy> settings(const std::string& named) {
  std::error_code error;
  if (named.empty() && !std::filesystem::exists(kUsualSettings, error)) return lint::Policy{};
  const std::string path = named.empty() ? kUsualSettings : named;
  auto text = rules::read_file(path);
  SourceMap sources;
  std::expected<lint::Policy, Diagnostic> policy;
  if (text) {
    policy = lint::read_policy(sources.add(path, std::move(*text)), sources);
  } else {
    policy = std::unexpected(std::move(text.error()));
  }
  if (policy) return std::move(*policy);
  fmt::print(stderr, "{}", render_text(policy.error(), sources, false));
  return std::nullopt;
}

}  // namespace

ExitStatus lint(const LintOptions& options) {
  const auto policy = settings(options.settings);
  if (!policy) return ExitStatus::FAILURE;
  RuleInput input = read_rules(options.check.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, *options.check.format, options.check.strict, stdout);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  std::vector<lint::Finding> findings =
      lint::lint({input.rules, input.program, input.sources, *policy});
  if (!policy->disabled.contains(Code::LINT_UNFILTERED))
    note_unfiltered(input, view_kinds(input.program), findings);
  for (const Diagnostic& diagnostic : input.diagnostics.items()) {
    if (!policy->disabled.contains(diagnostic.code)) findings.push_back({.diagnostic = diagnostic});
  }
  lint::suppress(input.sources, *policy, findings);

  if (!options.new_baseline.empty()) {
    return write_baseline(options.new_baseline, findings) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
  }
  if (!options.baseline.empty()) {
    std::multiset<Key> known;
    if (!read_baseline(options.baseline, known)) return ExitStatus::FAILURE;
    std::erase_if(findings, [&](const lint::Finding& finding) {
      const auto found = known.find(key_of(finding));
      if (found == known.end()) return false;
      known.erase(found);
      return true;
    });
  }
  if (options.fix) {
    const FixResult result = fix(input, findings);
    fmt::print(stderr, "{} mended\n", std::ranges::count(result.fixed, true));
    if (result.failed) return ExitStatus::FAILURE;
    size_t index = 0;
    std::erase_if(findings, [&](const lint::Finding&) { return result.fixed[index++]; });
  }

  input.diagnostics = {};
  for (lint::Finding& finding : findings) input.diagnostics.add(std::move(finding.diagnostic));
  report(input, *options.check.format,
         {.warnings_fail = options.check.strict, .notes_fail = options.check.strict}, stdout);
  const bool notes = options.check.strict && input.diagnostics.count(Severity::NOTE) > 0;
  const bool found =
      input.diagnostics.has_errors() || input.diagnostics.count(Severity::WARNING) > 0 || notes;
  return found ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
}

}  // namespace falcoc::cli
