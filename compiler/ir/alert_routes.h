// Where alerts may go: conditions of the daemon's sinks, in the rule language, on what a rule
// reports. Beside the fields of the event they know the alert's own: alert.rule, alert.priority (a
// name, or 0 for emergency to 7 for debug), alert.source, alert.tags. Works on finished programs,
// so that bundles get them as rule files do.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/ir/static_fields.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::ir {

struct AlertRouteText {
  std::string name;                  ///< what messages call it: "sinks.slack"
  std::string when{};                ///< a condition; empty: every alert
  std::vector<std::string> group{};  ///< fields: alerts of a rule with equal values are alike
};

/// Sets Program::routes and Rule::routes. What does not compile goes to `diagnostics`, with
/// `sources` holding the texts, and counts as empty.
Program add_alert_routes(Program program, std::span<const AlertRouteText> routes,
                         const StaticFields& static_fields, SourceMap& sources,
                         Diagnostics& diagnostics);

}  // namespace falcoc::ir
