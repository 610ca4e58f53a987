// How each HTTP destination wants its alerts: one function from alerts to a request, and one row in
// the table. Who adds a destination adds these two.
#pragma once

#include <span>
#include <string_view>

#include "runtime/output/http_client.h"
#include "runtime/route/alert.h"

namespace falcod::route {

struct Form {
  std::string_view section;   ///< of `sinks`, as Falcosidekick calls it
  std::string_view required;  ///< keys that switch it on, blanks between
  std::string_view keys;      ///< the others but the common ones
  /// The request for these alerts: one, unless `most` is more.
  HttpRequest (*make)(const Settings& settings, std::span<const SinkAlert> alerts);
  size_t most = 1;  ///< alerts that fit in one request
  /// Keys of Falcosidekick's that change nothing here; told of where they are set.
  std::string_view not_done{};
  /// Whether it answers for each alert by itself, in the body (Elasticsearch's bulk).
  bool answers_each = false;
  /// Of several destinations in one section: what tells this one, `.metrics`; its own keys
  /// `checkcert` and `minimumpriority` are behind that. Empty for the first.
  std::string_view part{};
  /// Keys that it cannot do without once it is switched on.
  std::string_view needed{};
  /// It wants alerts in the order of their times: one request after the other.
  bool in_order = false;
};

std::span<const Form> forms();
/// Keys of every section: `checkcert`, `minimumpriority` …
inline constexpr std::string_view kCommonKeys =
    "checkcert mutualtls maxconcurrentrequests minimumpriority";
/// Falcosidekick's sections that falcod has no form for, or no library.
inline constexpr std::string_view kOtherSections =
    "cliq webex quickwit sumologic nats stan aws smtp statsd dogstatsd cloudevents azure "
    "gcp kafka kafkarest kubeless openfaas tekton webui policyreport rabbitmq wavefront fission "
    "grafanaoncall yandex syslog nodered mqtt zincsearch gotify spyderbat timescaledb redis n8n "
    "openobserve dynatrace logstash prometheus";

// chat_forms.cpp
HttpRequest make_slack(const Settings&, std::span<const SinkAlert>);
HttpRequest make_mattermost(const Settings&, std::span<const SinkAlert>);
HttpRequest make_rocketchat(const Settings&, std::span<const SinkAlert>);
HttpRequest make_teams(const Settings&, std::span<const SinkAlert>);
HttpRequest make_discord(const Settings&, std::span<const SinkAlert>);
HttpRequest make_googlechat(const Settings&, std::span<const SinkAlert>);
HttpRequest make_telegram(const Settings&, std::span<const SinkAlert>);
// incident_forms.cpp
HttpRequest make_pagerduty(const Settings&, std::span<const SinkAlert>);
HttpRequest make_opsgenie(const Settings&, std::span<const SinkAlert>);
HttpRequest make_alertmanager(const Settings&, std::span<const SinkAlert>);
HttpRequest make_webhook(const Settings&, std::span<const SinkAlert>);
HttpRequest make_talon(const Settings&, std::span<const SinkAlert>);
// store_forms.cpp
HttpRequest make_elasticsearch_bulk(const Settings&, std::span<const SinkAlert>);
HttpRequest make_loki(const Settings&, std::span<const SinkAlert>);
HttpRequest make_grafana(const Settings&, std::span<const SinkAlert>);
HttpRequest make_datadog(const Settings&, std::span<const SinkAlert>);
HttpRequest make_datadoglogs(const Settings&, std::span<const SinkAlert>);
HttpRequest make_splunk(const Settings&, std::span<const SinkAlert>);
// telemetry_forms.cpp
HttpRequest make_influxdb(const Settings&, std::span<const SinkAlert>);
HttpRequest make_otlp_logs(const Settings&, std::span<const SinkAlert>);
HttpRequest make_otlp_metrics(const Settings&, std::span<const SinkAlert>);
// object_forms.cpp
HttpRequest make_s3(const Settings&, std::span<const SinkAlert>);

/// A POST of JSON.
HttpRequest post_json(std::string url, const nlohmann::json& body);
void add_headers(HttpRequest& request, const std::map<std::string, std::string>& headers);
/// `text` without what can follow a host: "http://host/" and "/path" give "http://host/path".
/// A path of a URL; slashes stay.
std::string escaped_path(std::string_view path);
std::string joined_url(std::string_view host, std::string_view path);
/// Letters, digits and underscores; other characters become underscores.
std::string label_name(std::string_view text);

}  // namespace falcod::route
