// See inform.h.
#include "runtime/daemon/inform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "compiler/catalog/catalog.h"
#include "compiler/catalog/type_name.h"
#include "compiler/check/falco_json.h"
#include "compiler/check/rule_input.h"
#include "compiler/describe/describe.h"
#include "compiler/rules/rule_files.h"
#include "compiler/rules/versions.h"
#include "probe/abi.h"
#include "runtime/daemon/load.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using nlohmann::json;

struct Listed {
  std::string_view name;
  std::span<const falcoc::ParamInfo> params;
};

/// By name: events, then system calls without an event of their own.
std::vector<Listed> listed_events() {
  std::vector<Listed> all;
  for (const falcoc::EventInfo& event : falcoc::events()) all.push_back({event.name, event.params});
  for (const falcoc::SyscallInfo& call : falcoc::syscalls()) {
    if (call.event == falcoc::EventCode::GENERIC) all.push_back({call.name, {}});
  }
  std::ranges::stable_sort(all, {}, &Listed::name);
  return all;
}

std::string params_text(const Listed& event, std::string_view around) {
  std::vector<std::string> params;
  for (const falcoc::ParamInfo& param : event.params) {
    params.push_back(
        fmt::format("{} {}{}{}", falcoc::type_name(param.type), around, param.name, around));
  }
  return fmt::format("{}", fmt::join(params, ", "));
}

std::string version_number(std::string_view semver, int part) {
  for (; part > 0; --part) semver.remove_prefix(std::min(semver.find('.') + 1, semver.size()));
  return std::string(semver.substr(0, semver.find('.')));
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string plugin_version(const falcoc::rules::AvailablePlugin& plugin) {
  return fmt::format("{}.{}.{}", plugin.version.major, plugin.version.minor, plugin.version.patch);
}

/// The lines of one file: its verdict, then what was found in it.
std::string file_text(const falcoc::check::RuleInput& input, const falcoc::check::InputFile& file) {
  std::string findings;
  bool failed = file.problems.has_errors();
  bool warned = false;
  for (const Diagnostic& problem : file.problems.items()) {
    findings += falcoc::render_text(problem, input.sources, false);
  }
  for (const Diagnostic* finding : falcoc::in_file_order(input.diagnostics)) {
    const falcoc::Severity severity = falcoc::code_info(finding->code).severity;
    const bool here = file.source && finding->has_span && finding->span.file == *file.source;
    if (!here || severity == falcoc::Severity::NOTE) continue;
    failed = failed || severity == falcoc::Severity::ERROR;
    warned = warned || severity == falcoc::Severity::WARNING;
    findings += falcoc::render_text(*finding, input.sources, false);
  }
  std::string_view verdict = "Ok";
  if (warned) verdict = "Ok, with warnings";
  if (failed) verdict = "Invalid";
  return fmt::format("{}: {}\n{}", file.name, verdict, findings);
}

}  // namespace

std::string list_events(ListFormat format) {
  std::string out;
  json all = json::array();
  if (format == ListFormat::MARKDOWN) out = "Dir | Name | Params\n:---|:-----|:-----\n";
  for (const Listed& event : listed_events()) {
    if (format == ListFormat::MARKDOWN) {
      out += fmt::format("`<` | `{}` | {}\n", event.name, params_text(event, "**"));
    } else if (format == ListFormat::TEXT) {
      out += fmt::format("< {}({})\n", event.name, params_text(event, ""));
    } else {
      json params = json::array();
      for (const falcoc::ParamInfo& param : event.params) {
        params.push_back({{"name", param.name}, {"type", falcoc::type_name(param.type)}});
      }
      all.push_back({{"name", event.name}, {"dir", "<"}, {"params", params}});
    }
  }
  return format == ListFormat::JSON ? dump(all) : out;
}

std::string list_plugins() {
  std::string out = "0 Plugins Loaded:\n\nBuilt in, so that rules which need them load:\n";
  for (const auto& plugin : falcoc::rules::kBuiltInPlugins) {
    out += fmt::format("Name: {}\nVersion: {}\n", plugin.name, plugin_version(plugin));
  }
  return out;
}

std::expected<std::string, Diagnostic> plugin_info(const std::string& name) {
  for (const auto& plugin : falcoc::rules::kBuiltInPlugins) {
    if (plugin.name == name) {
      return fmt::format(
          "Name: {}\nDescription: fields about containers, built in\nVersion: {}\n"
          "Capabilities:\n  - Field Extraction\n\nNo init config, no open parameters.\n",
          plugin.name, plugin_version(plugin));
    }
  }
  return std::unexpected(
      Diagnostic::global(Code::OPTION_VALUE, fmt::format("--plugin-info {}: no such plugin", name),
                         "falcod runs no plugins; --list-plugins tells which are built in"));
}

std::string support_report(const Options& options, int argc, const char* const* argv) {
  utsname system{};
  ::uname(&system);
  const auto files = [](const std::vector<std::string>& paths) {
    json out = json::array();
    for (const std::string& path : paths) {
      const auto text = falcoc::rules::read_file(path);
      out.push_back({{"name", path}, {"content", text ? *text : text.error().message}});
    }
    return out;
  };
  json report = {
      {"version", FALCOD_VERSION},
      {"engine_info", {{"engine_version", falcoc::kFalcoEngineVersion}}},
      {"cmdline", fmt::format("{}", fmt::join(std::span(argv, static_cast<size_t>(argc)), " "))},
      {"config", files(options.config.files)},
      {"rules_files", files(rule_files(options.rule_paths))},
      {"system_info",
       {{"machine", system.machine},
        {"nodename", system.nodename},
        {"release", system.release},
        {"sysname", system.sysname},
        {"version", system.version}}}};
  return dump(report);
}

Validation validate(const std::vector<std::string>& files, bool as_json, bool describe,
                    const falcoc::ir::StaticFields& static_fields) {
  const falcoc::check::RuleInput input = falcoc::check::read_rules(files, static_fields);
  Validation result{.text = {}, .valid = !input.diagnostics.has_errors() && !input.unreadable};
  if (as_json) {
    json all = falcoc::check::falco_json(input);
    if (describe && result.valid) {
      all["falco_describe_results"] = falcoc::describe::ruleset(input.program, &input.rules);
    }
    result.text = dump(all);
    return result;
  }
  for (const falcoc::check::InputFile& file : input.files) result.text += file_text(input, file);
  return result;
}

std::string versions_json() {
  json plugins = json::object();
  for (const auto& plugin : falcoc::rules::kBuiltInPlugins) {
    plugins[std::string(plugin.name)] = plugin_version(plugin);
  }
  const std::string abi = fmt::format("{}.0.0", FC_ABI_VERSION);
  return json{{"falco_version", FALCOD_VERSION},
              {"libs_version", FALCOD_VERSION},
              {"plugin_api_version", "0.0.0"},
              {"driver_api_version", abi},
              {"driver_schema_version", abi},
              {"default_driver_version", FALCOD_VERSION},
              {"engine_version", version_number(falcoc::kFalcoEngineVersion, 1)},
              {"engine_version_semver", falcoc::kFalcoEngineVersion},
              {"plugin_versions", plugins}}
      .dump();
}

}  // namespace falcod
