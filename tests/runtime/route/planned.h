// An alert, plans made of a configuration, and what a server on loopback gets of them.
#pragma once

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/route/route.h"
#include "tests/support/http_recorder.h"

namespace falcod::route {

using falcod::test::HttpRecorder;
using falcod::test::RecordedRequest;
using nlohmann::json;

inline Message alert(falcoc::Priority priority = falcoc::Priority::WARNING) {
  const json all = {{"hostname", "node-1"},
                    {"priority", falcoc::priority_name(priority)},
                    {"rule", "Read a file"},
                    {"source", "syscall"},
                    {"time", "2026-11-26T08:00:00.123456789Z"},
                    {"output", "08:00:00.1: Warning read (file=/etc/shadow)"},
                    {"output_fields",
                     {{"fd.name", "/etc/shadow"},
                      {"proc.pid", 7},
                      {"k8s.ns.name", "prod"},
                      {"proc.aname[2]", "bash"},
                      {"user.name", nullptr}}},
                    {"tags", {"T1003", "file"}}};
  return {.line = "line",
          .rule = "Read a file",
          .priority = priority,
          .time_ns = 1'795'680'000'123'456'789,
          .json = std::make_shared<const std::string>(all.dump()),
          .id = "6f1c1a52-0000-4000-8000-000000000001"};
}

struct Planned {
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  Routes routes;

  explicit Planned(const std::string& yaml,
                   const std::map<std::string, std::string>& variables = {}) {
    const config::Environment environment =
        [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const auto file = sources.add("falco.yaml", yaml);
    const auto root = config::parse_map(file, sources, environment, diagnostics);
    REQUIRE(root);
    routes = plan(*root, environment, diagnostics);
  }
  std::string text() const {
    std::string all;
    for (const auto& each : diagnostics.items()) {
      all += falcoc::render_text(each, sources, false);
    }
    return all;
  }
};

/// Sends alerts to the one sink that `yaml` configures; `$URL` in it is the server's.
struct Sent {
  HttpRecorder server;
  WriteResult result;
  std::vector<RecordedRequest> requests;

  explicit Sent(std::string yaml, const std::vector<Message>& alerts = {alert()},
                falcod::test::HttpAnswer answer = {}) {
    server.answer(std::move(answer));
    for (size_t at = yaml.find("$URL"); at != yaml.npos; at = yaml.find("$URL")) {
      yaml.replace(at, 4, server.url());
    }
    const Planned planned(yaml);
    CAPTURE(planned.text());
    REQUIRE(planned.routes.plans.size() == 1);
    HttpRouteSink sink(planned.routes.plans[0], planned.routes.shape);
    const int stop = ::eventfd(0, EFD_CLOEXEC);
    result = sink.write(alerts, stop);
    ::close(stop);
    requests = server.requests();
    REQUIRE_FALSE(requests.empty());
  }
  const RecordedRequest& request() const { return requests.front(); }
  json body() const { return json::parse(request().body); }
};

}  // namespace falcod::route
