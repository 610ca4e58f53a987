// Rules from what -r names: rule files, directories of them, or one bundle, told apart by content.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/alert_routes.h"
#include "compiler/ir/output_additions.h"
#include "compiler/rules/ruleset.h"
#include "compiler/source/diagnostic.h"
#include "runtime/config/config.h"

namespace falcod {

/// Where the standard rules are installed: next to the program, or at the prefix it was built for.
/// Nothing if they are in neither place.
std::optional<std::string> standard_rules();

struct LoadedRules {
  falcoc::ir::Program program;
  /// What the rule files say; a bundle does not hold it.
  std::optional<falcoc::rules::RuleSet> written;
};

/// What a configuration makes of rules; lists are borrowed for the time of loading.
struct RuleSettings {
  std::span<const falcoc::ir::OutputAddition> additions{};
  std::span<const RuleSelection> selections{};
  std::span<const falcoc::ir::AlertRouteText> routes{};
  falcoc::ir::StaticFields static_fields{};
};

/// Reads and compiles, adds to the outputs, finds out which alerts go where, and enables and
/// disables in the order of `selections`. Nothing if `diagnostics` has an error afterwards.
std::optional<LoadedRules> load_rules(const std::vector<std::string>& paths,
                                      const RuleSettings& settings, falcoc::SourceMap& sources,
                                      falcoc::Diagnostics& diagnostics);

/// The files that these paths stand for.
std::vector<std::string> rule_files(const std::vector<std::string>& paths);

/// What the files behind these paths hold, as a short text: it differs if anything that
/// load_rules() would read does. Standard input is left alone.
std::string rules_fingerprint(const std::vector<std::string>& paths);

}  // namespace falcod
