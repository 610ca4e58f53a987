// The request of each destination, as its API documents it, taken by a server on loopback.
#include <doctest/doctest.h>

#include "tests/runtime/route/planned.h"

using namespace falcod;
using namespace falcod::route;

TEST_CASE(
    "which alerts a sink takes: condition, likeness and limit, for HTTP and other protocols") {
  const Planned planned(
      "webhook: {address: 'http://h/', when: 'alert.rule = a', deduplicate: {window: 1m}, "
      "ratelimit: {alerts: 30, per: 1h}}\n"
      "slack: {webhookurl: 'http://h/', deduplicate: {window: 90s, by: [proc.name, k8s.ns.name]}}\n"
      "syslog: {host: h, port: 514, when: container}");
  CAPTURE(planned.text());
  CHECK(planned.diagnostics.items().empty());
  const auto plan_of = [&](std::string_view name) {
    return *std::ranges::find(planned.routes.plans, name, &Plan::name);
  };
  const Gate webhook = plan_of("sinks.webhook").gate;
  CHECK(webhook.text.name == "sinks.webhook");
  CHECK(webhook.text.when == "alert.rule = a");
  CHECK(webhook.text.group == std::vector<std::string>{"container.id"});
  CHECK(webhook.options.window == std::chrono::minutes{1});
  CHECK(webhook.options.limit == 30);
  CHECK(webhook.options.limit_time == std::chrono::hours{1});
  const Gate slack = plan_of("sinks.slack").gate;
  CHECK(slack.text.group == std::vector<std::string>{"proc.name", "k8s.ns.name"});
  CHECK(slack.options.limit == 0);
  CHECK(plan_of("sinks.syslog").gate.text.when == "container");
  const auto texts = alert_routes(planned.routes);
  REQUIRE(texts.size() == 3);
  for (size_t i = 0; i < texts.size(); ++i) {
    CHECK(texts[i].name == planned.routes.plans[i].name);
    CHECK(planned.routes.plans[i].gate.options.route == i);
  }
}

TEST_CASE("sinks that take every alert ask rules for nothing") {
  const Planned planned("webhook: {address: 'http://h/', ratelimit: {alerts: 1, per: 1s}}");
  REQUIRE(planned.routes.plans.size() == 1);
  CHECK(alert_routes(planned.routes).empty());
  CHECK_FALSE(planned.routes.plans[0].gate.options.route.has_value());
}

TEST_CASE("which alerts a sink takes comes from the environment too, and what is wrong is said") {
  const Planned from_environment("webhook: {address: 'http://h/'}",
                                 {{"WEBHOOK_WHEN", "alert.rule = b"}});
  REQUIRE(from_environment.routes.plans.size() == 1);
  CHECK(from_environment.routes.plans[0].gate.text.when == "alert.rule = b");
  for (const char* wrong : {"deduplicate: {by: [proc.name]}", "deduplicate: {window: soon}",
                            "ratelimit: {alerts: 5}", "ratelimit: {alerts: many, per: 1m}",
                            "ratelimit: {per: 1m}", "deduplicate: {window: 0s}"}) {
    CAPTURE(wrong);
    const Planned planned(std::string("webhook: {address: 'http://h/', ") + wrong + "}");
    CHECK(planned.routes.plans.empty());
    REQUIRE(planned.diagnostics.items().size() == 1);
    CHECK(planned.diagnostics.items()[0].code == falcoc::Code::SINK_CONFIG);
  }
}

TEST_CASE("webhook: Falcosidekick's alert, its method and headers") {
  const Sent sent("webhook: {address: $URL/in, method: PUT, customheaders: {X-Key: secret}}");
  CHECK(sent.request().method == "PUT");
  CHECK(sent.request().path == "/in");
  CHECK(sent.request().header("X-Key") == "secret");
  CHECK(sent.request().header("Content-Type").starts_with("application/json"));
  const json body = sent.body();
  CHECK(body["uuid"] == "6f1c1a52-0000-4000-8000-000000000001");
  CHECK(body["rule"] == "Read a file");
  CHECK(body["priority"] == "Warning");
  CHECK(body["source"] == "syscall");
  CHECK(body["hostname"] == "node-1");
  CHECK(body["time"] == "2026-11-26T08:00:00.123456789Z");
  CHECK(body["output_fields"]["proc.pid"] == 7);
  CHECK(body["tags"] == json::array({"T1003", "file"}));
  CHECK_FALSE(body.contains("message"));
}

