// HTTP requests against a server that behaves as told: what is sent, and what becomes of the alert.
#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "runtime/output/http_sink.h"
#include "runtime/output/sink_queue.h"
#include "tests/support/http_recorder.h"

using namespace falcod;
using falcod::test::HttpRecorder;
using Status = WriteResult::Status;
using std::chrono::milliseconds;

namespace {

struct Stop {
  int fd = ::eventfd(0, EFD_CLOEXEC);
  ~Stop() { ::close(fd); }
  void now() const {
    const uint64_t one = 1;
    REQUIRE(::write(fd, &one, sizeof one) == sizeof one);
  }
};

std::vector<Message> alerts(size_t count) {
  std::vector<Message> out;
  for (size_t i = 0; i < count; ++i)
    out.push_back({"{\"n\":" + std::to_string(i) + "}", "r", {}, 0});
  return out;
}

HttpSinkOptions to(const HttpRecorder& server) {
  return {.url = server.url() + "/in", .content_type = "application/json"};
}

HttpOptions quick() {
  HttpOptions options;
  options.timeout = milliseconds{300};
  options.user_agent = "falcosecurity/falco";
  return options;
}

}  // namespace

TEST_CASE("each alert is one POST with its type and the user agent, on one connection") {
  HttpRecorder server;
  const Stop stop;
  HttpSink sink(to(server), {.user_agent = "falcosecurity/falco"});
  CHECK(sink.write(alerts(3), stop.fd).written == 3);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(requests[i].method == "POST");
    CHECK(requests[i].path == "/in");
    CHECK(requests[i].header("Content-Type") == "application/json");
    CHECK(requests[i].header("User-Agent") == "falcosecurity/falco");
    CHECK(requests[i].body == "{\"n\":" + std::to_string(i) + "}");
    CHECK(requests[i].connection == requests[0].connection);
  }
}

TEST_CASE("compress_uploads asks for a compressed transfer") {
  HttpRecorder server;
  const Stop stop;
  HttpSink sink(to(server), {.compressed_transfer = true});
  sink.write(alerts(1), stop.fd);
  CHECK(server.requests().at(0).header("TE") == "gzip");
}

TEST_CASE("statuses: done, tried again, refused; Retry-After is told on") {
  const Stop stop;
  struct Case {
    int status;
    Status expected;
  };
  for (const auto& [status, expected] :
       {Case{200, Status::OK}, Case{204, Status::OK}, Case{301, Status::REFUSED},
        Case{400, Status::REFUSED}, Case{404, Status::REFUSED}, Case{408, Status::RETRY},
        Case{429, Status::RETRY}, Case{500, Status::RETRY}, Case{503, Status::RETRY}}) {
    CAPTURE(status);
    HttpRecorder server;
    server.answer({.status = status, .headers = {"Retry-After: 7"}, .body = "why"});
    HttpSink sink(to(server), quick());
    const WriteResult result = sink.write(alerts(1), stop.fd);
    CHECK(result.status == expected);
    CHECK(result.pause == (expected == Status::RETRY ? milliseconds{7000} : milliseconds{0}));
    if (expected != Status::OK)
      CHECK(result.reason.find(std::to_string(status)) != std::string::npos);
  }
}

TEST_CASE("connections refused and reset in the middle are tried again") {
  const Stop stop;
  std::string url;
  {
    const HttpRecorder gone;
    url = gone.url();
  }
  HttpSink refused({.url = url, .content_type = "text/plain"}, quick());
  CHECK(refused.write(alerts(1), stop.fd).status == Status::RETRY);
  HttpRecorder server;
  server.answer({.reset = true});
  HttpSink sink(to(server), quick());
  CHECK(sink.write(alerts(1), stop.fd).status == Status::RETRY);
  server.answer({.status = 200});
  CHECK(sink.write(alerts(1), stop.fd).written == 1);
}

TEST_CASE("timeouts in a row: so many are tried again, then the alert is given up") {
  HttpRecorder server;
  server.answer({.silent = true});
  const Stop stop;
  HttpSinkOptions options = to(server);
  options.max_consecutive_timeouts = 2;
  HttpSink sink(options, quick());
  CHECK(sink.write(alerts(1), stop.fd).status == Status::RETRY);
  CHECK(sink.write(alerts(1), stop.fd).status == Status::RETRY);
  CHECK(sink.write(alerts(1), stop.fd).status == Status::REFUSED);
  CHECK(sink.write(alerts(1), stop.fd).status == Status::RETRY);
}

TEST_CASE("a server that does not answer does not delay the end") {
  HttpRecorder server;
  server.answer({.silent = true});
  const Stop stop;
  HttpSink sink(to(server), {.timeout = std::chrono::hours{1}});
  std::thread later([&] {
    server.wait_for_requests(1);
    stop.now();
  });
  CHECK(sink.write(alerts(1), stop.fd).status == Status::STOPPED);
  later.join();
}

TEST_CASE("echo tells what the server answers") {
  HttpRecorder server;
  server.answer({.status = 200, .body = "hello"});
  const Stop stop;
  HttpSinkOptions options = to(server);
  std::string heard;
  options.echo = [&](std::string_view text) { heard = text; };
  HttpSink(options, quick()).write(alerts(1), stop.fd);
  CHECK(heard == "hello");
}

TEST_CASE("a queue delivers everything in order once the server is well again") {
  HttpRecorder server;
  server.answer({.status = 503});
  SinkQueue queue(std::make_unique<HttpSink>(to(server), quick()), {});
  for (const Message& alert : alerts(50)) queue.push(alert);
  server.wait_for_requests(2);
  server.answer({.status = 200});
  queue.close(milliseconds{60'000});
  CHECK(queue.stats().written == 50);
  CHECK(queue.stats().retries >= 2);
  std::vector<std::string> taken;
  for (const auto& request : server.requests()) {
    if (request.answered == 200) taken.push_back(request.body);
  }
  REQUIRE(taken.size() == 50);
  CHECK(taken.front() == "{\"n\":0}");
  CHECK(taken.back() == "{\"n\":49}");
}
