// From `sinks` of falco.yaml, and Falcosidekick's environment variables, to sinks.
#pragma once

#include <memory>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "runtime/config/config.h"
#include "runtime/route/http_route_sink.h"

namespace falcod::route {

/// Where what is not delivered yet is kept; an empty directory: in memory alone.
struct SpoolOptions {
  std::string directory{};
  uint64_t max_bytes = uint64_t{256} << 20;  ///< for each sink
};

struct Routes {
  std::vector<Plan> plans{};
  std::shared_ptr<const AlertShape> shape{};
  SpoolOptions spool{};
  std::string identity{};  ///< of what all sinks have in common
};

/// Differs if the sink of the plan would be another in anything but its place among routes.
std::string identity(const Plan& plan, const Routes& routes);

/// What rules are to say of their alerts, parallel to the plans; empty if no plan asks.
std::vector<falcoc::ir::AlertRouteText> alert_routes(const Routes& routes);

/// The sink of a plan, which plan() has found to be possible.
std::unique_ptr<Sink> make_sink(const Plan& plan, std::shared_ptr<const AlertShape> shape);

/// Nothing is planned where `sinks` is not configured, whatever the environment holds.
Routes plan(const config::Node& sinks, const config::Environment& environment,
            falcoc::Diagnostics& diagnostics);

}  // namespace falcod::route
