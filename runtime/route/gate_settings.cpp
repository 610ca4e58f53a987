// See gate_settings.h.
#include "runtime/route/gate_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "runtime/config/keys.h"

namespace falcod::route {

namespace {

using std::chrono::milliseconds;

/// What tells alerts of one rule apart unless somebody says otherwise.
constexpr std::string_view kDefaultGroup = "container.id";

std::expected<milliseconds, std::string> duration(const Settings& settings, std::string_view key) {
  milliseconds value{0};
  const std::string text = settings.text(key);
  if (!config::parse_duration(text, value) || value.count() <= 0) {
    return std::unexpected(fmt::format("{}: `{}` is no time, like 60s or 5m", key, text));
  }
  return value;
}

}  // namespace

std::expected<Gate, std::string> read_gate(const Settings& settings, std::string name) {
  Gate gate{.text = {.name = std::move(name), .when = settings.text("when"), .group = {}}};
  if (settings.has("deduplicate.window") || settings.has("deduplicate.by")) {
    const auto window = duration(settings, "deduplicate.window");
    if (!window) return std::unexpected(window.error());
    gate.options.window = *window;
    gate.text.group = settings.list("deduplicate.by");
    if (gate.text.group.empty()) gate.text.group.emplace_back(kDefaultGroup);
  }
  if (settings.has("ratelimit.alerts") || settings.has("ratelimit.per")) {
    const auto time = duration(settings, "ratelimit.per");
    if (!time) return std::unexpected(time.error());
    gate.options.limit_time = *time;
    gate.options.limit = settings.number("ratelimit.alerts", 0);
    if (gate.options.limit == 0) {
      return std::unexpected(fmt::format("ratelimit.alerts: `{}` is no number of alerts",
                                         settings.text("ratelimit.alerts")));
    }
  }
  return gate;
}

}  // namespace falcod::route
