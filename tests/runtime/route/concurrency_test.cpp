// Several requests to one destination at once: that they are, what is counted when one of them
// fails, and who gets them one after the other.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/runtime/route/planned.h"

using namespace falcod;
using namespace falcod::route;
using Status = WriteResult::Status;

namespace {

/// Alerts whose ids are their numbers.
std::vector<Message> alerts(size_t count) {
  std::vector<Message> out;
  for (size_t i = 0; i < count; ++i) {
    Message message = alert();
    message.id = fmt::format("id-{}-", i);
    out.push_back(std::move(message));
  }
  return out;
}

std::unique_ptr<HttpRouteSink> sink_of(const std::string& yaml) {
  const Planned planned(yaml);
  CAPTURE(planned.text());
  REQUIRE(planned.routes.plans.size() == 1);
  Plan plan = planned.routes.plans[0];
  plan.http.timeout = std::chrono::seconds{30};
  return std::make_unique<HttpRouteSink>(std::move(plan), planned.routes.shape);
}

WriteResult write(HttpRouteSink& sink, std::span<const Message> batch) {
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  WriteResult result = sink.write(batch, stop);
  ::close(stop);
  return result;
}

/// How often each of the alerts came.
std::vector<size_t> came(const HttpRecorder& server, size_t count) {
  std::vector<size_t> times(count);
  for (const RecordedRequest& request : server.requests()) {
    for (size_t i = 0; i < count; ++i) {
      if (request.body.find(fmt::format("id-{}-", i)) != std::string::npos) ++times[i];
    }
  }
  return times;
}

std::string webhook(const HttpRecorder& server, const std::string& most) {
  return fmt::format("webhook: {{address: {}, maxconcurrentrequests: {}}}", server.url(), most);
}

}  // namespace

TEST_CASE("so many requests are on their way at once, each over a connection of its own") {
  HttpRecorder server;
  server.answer({.together = 4});  // one after the other would wait for ever
  const auto sink = sink_of(webhook(server, "4"));
  const WriteResult result = write(*sink, alerts(4));
  CHECK(result.status == Status::OK);
  CHECK(result.written == 4);
  std::set<int> connections;
  for (const RecordedRequest& request : server.requests()) connections.insert(request.connection);
  CHECK(connections.size() == 4);
  // As many as are allowed, and the rest after them over the same connections.
  CHECK(write(*sink, alerts(10)).written == 10);
  for (const RecordedRequest& request : server.requests()) connections.insert(request.connection);
  CHECK(connections.size() == 4);
}

TEST_CASE("without the key, and with 1, one comes after the other in order") {
  for (const std::string& more : {std::string(), std::string(", maxconcurrentrequests: 1")}) {
    HttpRecorder server;
    const auto sink = sink_of(fmt::format("webhook: {{address: {}{}}}", server.url(), more));
    CHECK(write(*sink, alerts(20)).written == 20);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 20);
    for (size_t i = 0; i < requests.size(); ++i) {
      CHECK(requests[i].connection == 1);
      CHECK(requests[i].body.find(fmt::format("id-{}-", i)) != std::string::npos);
    }
  }
}

TEST_CASE("one of several that fails for now is sent again, and those behind it are not") {
  HttpRecorder server;
  server.answer_by([](const RecordedRequest& request) {
    const bool fails = request.body.find("id-1-") != std::string::npos;
    return falcod::test::HttpAnswer{.status = fails ? 503 : 200};
  });
  const auto sink = sink_of(webhook(server, "0"));
  const std::vector<Message> batch = alerts(5);
  const WriteResult first = write(*sink, batch);
  CHECK(first.status == Status::RETRY);
  CHECK(first.written == 1);
  server.answer({});
  const WriteResult second = write(*sink, std::span(batch).subspan(first.written));
  CHECK(second.status == Status::OK);
  CHECK(second.written == 4);
  CHECK(came(server, 5) == std::vector<size_t>{1, 2, 1, 1, 1});
}

TEST_CASE("one of several that is refused is the only one that is lost") {
  HttpRecorder server;
  server.answer_by([](const RecordedRequest& request) {
    const bool fails = request.body.find("id-2-") != std::string::npos;
    return falcod::test::HttpAnswer{.status = fails ? 400 : 200};
  });
  const auto sink = sink_of(webhook(server, "3"));
  const std::vector<Message> batch = alerts(6);
  const WriteResult first = write(*sink, batch);
  CHECK(first.status == Status::REFUSED);
  CHECK(first.written == 2);
  const WriteResult rest = write(*sink, std::span(batch).subspan(3));  // as the queue goes on
  CHECK(rest.status == Status::OK);
  CHECK(rest.written == 3);
  CHECK(came(server, 6) == std::vector<size_t>(6, 1));
}

TEST_CASE("a destination that wants its alerts in order gets them so, and that is said") {
  const Planned planned("loki: {hostport: http://h, maxconcurrentrequests: 4}");
  REQUIRE(planned.routes.plans.size() == 1);
  CHECK(planned.routes.plans[0].at_once == 1);
  CHECK(planned.text().find("it takes alerts in order only") != std::string::npos);
  CHECK(Planned("loki: {hostport: http://h, maxconcurrentrequests: 1}").text().empty());
  const Planned wrong("webhook: {address: http://h, maxconcurrentrequests: many}");
  CHECK(wrong.diagnostics.has_errors());
  CHECK(Planned("webhook: {address: http://h}", {{"WEBHOOK_MAXCONCURRENTREQUESTS", "7"}})
            .routes.plans.at(0)
            .at_once == 7);
}
