// Every HTTP destination against servers that are as bad as servers get: what is lost for now is
// tried again, what is refused is given up, and a server that says when is believed.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "runtime/observe/web_server.h"
#include "tests/runtime/route/planned.h"

using namespace falcod;
using namespace falcod::route;
using Status = WriteResult::Status;
using test::HttpAnswer;

namespace {

/// Of each form, by section and part, what sends its alerts to $URL. One that is missing here
/// fails.
const std::map<std::string, std::string> kSettings{
    {"slack", "slack: {webhookurl: $URL}"},
    {"mattermost", "mattermost: {webhookurl: $URL}"},
    {"rocketchat", "rocketchat: {webhookurl: $URL}"},
    {"teams", "teams: {webhookurl: $URL}"},
    {"discord", "discord: {webhookurl: $URL}"},
    {"googlechat", "googlechat: {webhookurl: $URL}"},
    {"telegram", "telegram: {host: $URL, token: t, chatid: c}"},
    {"pagerduty", "pagerduty: {routingkey: k, endpoint: $URL}"},
    {"opsgenie", "opsgenie: {apikey: k, endpoint: $URL}"},
    {"webhook", "webhook: {address: $URL}"},
    {"talon", "talon: {address: $URL}"},
    {"alertmanager", "alertmanager: {hostport: $URL}"},
    {"loki", "loki: {hostport: $URL}"},
    {"grafana", "grafana: {hostport: $URL, apikey: k}"},
    {"datadog", "datadog: {host: $URL, apikey: k}"},
    {"datadoglogs", "datadoglogs: {host: $URL, apikey: k}"},
    {"influxdb", "influxdb: {hostport: $URL}"},
    {"otlp.logs", "otlp: {logs: {endpoint: $URL}}"},
    {"otlp.metrics", "otlp: {metrics: {endpoint: $URL}}"},
    {"aws.s3",
     "aws: {region: r, accesskeyid: k, secretaccesskey: s, s3: {bucket: b, endpoint: $URL}}"},
    {"splunk", "splunk: {host: $URL}"},
    {"elasticsearch", "elasticsearch: {hostport: $URL}"},
};

/// The sink of this form that sends to `url`.
std::unique_ptr<HttpRouteSink> sink_to(
    const std::string& url, std::string yaml,
    std::chrono::milliseconds patience = std::chrono::milliseconds{300}) {
  yaml.replace(yaml.find("$URL"), 4, url);
  const Planned planned(yaml);
  CAPTURE(planned.text());
  REQUIRE(planned.routes.plans.size() == 1);
  Plan plan = planned.routes.plans[0];
  plan.http.timeout = patience;
  return std::make_unique<HttpRouteSink>(std::move(plan), planned.routes.shape);
}

WriteResult sent(HttpRouteSink& sink) {
  const std::vector<Message> alerts{alert()};
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  WriteResult result = sink.write(alerts, stop);
  ::close(stop);
  return result;
}

template <typename Test>
void for_each_form(Test test) {
  for (const Form& form : forms()) {
    const std::string name = fmt::format("{}{}", form.section, form.part);
    CAPTURE(name);
    const auto settings = kSettings.find(name);
    REQUIRE_MESSAGE(settings != kSettings.end(), "no settings to test it with");
    test(settings->second);
  }
}

}  // namespace

TEST_CASE("every destination: faults of a server that may pass are waited out") {
  struct Fault {
    HttpAnswer answer;
    Status status;
  };
  HttpRecorder server;
  for_each_form([&](const std::string& settings) {
    const auto sink = sink_to(server.url(), settings);
    for (const auto& [answer, status] :
         {Fault{{.status = 500}, Status::RETRY}, Fault{{.status = 503}, Status::RETRY},
          Fault{{.reset = true}, Status::RETRY}, Fault{{.silent = true}, Status::RETRY},
          Fault{{.drips = true}, Status::RETRY},
          Fault{{.status = 302, .headers = {"Location: http://127.0.0.1:1/"}}, Status::REFUSED},
          Fault{{.status = 400, .body = "bad request"}, Status::REFUSED},
          Fault{{.status = 403}, Status::REFUSED}}) {
      CAPTURE(answer.status);
      server.answer(answer);
      const WriteResult result = sent(*sink);
      CHECK(result.status == status);
      CHECK(result.written == 0);
      CHECK_FALSE(result.reason.empty());
    }
    server.answer({});
    const WriteResult well = sent(*sink);
    CHECK(well.status == Status::OK);  // the same connection, or another
    CHECK(well.written == 1);
  });
}

TEST_CASE("every destination: a server that asks for a pause gets it") {
  HttpRecorder server;
  server.answer({.status = 429, .headers = {"Retry-After: 7"}});
  for_each_form([&](const std::string& settings) {
    const auto sink = sink_to(server.url(), settings);
    const WriteResult result = sent(*sink);
    CHECK(result.status == Status::RETRY);
    CHECK(result.pause >= std::chrono::seconds{7});
  });
}

TEST_CASE("every destination: a certificate that nobody trusts is not sent anything") {
  if (std::system("command -v openssl >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: openssl is not installed (tools/setup)");
    return;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "falcod-fault-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string pem = folder + "/server.pem";
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                       " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout " +
                       folder + "/key -out " + folder + "/cert 2>/dev/null && cat " + folder +
                       "/key " + folder + "/cert >" + pem)
                          .c_str()) == 0);
  WebServerConfig config;
  config.listen_address = "127.0.0.1";
  config.listen_port = 0;
  config.ssl_enabled = true;
  config.ssl_certificate = pem;
  const auto server = WebServer::start(config, {.trouble = [] { return std::string(); },
                                                .versions = [] { return std::string(); },
                                                .metrics = nullptr});
  REQUIRE(server);
  for_each_form([&](const std::string& settings) {
    const auto sink = sink_to(fmt::format("https://127.0.0.1:{}", server->port()), settings,
                              std::chrono::minutes{1});
    const WriteResult result = sent(*sink);
    CHECK(result.status == Status::RETRY);
    CHECK(result.written == 0);
    CAPTURE(result.reason);
    CHECK(result.reason.find("certificate") != std::string::npos);
  });
  std::filesystem::remove_all(folder);
}

TEST_CASE("every destination: nobody there, no such host, no TLS where it should be") {
  HttpRecorder plain;
  for_each_form([&](const std::string& settings) {
    for (const std::string& url :
         {std::string("http://127.0.0.1:1"), std::string("http://no-such-host.invalid"),
          "https" + plain.url().substr(4)}) {
      CAPTURE(url);
      const auto sink = sink_to(url, settings);
      const WriteResult result = sent(*sink);
      CHECK(result.status == Status::RETRY);
      CHECK_FALSE(result.reason.empty());
    }
  });
  CHECK(plain.requests().empty());
}
