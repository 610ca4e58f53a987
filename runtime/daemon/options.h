// The command line of falcod: flags and `-o key=value` as Falco's users know them.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/output_additions.h"
#include "compiler/source/diagnostic.h"
#include "runtime/capture/hook_mode.h"
#include "runtime/capture/scap/recorder.h"
#include "runtime/daemon/drops.h"
#include "runtime/engine/engine.h"
#include "runtime/output/sink_queue.h"

namespace falcod {

enum class Task : uint8_t {
  RUN,
  HELP,
  VERSION,
  LIST_FIELDS,
  DESCRIBE_RULES,
};

/// How `--stats` prints.
enum class StatisticsFormat : uint8_t { NONE, TEXT, JSON };

struct Options {
  Task task = Task::RUN;
  std::string help;  ///< HELP: the text

  std::vector<std::string> rule_paths;                       ///< -r; empty = the standard rules
  std::vector<falcoc::ir::OutputAddition> output_additions;  ///< append_output, then -p
  AlertOptions alerts;
  QueueLimits queue;
  DropPolicy drops;
  Evaluator evaluator = Evaluator::AUTO;
  std::string code_cache = "/var/cache/falcod";  ///< --code-cache; empty = code is not kept
  uint32_t ring_bytes = 8u << 20;
  bool arguments_at_entry = true;                        ///< --arguments=entry
  HookMode hooks = HookMode::AUTO;                       ///< --hooks
  bool filter = true;                                    ///< off with --no-filter
  StatisticsFormat statistics = StatisticsFormat::NONE;  ///< --stats
  bool check_facts = false;                              ///< --check-facts
  bool watch_files = true;  ///< watch_config_files: load rules again when their files change
  std::optional<std::chrono::seconds> run_for;  ///< -M
  bool quiet = false;
  std::vector<std::string> captures;  ///< -e: replayed instead of watching the machine
  bool replay_configured = false;     ///< engine.kind is replay
  std::string configured_capture;     ///< engine.replay.capture_file; -e goes before it
  scap::RecorderOptions recording;    ///< -w and --rotate-*; no path: nothing is recorded
  std::vector<std::string> command;   ///< after --
  bool wait_all = false;              ///< --wait-all: not the command alone, its descendants too

  std::string list_source;  ///< LIST_FIELDS: only this source, empty = all
  bool names_only = false;  ///< LIST_FIELDS: -N
  std::string describe;     ///< DESCRIBE_RULES: only this rule, empty = all
};

/// Warnings go to `diagnostics`. An error is always one of usage.
std::expected<Options, falcoc::Diagnostic> parse_options(int argc, const char* const* argv,
                                                         falcoc::Diagnostics& diagnostics);

/// Applies one `-o key=value` whose key is a plain name.
std::expected<void, falcoc::Diagnostic> apply_setting(Options& options, std::string_view setting);

}  // namespace falcod
