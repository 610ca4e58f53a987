// See options.h. CLI11 reads the flags; everything after `--` is the command, untouched.
#include "runtime/daemon/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

constexpr std::string_view kFooter =
    "With -- COMMAND, falcod starts the command, reports only on it and its descendants, and "
    "exits\n"
    "with its status. Otherwise: 0 stopped cleanly, 1 rules cannot be loaded, 2 wrong usage,\n"
    "3 no privilege or kernel support, 4 failed while running.";

constexpr uint32_t kMinRingBytes = 4096;        // a page
constexpr uint32_t kMaxRingBytes = 512u << 20;  // as Falco's largest preset

/// `-p` of earlier Falco versions took these; they have no effect any more (RULE-LANGUAGE 6.5).
constexpr std::array<std::string_view, 4> kNoPrint{"c", "container", "k", "kubernetes"};

Diagnostic usage(Code code, std::string message) {
  return Diagnostic::global(code, std::move(message), "falcod --help lists the options");
}

/// "8M", "512K", bytes without a unit.
/// `64K`, `8M`, `1G` or plain bytes.
std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  uint64_t scale = 0;
  if (unit.empty()) scale = 1;
  if (unit == "K" || unit == "k") scale = 1u << 10;
  if (unit == "M" || unit == "m") scale = 1u << 20;
  if (unit == "G" || unit == "g") scale = 1u << 30;
  if (error != std::errc{} || scale == 0 || size > UINT64_MAX / scale) return std::nullopt;
  return size * scale;
}

std::expected<uint32_t, Diagnostic> parse_ring_size(const std::string& text) {
  const auto size = parse_size(text);
  if (!size || *size < kMinRingBytes || *size > kMaxRingBytes || !std::has_single_bit(*size)) {
    return std::unexpected(
        usage(Code::OPTION_VALUE,
              fmt::format("--ring-size {}: not a power of two between 4K and 512M", text)));
  }
  return static_cast<uint32_t>(*size);
}

/// What CLI11 fills before it is checked.
struct Raw {
  std::string config_path;
  std::string list_format;
  std::vector<std::string> enabled_sources;
  std::vector<std::string> disabled_sources;
  std::string ring_size;
  std::string statistics;
  std::string evaluator;
  std::string start;
  std::string arguments;
  std::string hooks;
  std::string rotate_size;
  std::string capture_prefix;
  std::string capture_size;
  int64_t capture_duration = 0;
  int64_t capture_before = 0;
  int64_t rotate_after = 0;
  int64_t run_for = 0;
};

struct Flags {
  CLI::Option* list;
  CLI::Option* describe_all;
  CLI::Option* describe_one;
  CLI::Option* version;
  CLI::Option* run_for;
  CLI::Option* config_path;
  CLI::Option* config_check;
  CLI::Option* config_schema;
  CLI::Option* list_events;
  CLI::Option* list_plugins;
  CLI::Option* plugin_info;
  CLI::Option* ignored_events;
  CLI::Option* page_size;
  CLI::Option* support;
  CLI::Option* markdown;
};

/// What today's Falco has besides, with its letters.
void declare_falco_flags(CLI::App& app, Options& options, Raw& raw, Flags& flags) {
  app.add_option("-V,--validate", options.validate,
                 "Check rule files and end: FILE: Ok, Ok, with warnings, or Invalid; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--dry-run", options.dry_run, "Start up, then end without watching");
  flags.list_events = app.add_flag("--list-events")->description("List the events");
  app.add_option("--format", raw.list_format, "Form of --list and --list-events")
      ->type_name("text|markdown|json")
      ->check(CLI::IsMember({"text", "markdown", "json"}));
  flags.markdown = app.add_flag("--markdown")->description("Deprecated: --format markdown");
  flags.list_plugins = app.add_flag("--list-plugins")->description("List the plugins");
  flags.plugin_info =
      app.add_option("--plugin-info", options.plugin, "Tell of one plugin")->type_name("NAME");
  flags.ignored_events =
      app.add_flag("-i")->description("List the system calls that rules do not see by default");
  flags.page_size = app.add_flag("--page-size")->description("Show the size of a memory page");
  flags.support = app.add_flag("--support")
                      ->description("Show version, configuration, rules and system as JSON");
  app.add_option("--enable-source", raw.enabled_sources, "Watch only this event source")
      ->type_name("SOURCE")
      ->allow_extra_args(false);
  app.add_option("--disable-source", raw.disabled_sources, "Do not watch this event source")
      ->type_name("SOURCE")
      ->allow_extra_args(false);
}

