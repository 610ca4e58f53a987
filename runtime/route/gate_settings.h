// Which alerts a sink of `sinks` takes, beyond Falcosidekick's minimumpriority:
//   when: alert.priority in (critical, error) and k8s.ns.name = prod
//   deduplicate: {window: 60s, by: [container.id]}
//   ratelimit: {alerts: 30, per: 1m}
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "compiler/ir/alert_routes.h"
#include "runtime/output/alert_gate.h"
#include "runtime/route/settings.h"

namespace falcod::route {

inline constexpr std::string_view kGateKeys =
    "when deduplicate.window deduplicate.by ratelimit.alerts ratelimit.per";

struct Gate {
  falcoc::ir::AlertRouteText text{};
  GateOptions options{};
};

/// `name` is the sink's. The error says which key is wrong.
std::expected<Gate, std::string> read_gate(const Settings& settings, std::string name);

}  // namespace falcod::route
