// The command line of falcod, and what it and falco.yaml come to together.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/hook_mode.h"
#include "runtime/capture/scap/match_recorder.h"
#include "runtime/config/config.h"
#include "runtime/config/files.h"
#include "runtime/engine/engine.h"
#include "runtime/route/route.h"

namespace falcod {

enum class Task : uint8_t {
  RUN,
  HELP,
  VERSION,
  LIST_FIELDS,
  DESCRIBE_RULES,
  CONFIG_CHECK,
  CONFIG_SCHEMA,
  LIST_EVENTS,
  LIST_PLUGINS,
  PLUGIN_INFO,
  IGNORED_EVENTS,
  PAGE_SIZE,
  SUPPORT,
  VALIDATE,
};

/// --format of --list and --list-events.
enum class ListFormat : uint8_t { TEXT, MARKDOWN, JSON };

/// When falcod is ready, as `--start` has it.
enum class Start : uint8_t {
  EARLY,     ///< when rules are in force; native code and kernel filters follow
  COMPLETE,  ///< when these are in use too
};

/// How `--stats` prints.
enum class StatisticsFormat : uint8_t { NONE, TEXT, JSON };

struct Options {
  Task task = Task::RUN;
  std::string help;  ///< HELP: the text

  config::Request configuration;        ///< -c, -o
  Config config;                        ///< filled by configure()
  route::Routes routes;                 ///< likewise, from `sinks`
  std::vector<std::string> rule_paths;  ///< -r; else by configure(): rules_files, or the standard
  bool rules_named = false;             ///< with -r: rules_files does not count
  std::string print;                    ///< -p: put behind the outputs of all rules
  bool unbuffered = false;              ///< -U
  bool verbose = false;                 ///< -v
  std::string pid_file;                 ///< -P
  Evaluator evaluator = Evaluator::AUTO;
  std::string code_cache = "/var/cache/falcod";  ///< --code-cache; empty = code is not kept
  uint32_t ring_bytes = 0;                       ///< --ring-size, else engine.*.buf_size_preset
  bool arguments_at_entry = true;                ///< --arguments=entry
  HookMode hooks = HookMode::AUTO;               ///< --hooks
  bool filter = true;                            ///< off with --no-filter
  Start start = Start::EARLY;                    ///< --start
  StatisticsFormat statistics = StatisticsFormat::NONE;  ///< --stats
  bool check_facts = false;                              ///< --check-facts
  std::optional<std::chrono::seconds> run_for;           ///< -M
  bool quiet = false;
  std::vector<std::string> captures;         ///< -e: replayed instead of watching the machine
  scap::RecorderOptions recording;           ///< -w and --rotate-*; no path: nothing is recorded
  scap::MatchCaptureOptions match_captures;  ///< --capture*
  std::vector<std::string> command;          ///< after --
  bool wait_all = false;  ///< --wait-all: not the command alone, its descendants too

  std::string list_source;  ///< LIST_FIELDS: only this source, empty = all
  bool names_only = false;  ///< LIST_FIELDS: -N
  std::string describe;     ///< DESCRIBE_RULES: only this rule, empty = all
  ListFormat list_format = ListFormat::TEXT;
  std::string plugin;                 ///< PLUGIN_INFO
  std::vector<std::string> validate;  ///< VALIDATE: -V
  bool describe_validated = false;    ///< VALIDATE: with -L
  bool dry_run = false;               ///< start up, then end
};

/// Warnings go to `diagnostics`. An error is always one of usage.
std::expected<Options, falcoc::Diagnostic> parse_options(int argc, const char* const* argv,
                                                         falcoc::Diagnostics& diagnostics);

/// Reads falco.yaml and -o into `options.config`, and what else follows from them. What is wrong
/// goes to `diagnostics`; `options` count only if there is no error among it.
void configure(Options& options, const config::Environment& environment, falcoc::SourceMap& sources,
               falcoc::Diagnostics& diagnostics);

}  // namespace falcod