void declare_match_captures(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--capture", raw.capture_prefix,
                 "Write PREFIX_TIME_NUMBER.scap when a rule with `capture: true` matches")
      ->type_name("PREFIX");
  app.add_flag("--capture-all", options.match_captures.all_rules,
               "With --capture: when any rule matches");
  app.add_option("--capture-duration", raw.capture_duration,
                 "With --capture: for so long after the last match of a rule without "
                 "capture_duration (5000)")
      ->type_name("MILLISECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--capture-before", raw.capture_before,
                 "With --capture: what was so long before the match is in the file too; kept in "
                 "memory, 64 MiB at most (0)")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--capture-max-size", raw.capture_size,
                 "With --capture: no file is larger than about this (unlimited)")
      ->type_name("SIZE");
}

Flags declare(CLI::App& app, Options& options, Raw& raw) {
  Flags flags{};
  app.set_help_flag("-h,--help", "Show this text");
  app.footer(std::string(kFooter));
  flags.config_path = app.add_option("-c,--config", raw.config_path,
                                     "Configuration file (/etc/falco/falco.yaml, if it is there)")
                          ->type_name("FILE");
  flags.config_check = app.add_flag("--config-check")
                           ->description("Check the configuration, tell of every key, and end");
  flags.config_schema =
      app.add_flag("--config-schema")->description("Print a JSON schema of the configuration");
  app.add_option("-r", options.rule_paths,
                 "Rule file, directory of rule files, or bundle; repeatable, in this order")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app.add_option("-e", options.captures,
                 "Replay a .scap capture file instead of watching; repeatable, - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("-w", options.recording.path,
                 "Record the events in a .scap capture file; compressed if it ends in .gz")
      ->type_name("FILE");
  app.add_option("--rotate-size", raw.rotate_size,
                 "With -w: begin a new file after so many bytes, before compression (500M)")
      ->type_name("SIZE");
  app.add_option("--rotate-after", raw.rotate_after,
                 "With -w: begin a new file after so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--rotate-keep", options.recording.keep_files,
                 "With --rotate-size or --rotate-after: delete all but the last so many files")
      ->type_name("FILES")
      ->check(CLI::PositiveNumber);
  declare_match_captures(app, options, raw);
  app.add_option("-o,--option", options.configuration.settings,
                 "Set a key of falco.yaml; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("-p,--print", options.print,
                 "Deprecated: text appended to the output of every rule")
      ->type_name("TEXT");
  flags.run_for = app.add_option("-M", raw.run_for, "Stop after so many seconds")
                      ->type_name("SECONDS")
                      ->check(CLI::PositiveNumber);
  app.add_flag("--wait-all", options.wait_all,
               "With -- COMMAND: run until all its descendants have ended, as strace -f does");
  app.add_option("--ring-size", raw.ring_size, "Ring buffer between kernel and falcod (8M)")
      ->type_name("SIZE");
  app.add_option("--code-cache", options.code_cache,
                 "Where generated code is kept, empty for nowhere (/var/cache/falcod)")
      ->type_name("DIRECTORY");
  app.add_option("--stats", raw.statistics,
                 "Statistics of events and rules on standard error, at the end and on SIGUSR2")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--hooks", raw.hooks,
                 "How system calls are hooked: tracepoint, fentry (function by function), or auto")
      ->type_name("KIND")
      ->check(CLI::IsMember({"auto", "tracepoint", "fentry"}));
  app.add_flag("!--no-filter", options.filter,
               "Evaluate every event in falcod: rules are not turned into kernel filters");
  app.add_option(
         "--start", raw.start,
         "When falcod is ready and a command is started: early, as soon as rules are in "
         "force, by the reference evaluator and unfiltered for the first moments, if native "
         "code has to be made; or complete, when native code and kernel filters are in use")
      ->type_name("early|complete")
      ->check(CLI::IsMember({"early", "complete"}));
  app.add_option("--arguments", raw.arguments,
                 "When names that leave no trace are read (unlink, rename, chmod …): at the call's "
                 "entry (the default: every system call pays some 20 ns if a rule is about such a "
                 "call), or at its exit, where another thread can have rewritten them")
      ->type_name("entry|exit")
      ->check(CLI::IsMember({"entry", "exit"}));
  app.add_flag("-U,--unbuffered", options.unbuffered, "Same as -o buffered_outputs=false");
  app.add_flag("-v,--verbose", options.verbose,
               "Also tell of configuration keys that have no effect here");
  app.add_option("-P,--pidfile", options.pid_file, "Write falcod's process id there")
      ->type_name("FILE");
  app.add_flag("-q,--quiet", options.quiet, "No banner and no summary on standard error");
  flags.list =
      app.add_option("--list", options.list_source, "List the fields, of one source or all")
          ->type_name("[SOURCE]")
          ->expected(0, 1);
  app.add_flag("-N", options.names_only, "With --list: names only");
  flags.describe_all = app.add_flag("-L")->description("Describe all rules");
  flags.describe_one =
      app.add_option("-l", options.describe, "Describe one rule")->type_name("RULE");
  declare_falco_flags(app, options, raw, flags);
  flags.version = app.add_flag("--version")->description("Show the version");
  // For tests: the evaluator is otherwise chosen by what the machine allows.
  app.add_option("--evaluator", raw.evaluator)
      ->group("")
      ->check(CLI::IsMember({"native", "reference"}));
  // For tests: compares at every event what the kernel knows of its process with what falcod knows.
  app.add_flag("--check-facts", options.check_facts)->group("");
  return flags;
}

