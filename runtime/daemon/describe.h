// What falcod prints instead of running: fields (--list), rules (-L, -l), version.
#pragma once

#include <expected>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/daemon/load.h"
#include "runtime/daemon/options.h"

namespace falcod {

/// Fields by class, with type and description; hidden ones are left out. `source` is an event
/// source or empty for all. Those of the configuration come last.
std::expected<std::string, falcoc::Diagnostic> list_fields(const std::string& source,
                                                           bool names_only,
                                                           ListFormat format = ListFormat::TEXT,
                                                           const falcoc::ir::StaticFields& = {});

/// The rule of this name, or all if `name` is empty: text, or Falco's description (RULE-LANGUAGE
/// 7.6) in JSON, without what a bundle does not hold.
std::expected<std::string, falcoc::Diagnostic> describe_rules(const LoadedRules& rules,
                                                              const std::string& name, bool json);

std::string version_text(bool json);

}  // namespace falcod
