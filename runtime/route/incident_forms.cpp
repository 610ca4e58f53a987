// Alerts for programs that act on them: pagers, Alertmanager, webhooks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "runtime/engine/alert.h"
#include "runtime/route/forms.h"

namespace falcod::route {

namespace {

using falcoc::Priority;
using nlohmann::json;

/// Cut at a whole character.
std::string cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

json text_fields(const SinkAlert& alert) {
  json out = json::object();
  for (const auto& [key, value] : alert.fields.items()) out[key] = plain(value);
  return out;
}

/// "information", "warning", "critical"; `customseveritymap` goes first.
std::string severity(const Settings& settings, const SinkAlert& alert) {
  for (const auto& [priority, word] : settings.map("customseveritymap")) {
    const auto level = falcoc::parse_priority(priority);
    if (level && *level == alert.level) return word;
  }
  if (alert.level <= Priority::CRITICAL) return "critical";
  return alert.level <= Priority::WARNING ? "warning" : "information";
}

json alertmanager_alert(const Settings& settings, const SinkAlert& alert) {
  json labels = {{"source", "falco"},          {"rule", alert.rule},
                 {"alertname", alert.rule},    {"eventsource", alert.source},
                 {"priority", alert.priority}, {"severity", severity(settings, alert)}};
  if (!alert.hostname.empty()) labels["hostname"] = alert.hostname;
  if (!alert.tags.empty()) labels["tags"] = fmt::format("{}", fmt::join(alert.tags, ","));
  for (const auto& [key, value] : alert.fields.items()) {
    // What differs from alert to alert would make a group of each.
    if (key.starts_with("evt.time") || value.is_null()) continue;
    if (value.is_string() || value.is_number()) {
      const std::string name = label_name(key);
      if (!labels.contains(name)) labels[name] = plain(value);
    }
  }
  for (const auto& [key, value] : settings.map("extralabels")) labels[label_name(key)] = value;
  json annotations = {
      {"info", alert.output}, {"description", alert.output}, {"summary", alert.rule}};
  for (const auto& [key, value] : settings.map("extraannotations")) annotations[key] = value;
  json out = {{"startsAt", alert.time}, {"labels", labels}, {"annotations", annotations}};
  if (const uint64_t seconds = settings.number("expiresafter", 0); seconds != 0) {
    out["endsAt"] = iso8601_time(alert.time_ns + seconds * 1'000'000'000, "Z");
  }
  return out;
}

}  // namespace

HttpRequest make_pagerduty(const Settings& settings, std::span<const SinkAlert> alerts) {
  constexpr size_t kLongestSummary = 1024;  // PagerDuty refuses more
  const SinkAlert& alert = alerts[0];
  const bool eu = settings.text("region", "us") == "eu";
  const std::string host = settings.text(
      "endpoint", eu ? "https://events.eu.pagerduty.com" : "https://events.pagerduty.com");
  json details = alert.fields;
  details["hostname"] = alert.hostname;
  return post_json(joined_url(host, "v2/enqueue"),
                   {{"routing_key", settings.text("routingkey")},
                    {"event_action", "trigger"},
                    {"dedup_key", alert.id},
                    {"payload",
                     {{"summary", cut(alert.output, kLongestSummary)},
                      {"source", "falco"},
                      {"severity", "critical"},
                      {"timestamp", alert.time},
                      {"component", alert.source},
                      {"class", alert.rule},
                      {"custom_details", details}}}});
}

HttpRequest make_opsgenie(const Settings& settings, std::span<const SinkAlert> alerts) {
  constexpr size_t kLongestMessage = 130;  // Opsgenie refuses more
  const SinkAlert& alert = alerts[0];
  const bool eu = settings.text("region", "us") == "eu";
  const std::string host =
      settings.text("endpoint", eu ? "https://api.eu.opsgenie.com" : "https://api.opsgenie.com");
  json details = text_fields(alert);
  details["source"] = alert.source;
  details["rule"] = alert.rule;
  details["priority"] = alert.priority;
  if (!alert.hostname.empty()) details["hostname"] = alert.hostname;
  std::string_view priority = "P5";
  if (alert.level <= Priority::ALERT) {
    priority = "P1";
  } else if (alert.level == Priority::CRITICAL) {
    priority = "P2";
  } else if (alert.level == Priority::ERROR) {
    priority = "P3";
  } else if (alert.level == Priority::WARNING) {
    priority = "P4";
  }
  HttpRequest request =
      post_json(joined_url(host, "v2/alerts"), {{"message", cut(alert.output, kLongestMessage)},
                                                {"alias", alert.id},
                                                {"entity", "Falcosidekick"},
                                                {"description", alert.rule},
                                                {"details", details},
                                                {"priority", priority}});
  request.headers.push_back("Authorization: GenieKey " + settings.text("apikey"));
  return request;
}

HttpRequest make_alertmanager(const Settings& settings, std::span<const SinkAlert> alerts) {
  json all = json::array();
  for (const SinkAlert& alert : alerts) all.push_back(alertmanager_alert(settings, alert));
  HttpRequest request = post_json(
      joined_url(settings.list("hostport").front(), settings.text("endpoint", "/api/v2/alerts")),
      all);
  add_headers(request, settings.map("customheaders"));
  return request;
}

HttpRequest make_webhook(const Settings& settings, std::span<const SinkAlert> alerts) {
  HttpRequest request = post_json(settings.text("address"), alerts[0].json());
  if (const std::string method = settings.text("method"); method == "PUT" || method == "put") {
    request.method = "PUT";
  }
  add_headers(request, settings.map("customheaders"));
  return request;
}

HttpRequest make_talon(const Settings& settings, std::span<const SinkAlert> alerts) {
  return post_json(settings.text("address"), alerts[0].json());
}

}  // namespace falcod::route