TEST_CASE("slack, mattermost, rocketchat: one attachment with colour, text and fields") {
  for (const char* section : {"slack", "mattermost", "rocketchat"}) {
    CAPTURE(section);
    const Sent sent(std::string(section) +
                    ": {webhookurl: $URL/hook, channel: '#sec', username: me, messageformat: "
                    "'{{ .Rule }} on {{ index .OutputFields \"k8s.ns.name\" }}'}");
    const json body = sent.body();
    CHECK(body["text"] == "Read a file on prod");
    CHECK(body["channel"] == "#sec");
    CHECK(body["username"] == "me");
    const json& attachment = body["attachments"][0];
    CHECK(attachment["color"] == "#ffc700");
    CHECK(attachment["text"] == "08:00:00.1: Warning read (file=/etc/shadow)");
    CHECK(attachment["fields"][0] ==
          json({{"title", "rule"}, {"value", "Read a file"}, {"short", true}}));
    CHECK(body.contains(std::string(section) == "rocketchat" ? "avatar" : "icon_url"));
  }
  CHECK_FALSE(Sent("slack: {webhookurl: $URL, outputformat: text}")
                  .body()["attachments"][0]
                  .contains("fields"));
  CHECK_FALSE(Sent("slack: {webhookurl: $URL, outputformat: fields}")
                  .body()["attachments"][0]
                  .contains("text"));
}

TEST_CASE("teams: a MessageCard") {
  const json body = Sent("teams: {webhookurl: $URL}").body();
  CHECK(body["@type"] == "MessageCard");
  CHECK(body["themeColor"] == "ffc700");
  CHECK(body["sections"][0]["facts"][0] == json({{"name", "rule"}, {"value", "Read a file"}}));
}

TEST_CASE("discord: an embed within Discord's bounds") {
  const json body = Sent("discord: {webhookurl: $URL}").body();
  const json& embed = body["embeds"][0];
  CHECK(embed["color"] == 0xffc700);
  CHECK(embed["fields"].size() <= 25);
  for (const json& field : embed["fields"]) CHECK(field["value"].get<std::string>().size() > 6);
}

TEST_CASE("googlechat: a card") {
  const json body =
      Sent("googlechat: {webhookurl: $URL, messageformat: 'x {{ .Priority }}'}").body();
  CHECK(body["text"] == "x Warning");
  CHECK(body["cards"][0]["sections"][0]["widgets"][1]["keyValue"]["content"] == "Read a file");
}

TEST_CASE("telegram: Markdown with everything escaped, to the bot's path") {
  const Sent sent("telegram: {host: $URL, token: 'a:b', chatid: '-5', messagethreadid: '9'}");
  CHECK(sent.request().path == "/bota:b/sendMessage");
  const json body = sent.body();
  CHECK(body["chat_id"] == "-5");
  CHECK(body["message_thread_id"] == "9");
  CHECK(body["parse_mode"] == "MarkdownV2");
  CHECK(body["text"].get<std::string>().find("\\(file\\=/etc/shadow\\)") != std::string::npos);
}

TEST_CASE("pagerduty: an event of version 2, its key the alert's id") {
  const Sent sent("pagerduty: {routingkey: k, endpoint: $URL}");
  CHECK(sent.request().path == "/v2/enqueue");
  const json body = sent.body();
  CHECK(body["routing_key"] == "k");
  CHECK(body["event_action"] == "trigger");
  CHECK(body["dedup_key"] == "6f1c1a52-0000-4000-8000-000000000001");
  CHECK(body["payload"]["severity"] == "critical");
  CHECK(body["payload"]["source"] == "falco");
  CHECK(body["payload"]["custom_details"]["fd.name"] == "/etc/shadow");
}

TEST_CASE("opsgenie: priority, key and short message") {
  const Sent sent("opsgenie: {apikey: k, endpoint: $URL}");
  CHECK(sent.request().path == "/v2/alerts");
  CHECK(sent.request().header("Authorization") == "GenieKey k");
  const json body = sent.body();
  CHECK(body["priority"] == "P4");
  CHECK(body["details"]["proc.pid"] == "7");
  CHECK(body["message"].get<std::string>().size() <= 130);
}