std::expected<void, Diagnostic> finish_recording(Options& options, const Raw& raw) {
  scap::RecorderOptions& recording = options.recording;
  if (!raw.rotate_size.empty()) {
    const auto size = parse_size(raw.rotate_size);
    if (!size || *size == 0) {
      return std::unexpected(usage(Code::OPTION_VALUE, "--rotate-size needs a size such as 500M"));
    }
    recording.rotate_bytes = *size;
  }
  recording.rotate_after = std::chrono::seconds{raw.rotate_after};
  const bool rotates = recording.rotate_bytes != 0 || raw.rotate_after != 0;
  if (rotates && recording.path.empty()) {
    return std::unexpected(usage(Code::OPTION_VALUE, "--rotate-size and --rotate-after need -w"));
  }
  if (recording.keep_files != 0 && !rotates) {
    return std::unexpected(
        usage(Code::OPTION_VALUE, "--rotate-keep needs --rotate-size or --rotate-after"));
  }
  if (!recording.path.empty() && !options.captures.empty()) {
    return std::unexpected(usage(Code::OPTION_VALUE, "-w records what is live, -e replays files"));
  }
  return {};
}

/// There is one event source, so that these can ask for it, or for nothing.
std::expected<void, Diagnostic> check_sources(const Options& options, const Raw& raw) {
  if (!raw.enabled_sources.empty() && !raw.disabled_sources.empty()) {
    return std::unexpected(
        usage(Code::OPTION_VALUE, "--enable-source and --disable-source do not go together"));
  }
  for (const auto& [flag, sources] : {std::pair{"--enable-source", &raw.enabled_sources},
                                      std::pair{"--disable-source", &raw.disabled_sources}}) {
    for (const std::string& source : *sources) {
      if (source == "syscall") continue;
      return std::unexpected(
          usage(Code::OPTION_VALUE,
                fmt::format("{} {}: the only event source is syscall", flag, source)));
    }
  }
  if (!raw.disabled_sources.empty() && options.captures.empty()) {
    return std::unexpected(
        usage(Code::OPTION_VALUE, "--disable-source syscall leaves no event source at all"));
  }
  return {};
}

std::expected<void, Diagnostic> finish_match_captures(Options& options, const Raw& raw) {
  scap::MatchCaptureOptions& captures = options.match_captures;
  captures.enabled = !raw.capture_prefix.empty();
  if (captures.enabled) captures.path_prefix = raw.capture_prefix;
  if (raw.capture_duration != 0) {
    captures.default_duration = std::chrono::milliseconds{raw.capture_duration};
  }
  captures.before = std::chrono::seconds{raw.capture_before};
  if (!raw.capture_size.empty()) {
    const auto size = parse_size(raw.capture_size);
    if (!size || *size == 0) {
      return std::unexpected(
          usage(Code::OPTION_VALUE, "--capture-max-size needs a size such as 100M"));
    }
    captures.max_file_bytes = *size;
  }
  const bool configured = captures.all_rules || raw.capture_duration != 0 ||
                          raw.capture_before != 0 || captures.max_file_bytes != 0;
  if (configured && !captures.enabled) {
    return std::unexpected(usage(Code::OPTION_VALUE, "--capture-… options need --capture PREFIX"));
  }
  if (captures.enabled && !options.captures.empty()) {
    return std::unexpected(
        usage(Code::OPTION_VALUE, "--capture records what is live, -e replays files"));
  }
  return {};
}

void take_tasks(Options& options, const Raw& raw, const Flags& flags) {
  const std::array<std::pair<const CLI::Option*, Task>, 10> tasks{{
      {flags.describe_all, Task::DESCRIBE_RULES},
      {flags.describe_one, Task::DESCRIBE_RULES},
      {flags.list, Task::LIST_FIELDS},
      {flags.list_events, Task::LIST_EVENTS},
      {flags.list_plugins, Task::LIST_PLUGINS},
      {flags.plugin_info, Task::PLUGIN_INFO},
      {flags.ignored_events, Task::IGNORED_EVENTS},
      {flags.page_size, Task::PAGE_SIZE},
      {flags.support, Task::SUPPORT},
      {flags.version, Task::VERSION},
  }};
  for (const auto& [flag, task] : tasks) {
    if (*flag) options.task = task;
  }
  if (!options.validate.empty()) {
    options.describe_validated = options.task == Task::DESCRIBE_RULES;
    options.task = Task::VALIDATE;
  }
  if (*flags.config_schema) options.task = Task::CONFIG_SCHEMA;
  if (*flags.config_check) options.task = Task::CONFIG_CHECK;
  if (raw.list_format == "json") options.list_format = ListFormat::JSON;
  if (raw.list_format == "markdown" || *flags.markdown) options.list_format = ListFormat::MARKDOWN;
}

