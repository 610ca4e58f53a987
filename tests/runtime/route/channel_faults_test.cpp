// Destinations with a protocol of their own against servers that are as bad as servers get. Wrong
// credentials are for real servers to find (tests/sinks).
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <future>

#include "runtime/route/channel.h"
#include "tests/runtime/route/planned.h"
#include "tests/support/loopback_listener.h"

using namespace falcod;
using namespace falcod::route;
using Status = WriteResult::Status;

namespace {

/// Of each protocol, what sends its alerts to $HOST and $PORT. One that is missing here fails.
const std::map<std::string, std::string> kSettings{
    {"syslog", "syslog: {host: $HOST, port: $PORT, protocol: tls}"},
    {"smtp", "smtp: {hostport: '$HOST:$PORT', from: a@b.c, to: d@e.f, tls: false}"},
    {"redis", "redis: {address: '$HOST:$PORT'}"},
    {"nats", "nats: {hostport: 'nats://$HOST:$PORT'}"},
    {"kafka", "kafka: {hostport: '$HOST:$PORT', topic: t}"},
    {"mqtt", "mqtt: {broker: 'tcp://$HOST:$PORT'}"},
    {"rabbitmq", "rabbitmq: {url: 'amqp://guest:guest@$HOST:$PORT', queue: q}"},
    {"timescaledb", "timescaledb: {host: $HOST, port: $PORT, password: p}"},
};

/// Takes connections and says nothing, or resets them.
class BadServer {
 public:
  explicit BadServer(bool resets) : resets_(resets) {
    const test::LoopbackListener listener = test::listen_on_loopback();
    listener_ = listener.fd;
    port_ = listener.port;
    acceptor_ = std::thread([this] { accept(); });
  }
  ~BadServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (const int fd : connections_) ::close(fd);
  }
  BadServer(const BadServer&) = delete;
  BadServer& operator=(const BadServer&) = delete;
  uint16_t port() const { return port_; }

 private:
  void accept() {
    for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      if (!resets_) {
        connections_.push_back(fd);
        continue;
      }
      const linger hard{1, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      ::close(fd);
    }
  }

  bool resets_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::vector<int> connections_;
  std::thread acceptor_;
};

WriteResult sent_to(std::string yaml, const std::string& host, uint16_t port) {
  for (const auto& [name, value] : {std::pair{std::string("$HOST"), host},
                                    std::pair{std::string("$PORT"), fmt::format("{}", port)}}) {
    yaml.replace(yaml.find(name), name.size(), value);
  }
  const Planned planned(yaml);
  if (planned.routes.plans.size() != 1) return {.status = Status::OK, .reason = planned.text()};
  const auto sink = make_sink(planned.routes.plans[0], planned.routes.shape);
  const std::vector<Message> alerts{alert()};
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  WriteResult result = sink->write(alerts, stop);
  ::close(stop);
  return result;
}

/// Every protocol beside the others, for some take their whole time limit. What became of it, by
/// section.
std::map<std::string, WriteResult> all_sent_to(const std::string& host, uint16_t port) {
  std::map<std::string, std::future<WriteResult>> running;
  for (const Protocol& protocol : protocols()) {
    const std::string name(protocol.section);
    CAPTURE(name);
    const auto settings = kSettings.find(name);
    REQUIRE_MESSAGE(settings != kSettings.end(), "no settings to test it with");
    running[name] = std::async(std::launch::async, sent_to, settings->second, host, port);
  }
  std::map<std::string, WriteResult> results;
  for (auto& [name, result] : running) results[name] = result.get();
  return results;
}

void check_all_retried(const std::map<std::string, WriteResult>& results) {
  for (const auto& [name, result] : results) {
    CAPTURE(name);
    CAPTURE(result.reason);
    CHECK(result.status == Status::RETRY);
    CHECK(result.written == 0);
    CHECK_FALSE(result.reason.empty());
  }
}

}  // namespace

TEST_CASE("every protocol: nobody there") { check_all_retried(all_sent_to("127.0.0.1", 1)); }

TEST_CASE("every protocol: no such host") {
  check_all_retried(all_sent_to("no-such-host.invalid", 4711));
}

TEST_CASE("every protocol: a server that resets connections") {
  const BadServer server(true);
  check_all_retried(all_sent_to("127.0.0.1", server.port()));
}

TEST_CASE("every protocol: a server that takes connections and never says a word") {
  const BadServer server(false);
  check_all_retried(all_sent_to("127.0.0.1", server.port()));
}