TEST_CASE("alertmanager: labels, annotations, severity; all alerts in one request") {
  const Sent sent(
      "alertmanager: {hostport: [$URL], extralabels: {team: a}, customseveritymap: {warning: "
      "page}, "
      "expiresafter: 60}",
      {alert(), alert(falcoc::Priority::CRITICAL)});
  CHECK(sent.request().path == "/api/v2/alerts");
  CHECK(sent.requests.size() == 1);
  const json body = sent.body();
  REQUIRE(body.size() == 2);
  const json& labels = body[0]["labels"];
  CHECK(labels["alertname"] == "Read a file");
  CHECK(labels["source"] == "falco");
  CHECK(labels["eventsource"] == "syscall");
  CHECK(labels["severity"] == "page");
  CHECK(labels["fd_name"] == "/etc/shadow");
  CHECK(labels["proc_pid"] == "7");
  CHECK(labels["team"] == "a");
  CHECK(labels["tags"] == "T1003,file");
  CHECK_FALSE(labels.contains("user_name"));
  CHECK(body[0]["annotations"]["summary"] == "Read a file");
  CHECK(body[0]["endsAt"] == "2026-11-26T08:01:00.123456789Z");
  CHECK(body[1]["labels"]["severity"] == "critical");
}

TEST_CASE("influxdb: lines of tags, with escapes; databases, or organizations and buckets") {
  const Sent sent("influxdb: {hostport: $URL, database: db, user: u, password: p, precision: ms}",
                  {alert(), alert()});
  CHECK(sent.request().path == "/write?db=db&precision=ms");
  const std::string& body = sent.request().body;
  CHECK(std::ranges::count(body, '\n') == 2);
  CHECK(body.starts_with(
      "events,rule=Read\\ a\\ file,priority=Warning,source=syscall,hostname=node-1,"
      "tags=T1003_file,"));
  CHECK(body.find(",fd.name=/etc/shadow,") != std::string::npos);
  CHECK(body.find("user.name") == std::string::npos);
  CHECK(body.find(" value=\"08:00:00.1: Warning read (file=/etc/shadow)\",uuid=\"6f1c1a52-") !=
        std::string::npos);
  CHECK(body.ends_with(" 1795680000123\n"));
  const Sent newer("influxdb: {hostport: $URL, organization: o, token: t}");
  CHECK(newer.request().path == "/api/v2/write?org=o&bucket=falco&precision=ns");
  CHECK(newer.request().header("Authorization") == "Token t");
}

TEST_CASE("otlp: log records with typed attributes") {
  const Sent sent("otlp: {logs: {endpoint: $URL/v1/logs, headers: {X-Key: k}}}",
                  {alert(), alert()});
  CHECK(sent.request().path == "/v1/logs");
  CHECK(sent.request().header("X-Key") == "k");
  const json body = json::parse(sent.request().body);
  const json& records = body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
  REQUIRE(records.size() == 2);
  CHECK(records[0]["severityNumber"] == 13);
  CHECK(records[0]["severityText"] == "Warning");
  CHECK(records[0]["timeUnixNano"] == "1795680000123456789");
  CHECK(records[0]["body"]["stringValue"] == "08:00:00.1: Warning read (file=/etc/shadow)");
  const json pid = {{"key", "proc.pid"}, {"value", {{"intValue", "7"}}}};
  CHECK(std::ranges::find(records[0]["attributes"], pid) != records[0]["attributes"].end());
}

TEST_CASE("loki: a stream for each alert, tenant and user") {
  const Sent sent("loki: {hostport: $URL, tenant: t, user: u, apikey: p, extralabels: fd.name}");
  CHECK(sent.request().path == "/loki/api/v1/push");
  CHECK(sent.request().header("X-Scope-OrgID") == "t");
  CHECK(sent.request().header("Authorization") == "Basic dTpw");
  const json stream = sent.body()["streams"][0];
  CHECK(stream["stream"]["priority"] == "Warning");
  CHECK(stream["stream"]["k8s_ns_name"] == "prod");
  CHECK(stream["stream"]["fd_name"] == "/etc/shadow");
  CHECK(stream["values"][0][0] == "1795680000123456789");
}

TEST_CASE("grafana: an annotation") {
  const Sent sent("grafana: {hostport: $URL, apikey: k, dashboardid: 4, allfieldsastags: true}");
  CHECK(sent.request().path == "/api/annotations");
  CHECK(sent.request().header("Authorization") == "Bearer k");
  CHECK(sent.body()["time"] == 1'795'680'000'123);
  CHECK(sent.body()["dashboardId"] == 4);
  CHECK(sent.body()["tags"].dump().find("/etc/shadow") != std::string::npos);
}

