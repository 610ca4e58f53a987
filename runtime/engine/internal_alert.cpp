// See internal_alert.h.
#include "runtime/engine/internal_alert.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace falcod {

namespace {

nlohmann::json fields_of(const InternalAlert& alert) {
  if (alert.json_fields.empty()) return alert.fields;
  return nlohmann::json::parse(alert.json_fields, nullptr, false);
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::string internal_alert_line(const InternalAlert& alert, const AlertOptions& options,
                                const std::string& hostname) {
  const std::string_view priority = falcoc::priority_name(alert.priority);
  if (options.json) return internal_alert_json(alert, hostname);
  std::string fields;
  const nlohmann::json all = fields_of(alert);
  for (const auto& [key, value] : all.items()) {
    fields += fmt::format("{}{}={}", fields.empty() ? "" : " ", key, text_of(value));
  }
  return json_escaped(fmt::format(
      "{}: {} {} ({})",
      options.iso8601_time ? iso8601_time(alert.time_ns, "+0000") : local_time(alert.time_ns),
      priority, alert.message, fields));
}

std::string internal_alert_json(const InternalAlert& alert, const std::string& hostname) {
  const nlohmann::json line = {{"hostname", hostname},
                               {"priority", falcoc::priority_name(alert.priority)},
                               {"rule", alert.rule},
                               {"source", "internal"},
                               {"output", alert.message},
                               {"output_fields", fields_of(alert)},
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
