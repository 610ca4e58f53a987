// From the configuration to options: what falco.yaml says where the command line does not.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "runtime/config/read.h"
#include "runtime/daemon/load.h"
#include "runtime/daemon/options.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

constexpr uint32_t kRingUnit = 1u << 20;  // Falco's smallest preset; each next is twice it

/// Files of rules_files that exist: the others are passed over, as in Falco.
void take_rules_files(Options& options, falcoc::Diagnostics& diagnostics) {
  options.rule_paths.clear();
  std::error_code error;
  for (const RulesFile& file : options.config.rules_files) {
    if (std::filesystem::exists(file.path, error)) options.rule_paths.push_back(file.path);
  }
  if (options.rule_paths.empty()) {
    diagnostics.add(Diagnostic::global(Code::NO_RULES, "no file of rules_files exists",
                                       "name rule files in rules_files, or with -r"));
  }
}

void take_rule_paths(Options& options, falcoc::Diagnostics& diagnostics) {
  // Some tasks need no rules.
  const bool needs_rules = options.task == Task::RUN || options.task == Task::DESCRIBE_RULES ||
                           options.task == Task::SUPPORT || options.task == Task::CONFIG_CHECK;
  if (options.rules_named || !needs_rules) return;
  if (options.config.has_rules_files) return take_rules_files(options, diagnostics);
  if (auto standard = standard_rules()) {
    options.rule_paths = {std::move(*standard)};
  } else {
    diagnostics.add(Diagnostic::global(Code::NO_RULES, "the standard rules are not installed",
                                       "name rule files with -r"));
  }
}

void take_capture(Options& options, falcoc::Diagnostics& diagnostics) {
  const EngineConfig& engine = options.config.engine;
  if (engine.kind != EngineKind::REPLAY || !options.captures.empty()) return;
  if (engine.capture_file.empty()) {
    diagnostics.add(Diagnostic::global(Code::CONFIG_INCOMPLETE,
                                       "engine.kind is replay, but no capture file is named",
                                       "set engine.replay.capture_file, or use -e FILE"));
    return;
  }
  options.captures.push_back(engine.capture_file);
}

/// Section `capture`; with --capture the command line says all of it. What is replayed is recorded
/// already.
void take_match_captures(Options& options) {
  const CaptureConfig& section = options.config.capture;
  scap::MatchCaptureOptions& captures = options.match_captures;
  if (captures.enabled || !section.enabled || !options.captures.empty()) return;
  captures.enabled = true;
  captures.path_prefix = section.path_prefix;
  captures.all_rules = section.all_rules;
  captures.default_duration = std::chrono::milliseconds{section.default_duration};
  captures.max_file_bytes = uint64_t{section.max_file_size_mb} << 20;
}

}  // namespace

void configure(Options& options, const config::Environment& environment, falcoc::SourceMap& sources,
               falcoc::Diagnostics& diagnostics) {
  options.config = config::load(options.configuration, environment, sources, diagnostics);
  Config& config = options.config;
  options.routes = route::plan(config.sinks, environment, diagnostics);
  config.alerts.structured = !options.routes.plans.empty();
  if (options.unbuffered) config.outputs.buffered = false;
  if (!options.print.empty()) {
    config.append_output.push_back({.name = "-p", .extra_output = options.print});
  }
  if (options.ring_bytes == 0) {
    options.ring_bytes = kRingUnit << (config.engine.buf_size_preset - 1);
  }
  take_capture(options, diagnostics);
  take_match_captures(options);
  take_rule_paths(options, diagnostics);
}

}  // namespace falcod