TEST_CASE("datadog: events and logs, the key in a header") {
  const Sent events("datadog: {host: $URL, apikey: k}");
  CHECK(events.request().path == "/api/v1/events");
  CHECK(events.request().header("DD-API-KEY") == "k");
  CHECK(events.body()["alert_type"] == "warning");
  const Sent logs("datadoglogs: {host: $URL, apikey: k, service: s}", {alert(), alert()});
  CHECK(logs.request().path == "/api/v2/logs");
  CHECK(logs.body().size() == 2);
  CHECK(logs.body()[0]["service"] == "s");
}

TEST_CASE("splunk: events of the collector, one behind the other") {
  const Sent sent("splunk: {host: $URL/services/collector/event, token: t}", {alert(), alert()});
  CHECK(sent.request().header("Authorization") == "Splunk t");
  const std::string& body = sent.request().body;
  CHECK(json::parse(body.substr(0, body.size() / 2))["event"]["rule"] == "Read a file");
}

TEST_CASE("elasticsearch: documents by id in the index of their day; bulk where it is enabled") {
  const Sent one("elasticsearch: {hostport: $URL, username: u, password: p, flattenfields: true}",
                 {alert(), alert()}, {.body = R"({"errors":false,"items":[]})"});
  CHECK(one.requests.size() == 2);
  CHECK(one.request().path == "/_bulk");
  CHECK(one.request().header("Content-Type") == "application/x-ndjson");
  CHECK(one.request().header("Authorization") == "Basic dTpw");
  const std::string& body = one.request().body;
  const json action = json::parse(body.substr(0, body.find('\n')));
  CHECK(action["create"]["_index"] == "falco-2026.11.26");
  CHECK(action["create"]["_id"] == "6f1c1a52-0000-4000-8000-000000000001");
  const json document = json::parse(body.substr(body.find('\n') + 1));
  CHECK(document["@timestamp"] == "2026-11-26T08:00:00.123456789Z");
  CHECK(document["output_fields"]["fd_name"] == "/etc/shadow");
  const Sent bulk(
      "elasticsearch: {hostport: $URL, batching: {enabled: true}, suffix: monthly, apikey: k}",
      {alert(), alert()}, {.body = R"({"errors":false,"items":[]})"});
  CHECK(bulk.requests.size() == 1);
  CHECK(bulk.request().header("Authorization") == "APIKey k");
  CHECK(bulk.request().body.find("falco-2026.11\"") != std::string::npos);
}

TEST_CASE(
    "elasticsearch: each alert of a bulk is judged by itself; what is there already is done") {
  const auto sent = [](const char* items) {
    return Sent("elasticsearch: {hostport: $URL, batching: {enabled: true}}",
                {alert(), alert(), alert()},
                {.body = std::string(R"({"errors":true,"items":[)") + items + "]}"})
        .result;
  };
  const WriteResult there =
      sent(R"({"create":{"status":201}},{"create":{"status":409}},{"create":{"status":201}})");
  CHECK(there.written == 3);
  const WriteResult later =
      sent(R"({"create":{"status":201}},{"create":{"status":429}},{"create":{"status":201}})");
  CHECK(later.written == 1);
  CHECK(later.status == WriteResult::Status::RETRY);
  const WriteResult refused =
      sent(R"({"create":{"status":400}},{"create":{"status":201}},{"create":{"status":201}})");
  CHECK(refused.written == 0);
  CHECK(refused.status == WriteResult::Status::REFUSED);
}

TEST_CASE("a batch that is refused is sent alert by alert, so that only the bad one is given up") {
  const Sent sent("loki: {hostport: $URL}", {alert(), alert(), alert()}, {.status = 400});
  CHECK(sent.requests.size() == 2);  // all, then the first
  CHECK(sent.result.status == WriteResult::Status::REFUSED);
  CHECK(sent.result.written == 0);
}

TEST_CASE("fields, tags and layout that all sinks share") {
  const json body = Sent(R"(
webhook: {address: $URL}
customfields: {env: prod, none: "%NOT_SET"}
templatedfields: {file: 'f={{ index . "fd.name" }}'}
customtags: [zz, aa]
bracketreplacer: _
outputfieldformat: "<priority>|<output>|<custom_fields>|<templated_fields>|<tags>"
)")
                        .body();
  CHECK(body["output_fields"]["env"] == "prod");
  CHECK(body["output_fields"]["file"] == "f=/etc/shadow");
  CHECK(body["output_fields"]["proc.aname_2"] == "bash");
  CHECK_FALSE(body["output_fields"].contains("proc.aname[2]"));
  CHECK(body["tags"] == json::array({"T1003", "aa", "file", "zz"}));
  CHECK(body["output"] ==
        "Warning|08:00:00.1: Warning read (file=/etc/shadow)|env=prod none=|file=f=/etc/shadow|"
        "T1003,aa,file,zz");
}

