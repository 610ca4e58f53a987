// See internal_alert.h.
#include "runtime/engine/internal_alert.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace falcod {

std::string internal_alert_line(const InternalAlert& alert, const AlertOptions& options,
                                const std::string& hostname) {
  const std::string_view priority = falcoc::priority_name(alert.priority);
  if (!options.json) {
    std::string fields;
    for (const auto& [key, value] : alert.fields) {
      fields += fmt::format("{}{}={}", fields.empty() ? "" : " ", key, value);
    }
    return json_escaped(fmt::format(
        "{}: {} {} ({})",
        options.iso8601_time ? iso8601_time(alert.time_ns, "+0000") : local_time(alert.time_ns),
        priority, alert.message, fields));
  }
  nlohmann::json line = {{"hostname", hostname},
                         {"priority", priority},
                         {"rule", alert.rule},
                         {"source", "internal"},
                         {"output", alert.message},
                         {"output_fields", alert.fields},
                         {"time", iso8601_time(alert.time_ns, "Z")}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string alert_hostname() {
  if (const char* name = std::getenv("FALCO_HOSTNAME"); name != nullptr && *name != '\0') {
    return name;
  }
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace falcod