std::expected<void, Diagnostic> finish(Options& options, const Raw& raw, const Flags& flags,
                                       falcoc::Diagnostics& diagnostics) {
  if (*flags.config_path) options.configuration.path = raw.config_path;
  options.rules_named = !options.rule_paths.empty();
  if (!raw.ring_size.empty()) {
    auto size = parse_ring_size(raw.ring_size);
    if (!size) return std::unexpected(std::move(size.error()));
    options.ring_bytes = *size;
  }
  if (raw.hooks == "tracepoint") options.hooks = HookMode::TRACEPOINT;
  if (raw.hooks == "fentry") options.hooks = HookMode::FENTRY;
  options.arguments_at_entry = raw.arguments != "exit";
  if (!options.print.empty()) {
    const bool no_effect = std::ranges::find(kNoPrint, options.print) != kNoPrint.end();
    diagnostics.add(Diagnostic::global(
        Code::PRINT_DEPRECATED,
        no_effect ? fmt::format("-p {} has no effect", options.print) : "-p is deprecated",
        no_effect ? "leave it out" : "use -o append_output[].extra_output=TEXT"));
    if (no_effect) options.print.clear();
  }
  if (*flags.run_for) options.run_for = std::chrono::seconds{raw.run_for};
  if (raw.statistics == "text") options.statistics = StatisticsFormat::TEXT;
  if (raw.statistics == "json") options.statistics = StatisticsFormat::JSON;
  if (raw.start == "complete") options.start = Start::COMPLETE;
  if (raw.evaluator == "native") options.evaluator = Evaluator::NATIVE;
  if (raw.evaluator == "reference") options.evaluator = Evaluator::REFERENCE;

  take_tasks(options, raw, flags);
  if (auto sources = check_sources(options, raw); !sources) return sources;
  if (options.names_only && options.task != Task::LIST_FIELDS) {
    return std::unexpected(usage(Code::OPTION_VALUE, "-N needs --list"));
  }
  if (options.wait_all && options.command.empty()) {
    return std::unexpected(usage(Code::OPTION_VALUE, "--wait-all needs a command after --"));
  }
  if (auto recording = finish_recording(options, raw); !recording) return recording;
  if (auto captures = finish_match_captures(options, raw); !captures) return captures;
  if (!options.captures.empty() && !options.command.empty()) {
    return std::unexpected(
        usage(Code::OPTION_VALUE, "-e replays files, a command after -- is live"));
  }
  if (!options.captures.empty() && options.run_for) {
    return std::unexpected(usage(Code::OPTION_VALUE, "-M ends a live run, -e ends with its files"));
  }
  if (!options.command.empty() && options.task != Task::RUN) {
    return std::unexpected(usage(Code::OPTION_VALUE, "a command after -- needs rules to run"));
  }
  return {};
}

}  // namespace

std::expected<Options, Diagnostic> parse_options(int argc, const char* const* argv,
                                                 falcoc::Diagnostics& diagnostics) {
  const std::span all(argv, static_cast<size_t>(argc));
  const auto separator = std::ranges::find(all, std::string_view{"--"},
                                           [](const char* text) { return std::string_view{text}; });
  Options options;
  if (separator != all.end()) {
    options.command.assign(separator + 1, all.end());
    if (options.command.empty()) {
      return std::unexpected(usage(Code::OPTION_VALUE, "no command after --"));
    }
  }

  Raw raw;
  CLI::App app{"Watches system calls and reports what matches Falco rules", "falcod"};
  const Flags flags = declare(app, options, raw);
  try {
    // CLI11 takes the arguments in reverse.
    std::vector<std::string> arguments(all.begin() + 1, separator);
    std::ranges::reverse(arguments);
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    options.task = Task::HELP;
    options.help = app.help();
    return options;
  } catch (const CLI::ExtrasError& error) {
    return std::unexpected(usage(Code::OPTION_UNKNOWN, error.what()));
  } catch (const CLI::Error& error) {
    return std::unexpected(usage(Code::OPTION_VALUE, error.what()));
  }
  if (auto done = finish(options, raw, flags, diagnostics); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return options;
}

}  // namespace falcod
