// What falcod prints instead of running, beyond describe.h: events, plugins, a report for support,
// and the verdict on rule files (-V).
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/daemon/options.h"

namespace falcod {

/// The events of system calls and the others, with their parameters.
std::string list_events(ListFormat format);

/// Falco's words for "none", and why rules for built-in plugins load.
std::string list_plugins();
/// A built-in plugin; an error for every other name.
std::expected<std::string, falcoc::Diagnostic> plugin_info(const std::string& name);

/// JSON: version, engine, command line, configuration, rule files with their contents, system.
std::string support_report(const Options& options, int argc, const char* const* argv);

struct Validation {
  std::string text;  ///< `FILE: Ok` lines with findings, or JSON with falco_load_results
  bool valid = false;
};
/// Loads the files in order, as one rule set. With `describe` and JSON also the description.
Validation validate(const std::vector<std::string>& files, bool json, bool describe,
                    const falcoc::ir::StaticFields& static_fields = {});

/// The keys of Falco's `--version` in JSON and of its /versions page.
std::string versions_json();

}  // namespace falcod
