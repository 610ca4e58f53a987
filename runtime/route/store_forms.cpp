// Alerts for stores: Elasticsearch, Loki, Grafana, Datadog, Splunk.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ctime>

#include "runtime/route/forms.h"

namespace falcod::route {

namespace {

using falcoc::Priority;
using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `falco-2026.11.26`: the index of an alert, by `suffix`.
std::string index_name(const Settings& settings, const SinkAlert& alert) {
  const auto seconds = static_cast<std::time_t>(alert.time_ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  const std::string index = settings.text("index", "falco");
  const std::string suffix = settings.text("suffix", "daily");
  if (suffix == "none") return index;
  if (suffix == "annually") return fmt::format("{}-{:04}", index, parts.tm_year + 1900);
  if (suffix == "monthly") {
    return fmt::format("{}-{:04}.{:02}", index, parts.tm_year + 1900, parts.tm_mon + 1);
  }
  return fmt::format("{}-{:04}.{:02}.{:02}", index, parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday);
}

json document(const Settings& settings, const SinkAlert& alert) {
  json out = alert.json();
  out["@timestamp"] = alert.time;
  if (settings.flag("flattenfields", false)) {
    json flat = json::object();
    for (const auto& [key, value] : alert.fields.items()) flat[label_name(key)] = value;
    out["output_fields"] = flat;
  }
  return out;
}

std::string datadog_tags(const SinkAlert& alert) {
  std::string out =
      fmt::format("rule:{},priority:{},source:{}", alert.rule, alert.priority, alert.source);
  for (const std::string& tag : alert.tags) out += "," + tag;
  return out;
}

}  // namespace

/// One bulk request, also of one alert. The alert's id is the document's, so that what is sent
/// twice is stored once.
HttpRequest make_elasticsearch_bulk(const Settings& settings, std::span<const SinkAlert> alerts) {
  HttpRequest request{.url = joined_url(settings.text("hostport"), "_bulk"),
                      .headers = {"Content-Type: application/x-ndjson"}};
  if (const std::string pipeline = settings.text("pipeline"); !pipeline.empty()) {
    request.url += "?pipeline=" + pipeline;
  }
  for (const SinkAlert& alert : alerts) {
    request.body +=
        dump({{"create", {{"_index", index_name(settings, alert)}, {"_id", alert.id}}}}) + '\n';
    request.body += dump(document(settings, alert)) + '\n';
  }
  if (const std::string key = settings.text("apikey"); !key.empty()) {
    request.headers.push_back("Authorization: APIKey " + key);
  } else {
    request.user = settings.text("username");
    request.password = settings.text("password");
  }
  add_headers(request, settings.map("customheaders"));
  return request;
}

HttpRequest make_loki(const Settings& settings, std::span<const SinkAlert> alerts) {
  json streams = json::array();
  const bool whole = settings.text("format", "text") == "json";
  for (const SinkAlert& alert : alerts) {
    json labels = {{"rule", alert.rule}, {"source", alert.source}, {"priority", alert.priority}};
    for (const char* name : {"k8s.ns.name", "k8s.pod.name"}) {
      if (const std::string value = alert.field(name); !value.empty()) {
        labels[label_name(name)] = value;
      }
    }
    if (!alert.hostname.empty()) labels["hostname"] = alert.hostname;
    if (!alert.tags.empty()) labels["tags"] = fmt::format("{}", fmt::join(alert.tags, ","));
    for (const std::string& name : settings.list("extralabels")) {
      if (const std::string value = alert.field(name); !value.empty()) {
        labels[label_name(name)] = value;
      }
    }
    streams.push_back(
        {{"stream", labels},
         {"values", json::array({json::array({std::to_string(alert.time_ns),
                                              whole ? dump(alert.json()) : alert.output})})}});
  }
  HttpRequest request = post_json(
      joined_url(settings.text("hostport"), settings.text("endpoint", "/loki/api/v1/push")),
      {{"streams", streams}});
  if (const std::string tenant = settings.text("tenant"); !tenant.empty()) {
    request.headers.push_back("X-Scope-OrgID: " + tenant);
  }
  request.user = settings.text("user");
  request.password = settings.text("apikey");
  add_headers(request, settings.map("customheaders"));
  return request;
}

HttpRequest make_grafana(const Settings& settings, std::span<const SinkAlert> alerts) {
  const SinkAlert& alert = alerts[0];
  json tags = json::array({"falco", alert.priority, alert.rule, alert.source});
  if (!alert.hostname.empty()) tags.push_back(alert.hostname);
  for (const std::string& tag : alert.tags) tags.push_back(tag);
  if (settings.flag("allfieldsastags", false)) {
    for (const auto& value : alert.fields) {
      if (value.is_string()) tags.push_back(value);
    }
  }
  const uint64_t ms = alert.time_ns / 1'000'000;
  json body = {{"text", alert.output}, {"time", ms}, {"timeEnd", ms}, {"tags", tags}};
  if (const uint64_t id = settings.number("dashboardid", 0); id != 0) body["dashboardId"] = id;
  if (const uint64_t id = settings.number("panelid", 0); id != 0) body["panelId"] = id;
  HttpRequest request = post_json(joined_url(settings.text("hostport"), "api/annotations"), body);
  if (const std::string key = settings.text("apikey"); !key.empty()) {
    request.headers.push_back("Authorization: Bearer " + key);
  }
  add_headers(request, settings.map("customheaders"));
  return request;
}

HttpRequest make_datadog(const Settings& settings, std::span<const SinkAlert> alerts) {
  const SinkAlert& alert = alerts[0];
  json tags = json::array();
  for (const auto& [key, value] : alert.fields.items()) {
    if (value.is_string()) tags.push_back(key + ":" + plain(value));
  }
  tags.push_back("source:" + alert.source);
  if (!alert.hostname.empty()) tags.push_back("hostname:" + alert.hostname);
  for (const std::string& tag : alert.tags) tags.push_back(tag);
  std::string_view type = "info";
  if (alert.level <= Priority::ERROR) {
    type = "error";
  } else if (alert.level == Priority::WARNING) {
    type = "warning";
  }
  HttpRequest request =
      post_json(joined_url(settings.text("host", "https://api.datadoghq.com"), "api/v1/events"),
                {{"title", alert.rule},
                 {"text", alert.output},
                 {"alert_type", type},
                 {"source_type_name", "falco"},
                 {"date_happened", alert.time_ns / 1'000'000'000},
                 {"host", alert.hostname},
                 {"tags", tags}});
  request.headers.push_back("DD-API-KEY: " + settings.text("apikey"));
  return request;
}

HttpRequest make_datadoglogs(const Settings& settings, std::span<const SinkAlert> alerts) {
  json all = json::array();
  for (const SinkAlert& alert : alerts) {
    json entry = alert.json();
    entry["message"] = alert.output;
    entry["ddsource"] = "falco";
    entry["ddtags"] = datadog_tags(alert);
    entry["service"] = settings.text("service", "falco");
    all.push_back(std::move(entry));
  }
  HttpRequest request = post_json(
      joined_url(settings.text("host", "https://http-intake.logs.datadoghq.com"), "api/v2/logs"),
      all);
  request.headers.push_back("DD-API-KEY: " + settings.text("apikey"));
  return request;
}

/// The collector takes events one behind the other.
HttpRequest make_splunk(const Settings& settings, std::span<const SinkAlert> alerts) {
  HttpRequest request{.url = settings.text("host"), .headers = {"Content-Type: application/json"}};
  for (const SinkAlert& alert : alerts) {
    request.body += dump({{"time", static_cast<double>(alert.time_ns / 1'000'000) / 1000},
                          {"host", alert.hostname},
                          {"source", "falco"},
                          {"sourcetype", "_json"},
                          {"event", alert.json()}});
  }
  if (const std::string token = settings.text("token"); !token.empty()) {
    request.headers.push_back("Authorization: Splunk " + token);
  }
  add_headers(request, settings.map("customheaders"));
  return request;
}

}  // namespace falcod::route
