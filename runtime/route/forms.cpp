// See forms.h.
#include "runtime/route/forms.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

namespace falcod::route {

namespace {

constexpr std::string_view kChat = "channel footer icon username outputformat messageformat";

/// In one request, where the destination takes lists: large enough to keep up with a storm.
constexpr size_t kBatch = 500;

constexpr std::array kForms{
    Form{"slack", "webhookurl", kChat, make_slack},
    Form{"mattermost", "webhookurl", kChat, make_mattermost},
    Form{"rocketchat", "webhookurl", kChat, make_rocketchat},
    Form{"teams", "webhookurl", "activityimage outputformat", make_teams},
    Form{"discord", "webhookurl", "icon", make_discord},
    Form{"googlechat", "webhookurl", "outputformat messageformat", make_googlechat},
    Form{"telegram", "token chatid", "host messagethreadid", make_telegram},
    Form{"pagerduty", "routingkey", "region endpoint", make_pagerduty},
    Form{"opsgenie", "apikey", "region endpoint", make_opsgenie},
    Form{"webhook", "address", "method customheaders", make_webhook},
    Form{"talon", "address", "", make_talon},
    Form{"alertmanager", "hostport",
         "endpoint expiresafter extralabels extraannotations customseveritymap customheaders",
         make_alertmanager, kBatch, "dropeventthresholds dropeventdefaultpriority"},
    Form{"loki", "hostport", "user apikey tenant format endpoint extralabels customheaders",
         make_loki, kBatch, "", false, "", "", true},
    Form{"grafana", "hostport", "apikey dashboardid panelid allfieldsastags customheaders",
         make_grafana},
    Form{"datadog", "apikey", "host", make_datadog},
    Form{"datadoglogs", "apikey", "host service", make_datadoglogs, kBatch},
    Form{"influxdb", "hostport", "database organization bucket precision user password token",
         make_influxdb, kBatch},
    Form{"otlp", "logs.endpoint", "logs.headers logs.checkcert logs.minimumpriority",
         make_otlp_logs, kBatch,
         "logs.protocol logs.timeout logs.synced logs.extraenvvars logs.tls traces.endpoint", false,
         ".logs"},
    Form{"otlp", "metrics.endpoint",
         "metrics.headers metrics.checkcert metrics.minimumpriority metrics.extraattributes",
         make_otlp_metrics, kBatch,
         "metrics.protocol metrics.timeout metrics.extraenvvars metrics.tls", false, ".metrics"},
    Form{"aws", "s3.bucket",
         "region accesskeyid secretaccesskey s3.prefix s3.endpoint s3.objectcannedacl "
         "s3.minimumpriority",
         make_s3, 1,
         "rolearn externalid checkidentity lambda.functionname sqs.url sns.topicarn "
         "cloudwatchlogs.loggroup kinesis.streamname securitylake.bucket",
         false, ".s3", "region accesskeyid secretaccesskey"},
    Form{"splunk", "host", "token customheaders", make_splunk, kBatch},
    Form{"elasticsearch", "hostport",
         "index pipeline suffix username password apikey flattenfields customheaders "
         "batching.enabled",
         make_elasticsearch_bulk, kBatch,
         "type batching.batchsize batching.flushinterval createindextemplate numberofshards "
         "numberofreplicas enablecompression",
         true},
};

}  // namespace

std::span<const Form> forms() { return kForms; }

HttpRequest post_json(std::string url, const nlohmann::json& body) {
  return {.url = std::move(url),
          .headers = {"Content-Type: application/json; charset=utf-8"},
          .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

void add_headers(HttpRequest& request, const std::map<std::string, std::string>& headers) {
  for (const auto& [name, value] : headers) request.headers.push_back(name + ": " + value);
}

std::string joined_url(std::string_view host, std::string_view path) {
  while (host.ends_with('/')) host.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(host) + "/" + std::string(path);
}

std::string escaped_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        std::isalnum(byte) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

std::string label_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  if (!out.empty() && std::isdigit(static_cast<unsigned char>(out.front())) != 0)
    out.insert(0, "_");
  return out;
}

}  // namespace falcod::route
