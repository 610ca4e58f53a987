// Time series and logs: InfluxDB's line protocol, OpenTelemetry's logs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "runtime/route/forms.h"

namespace falcod::route {

namespace {

using falcoc::Priority;
using nlohmann::json;

/// In InfluxDB's keys and tags commas, equals signs and blanks are escaped; line ends end the line.
std::string influx_word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ',' || c == '=' || c == ' ') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string influx_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string influx_line(const SinkAlert& alert, uint64_t divisor) {
  std::string line = fmt::format("events,rule={},priority={},source={}", influx_word(alert.rule),
                                 influx_word(alert.priority), influx_word(alert.source));
  const auto tag = [&](std::string_view key, const std::string& value) {
    // An empty tag is an error there.
    if (!value.empty()) line += fmt::format(",{}={}", influx_word(key), influx_word(value));
  };
  tag("hostname", alert.hostname);
  tag("tags", fmt::format("{}", fmt::join(alert.tags, "_")));
  for (const auto& [key, value] : alert.fields.items()) {
    if (!value.is_null()) tag(key, plain(value));
  }
  return line + fmt::format(" value={},uuid={} {}\n", influx_text(alert.output),
                            influx_text(alert.id), alert.time_ns / divisor);
}

/// SeverityNumber of the logs data model, which has four steps for each of its words.
int severity(Priority level) {
  constexpr int kNumbers[] = {24, 23, 21, 17, 13, 10, 9, 5};
  return kNumbers[static_cast<size_t>(level)];
}

json attribute(std::string_view key, const json& value) {
  json typed = {{"stringValue", plain(value)}};
  if (value.is_boolean()) typed = {{"boolValue", value}};
  if (value.is_number_integer()) typed = {{"intValue", value.dump()}};
  if (value.is_number_float()) typed = {{"doubleValue", value}};
  return {{"key", key}, {"value", std::move(typed)}};
}

json log_record(const SinkAlert& alert) {
  json attributes =
      json::array({attribute("uuid", alert.id), attribute("source", alert.source),
                   attribute("priority", alert.priority), attribute("rule", alert.rule),
                   attribute("hostname", alert.hostname),
                   attribute("tags", fmt::format("{}", fmt::join(alert.tags, ",")))});
  for (const auto& [key, value] : alert.fields.items()) {
    if (!value.is_null()) attributes.push_back(attribute(key, value));
  }
  return {{"timeUnixNano", std::to_string(alert.time_ns)},
          {"observedTimeUnixNano", std::to_string(alert.time_ns)},
          {"severityNumber", severity(alert.level)},
          {"severityText", alert.priority},
          {"body", {{"stringValue", alert.output}}},
          {"attributes", std::move(attributes)}};
}

}  // namespace

HttpRequest make_influxdb(const Settings& settings, std::span<const SinkAlert> alerts) {
  const std::string precision = settings.text("precision", "ns");
  const uint64_t divisor = precision == "s"    ? 1'000'000'000
                           : precision == "ms" ? 1'000'000
                           : precision == "us" ? 1'000
                                               : 1;
  const std::string host = settings.text("hostport");
  const std::string organization = settings.text("organization");
  HttpRequest request{.headers = {"Content-Type: text/plain; charset=utf-8"}};
  // The second version of its API has organizations and buckets, the first databases.
  request.url =
      organization.empty()
          ? joined_url(host, fmt::format("write?db={}&precision={}",
                                         settings.text("database", "falco"), precision))
          : joined_url(host, fmt::format("api/v2/write?org={}&bucket={}&precision={}", organization,
                                         settings.text("bucket", "falco"), precision));
  for (const SinkAlert& alert : alerts) request.body += influx_line(alert, divisor);
  if (const std::string token = settings.text("token"); !token.empty()) {
    request.headers.push_back("Authorization: Token " + token);
  } else {
    request.user = settings.text("user");
    request.password = settings.text("password");
  }
  return request;
}

/// How many alerts there were of each rule since the last request: sums of their own (delta).
HttpRequest make_otlp_metrics(const Settings& settings, std::span<const SinkAlert> alerts) {
  std::map<std::string, std::pair<json, uint64_t>> counts;
  uint64_t first = ~uint64_t{0};
  uint64_t last = 0;
  for (const SinkAlert& alert : alerts) {
    first = std::min(first, alert.time_ns);
    last = std::max(last, alert.time_ns);
    json attributes =
        json::array({attribute("source", alert.source), attribute("priority", alert.priority),
                     attribute("rule", alert.rule), attribute("hostname", alert.hostname),
                     attribute("tags", fmt::format("{}", fmt::join(alert.tags, ",")))});
    for (const std::string& name : settings.list("metrics.extraattributes")) {
      if (std::string value = alert.field(name); !value.empty()) {
        attributes.push_back(attribute(label_name(name), value));
      }
    }
    std::string key = attributes.dump(-1, ' ', false, json::error_handler_t::replace);
    ++counts.try_emplace(std::move(key), std::move(attributes), 0).first->second.second;
  }
  json points = json::array();
  for (auto& [key, point] : counts) {
    points.push_back({{"attributes", std::move(point.first)},
                      {"startTimeUnixNano", std::to_string(first)},
                      {"timeUnixNano", std::to_string(last)},
                      {"asInt", std::to_string(point.second)}});
  }
  constexpr int kDelta = 1;  // AGGREGATION_TEMPORALITY_DELTA
  const json metric = {{"name", "falcosecurity_falco_rules_matches_total"},
                       {"unit", "1"},
                       {"sum",
                        {{"dataPoints", std::move(points)},
                         {"aggregationTemporality", kDelta},
                         {"isMonotonic", true}}}};
  const json resource = {{"attributes", json::array({attribute("service.name", "falco")})}};
  HttpRequest request = post_json(
      settings.text("metrics.endpoint"),
      {{"resourceMetrics",
        json::array({{{"resource", resource},
                      {"scopeMetrics", json::array({{{"scope", {{"name", "falcod"}}},
                                                     {"metrics", json::array({metric})}}})}}})}});
  add_headers(request, settings.map("metrics.headers"));
  return request;
}

HttpRequest make_otlp_logs(const Settings& settings, std::span<const SinkAlert> alerts) {
  json records = json::array();
  for (const SinkAlert& alert : alerts) records.push_back(log_record(alert));
  const json resource = {{"attributes", json::array({attribute("service.name", "falco")})}};
  HttpRequest request = post_json(
      settings.text("logs.endpoint"),
      {{"resourceLogs",
        json::array({{{"resource", resource},
                      {"scopeLogs", json::array({{{"scope", {{"name", "falcod"}}},
                                                  {"logRecords", std::move(records)}}})}}})}});
  add_headers(request, settings.map("logs.headers"));
  return request;
}

}  // namespace falcod::route