TEST_CASE("minimumpriority keeps less severe alerts away") {
  const Planned planned("webhook: {address: http://a, minimumpriority: error}");
  REQUIRE(planned.routes.plans.size() == 1);
  AlertGate gate(planned.routes.plans[0].gate.options);
  const auto passes = [&](falcoc::Priority priority) {
    return gate.ask(alert(priority), {}) == AlertGate::Verdict::PASSES;
  };
  CHECK(passes(falcoc::Priority::ERROR));
  CHECK(passes(falcoc::Priority::EMERGENCY));
  CHECK_FALSE(passes(falcoc::Priority::WARNING));
}

TEST_CASE("environment variables: Falcosidekick's names, which go before the file") {
  const Planned planned("webhook: {address: http://file}\nloki: {}",
                        {{"WEBHOOK_ADDRESS", "http://environment"},
                         {"WEBHOOK_CUSTOMHEADERS", "A:1,B:2"},
                         {"SLACK_WEBHOOKURL", "http://slack"},
                         {"ELASTICSEARCH_HOSTPORT", "http://es"},
                         {"ELASTICSEARCH_BATCHING_ENABLED", "true"}});
  CHECK(planned.routes.plans.size() == 3);
  for (const Plan& each : planned.routes.plans) {
    if (each.name == "sinks.webhook") {
      CHECK(each.settings.text("address") == "http://environment");
      CHECK(each.settings.map("customheaders") ==
            std::map<std::string, std::string>{{"A", "1"}, {"B", "2"}});
    }
    if (each.name == "sinks.elasticsearch") CHECK(each.most > 1);
  }
}

TEST_CASE("several Alertmanagers get every alert") {
  const Planned planned("alertmanager: {hostport: [http://a, http://b]}");
  REQUIRE(planned.routes.plans.size() == 2);
  CHECK(planned.routes.plans[0].name == "sinks.alertmanager.2");
  CHECK(planned.routes.plans[1].settings.list("hostport") == std::vector<std::string>{"http://a"});
}

TEST_CASE("what cannot be configured so is said, with its place") {
  struct Case {
    const char* yaml;
    falcoc::Code code;
    const char* text;
  };
  using falcoc::Code;
  for (const auto& [yaml, code, text] : {
           Case{"telegram: {token: x}", Code::SINK_CONFIG, "sinks.telegram has no chatid"},
           Case{"webhook: {address: x, minimumpriority: loud}", Code::SINK_CONFIG, "no priority"},
           Case{"slack: {webhookurl: x, messageformat: '{{ if .Rule }}'}", Code::SINK_CONFIG,
                "`{{ end }}` is missing"},
           Case{"templatedfields: {a: '{{ range . }}'}", Code::SINK_CONFIG, "templatedfields.a"},
           Case{"spool: {max_bytes: 5}", Code::SINK_CONFIG, "no directory"},
           Case{"slack: {webhookrul: x}", Code::CONFIG_KEY_UNKNOWN, "did you mean webhookurl?"},
           Case{"slak: {webhookurl: x}", Code::CONFIG_KEY_UNKNOWN, "did you mean slack?"},
           Case{"cliq: {webhookurl: x}", Code::CONFIG_KEY_UNSUPPORTED, "sinks.cliq is not done"},
           Case{"otlp: {traces: {endpoint: x}}", Code::CONFIG_KEY_UNSUPPORTED,
                "sinks.otlp.traces.endpoint is not done"},
           Case{"syslog: {host: x, protocol: sctp}", Code::SINK_CONFIG, "none of tcp, udp and tls"},
           Case{"smtp: {hostport: 'x:y', from: a, to: b}", Code::SINK_CONFIG, "is no host:port"},
           Case{"elasticsearch: {hostport: x, createindextemplate: true}",
                Code::CONFIG_KEY_UNSUPPORTED, "createindextemplate"},
           Case{"listenport: 2801", Code::CONFIG_KEY_INERT, "listenport"},
       }) {
    CAPTURE(yaml);
    const Planned planned(yaml);
    CAPTURE(planned.text());
    REQUIRE(planned.diagnostics.items().size() == 1);
    CHECK(planned.diagnostics.items()[0].code == code);
    CHECK(planned.text().find(text) != std::string::npos);
  }
}
