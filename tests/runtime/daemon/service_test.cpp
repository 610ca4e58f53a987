// falcod as a service: pid file, systemd's socket, health, metrics, and what is said of outputs.
#include "runtime/daemon/service.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/daemon/alert_outputs.h"
#include "runtime/output/http_client.h"

using namespace falcod;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcod-service-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string at(const std::string& name) const { return (path / name).string(); }
};

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A socket as systemd has it.
class Listener {
 public:
  explicit Listener(const std::string& path) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Listener() { ::close(fd_); }
  /// The next datagram, empty if there is none.
  std::string next() const {
    std::array<char, 512> buffer{};
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    return {buffer.data(), size > 0 ? static_cast<size_t>(size) : 0};
  }

 private:
  int fd_;
};

const falcoc::SourceMap& no_sources() {
  static const falcoc::SourceMap sources;
  return sources;
}

}  // namespace

TEST_CASE("a pid file holds the process id, starts no second one, and goes with its process") {
  const Folder folder;
  const std::string path = folder.at("falcod.pid");
  {
    const auto first = PidFile::create(path);
    REQUIRE(first);
    CHECK(contents(path) == std::to_string(::getpid()) + "\n");
    const auto second = PidFile::create(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == falcoc::Code::ALREADY_RUNNING);
    CHECK(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
  std::ofstream(path) << "99999\n";  // left by one that was killed
  CHECK(PidFile::create(path));
  CHECK_FALSE(PidFile::create("/nonexistent/falcod.pid"));
}

TEST_CASE(
    "systemd hears READY, WATCHDOG in half the time, STOPPING; children do not inherit the "
    "socket") {
  const Folder folder;
  const Listener listener(folder.at("notify"));
  ::setenv("NOTIFY_SOCKET", folder.at("notify").c_str(), 1);
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  Notifier notifier = Notifier::from_environment();
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  notifier.ready("3 rules");
  CHECK(listener.next() == "READY=1\nSTATUS=3 rules\nMAINPID=" + std::to_string(::getpid()));
  const Notifier::Time start{};
  notifier.alive(start + 1s);
  CHECK(listener.next() == "WATCHDOG=1");
  notifier.alive(start + 1500ms);
  CHECK(listener.next().empty());
  notifier.alive(start + 2s);
  CHECK(listener.next() == "WATCHDOG=1");
  notifier.stopping();
  CHECK(listener.next() == "STOPPING=1");
  // Another process's watchdog, and no systemd at all.
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  Notifier::from_environment().alive(start + 1s);
  CHECK(listener.next().empty());
}

TEST_CASE("snapshots of metrics come in their interval, as an alert and as lines of a file") {
  const Folder folder;
  Config config;
  config.metrics.enabled = true;
  config.metrics.interval = 10s;
  config.metrics.output_rule = true;
  config.metrics.output_file = folder.at("metrics");
  std::vector<InternalAlert> alerts;
  uint64_t events = 0;
  const Reporter reporter(no_sources(), {.quiet = true});
  Service service(config, "", reporter,
                  {.sample =
                       [&] {
                         MetricsSample sample;
                         sample.engine.events = events += 100;
                         return sample;
                       },
                   .alert = [&](InternalAlert alert) { alerts.push_back(std::move(alert)); }});
  REQUIRE(service.start());
  const Service::Clock::time_point start{};
  service.turn(start + 1s);
  service.turn(start + 10s);
  CHECK(alerts.empty());
  service.turn(start + 11s);
  service.turn(start + 12s);
  REQUIRE(alerts.size() == 1);
  service.turn(start + 100s);  // a pause: one, not nine
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].rule == "Falco internal: metrics snapshot");
  CHECK(alerts[0].priority == falcoc::Priority::INFORMATIONAL);
  const auto fields = nlohmann::json::parse(alerts[1].json_fields);
  CHECK(fields["falco.num_evts"] == 200);
  CHECK(fields["falco.num_evts_prev"] == 100);
  std::ifstream file(config.metrics.output_file);
  std::string line;
  REQUIRE(std::getline(file, line));
  CHECK(nlohmann::json::parse(line)["sample"] == 1);
  REQUIRE(std::getline(file, line));
  CHECK(nlohmann::json::parse(line)["output_fields"]["falco.num_evts"] == 200);
}

namespace {

/// A service with its web server, and a loop that turns when it is asked to.
class Served {
 public:
  Config config;
  FlowCounters flow{.rules = 1};

  explicit Served(Config first) : config(std::move(first)) {
    service_.emplace(config, "", reporter_,
                     Service::Hooks{.sample = [] { return MetricsSample{}; },
                                    .alert = [](const InternalAlert&) {},
                                    .flow = [this] { return flow; }});
    REQUIRE(service_->start());
    service_->ready("");
  }
  ~Served() { ::close(never_); }
  Service& operator*() { return *service_; }
  Service* operator->() { return &*service_; }

  HttpReply get(uint32_t port, const std::string& path) {
    HttpClient client({});
    std::atomic<bool> done = false;
    std::jthread loop([&] {
      while (!done) {
        service_->turn(Service::Clock::now());
        std::this_thread::sleep_for(5ms);
      }
    });
    HttpReply reply = client.perform(
        {.method = "GET", .url = "http://127.0.0.1:" + std::to_string(port) + path}, never_);
    done = true;
    return reply;
  }

 private:
  int never_ = ::eventfd(0, EFD_CLOEXEC);
  Reporter reporter_{no_sources(), {.quiet = true}};
  std::optional<Service> service_;
};

/// Ports that nobody listens at now.
std::array<uint32_t, 2> free_ports() {
  std::array<uint32_t, 2> ports{};
  std::array<int, 2> fds{};
  for (size_t i = 0; i < ports.size(); ++i) {
    fds[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fds[i], reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fds[i], reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ports[i] = ntohs(address.sin_port);
  }
  for (const int fd : fds) ::close(fd);
  return ports;
}

Config with_web(uint32_t port) {
  Config config;
  config.webserver.enabled = true;
  config.webserver.listen_address = "127.0.0.1";
  config.webserver.listen_port = port;
  return config;
}

}  // namespace

TEST_CASE("the health page says what the counters show") {
  const auto [port, other] = free_ports();
  Served served(with_web(port));
  CHECK(served.get(port, "/healthz").status == 200);
  served.flow.rules = 0;
  served->turn(Service::Clock::now() + 1h);  // the next look
  const HttpReply ill = served.get(port, "/healthz");
  CHECK(ill.status == 503);
  CHECK(ill.body.find("no rule is enabled") != std::string::npos);
}

TEST_CASE("the web server follows another configuration: port, path, metrics, and its end") {
  const auto [port, other] = free_ports();
  Served served(with_web(port));
  CHECK(served.get(port, "/healthz").status == 200);
  CHECK(served.get(port, "/metrics").status == 404);

  Config next = with_web(port);  // the same port
  next.webserver.k8s_healthz_endpoint = "/alive";
  next.webserver.prometheus_metrics_enabled = true;
  next.metrics.enabled = true;
  served->use(next);
  CHECK(served.get(port, "/alive").status == 200);
  CHECK(served.get(port, "/healthz").status == 404);
  CHECK(served.get(port, "/metrics").status == 200);

  served->use(with_web(other));
  CHECK(served.get(other, "/healthz").status == 200);
  CHECK(served.get(port, "/healthz").outcome == HttpReply::Outcome::FAILED);

  served->use(Config{});
  CHECK(served.get(other, "/healthz").outcome == HttpReply::Outcome::FAILED);
  served->use(with_web(port));
  CHECK(served.get(port, "/healthz").status == 200);
}

TEST_CASE("a web server that cannot be changed goes on as it was") {
  const auto [port, taken] = free_ports();
  Served holder(with_web(taken));
  Served served(with_web(port));
  served->use(with_web(taken));
  CHECK(served.get(port, "/healthz").status == 200);
  Config wrong = with_web(port);
  wrong.webserver.ssl_enabled = true;
  wrong.webserver.ssl_certificate = "/nonexistent";
  served->use(wrong);
  CHECK(served.get(port, "/healthz").status == 200);
}

TEST_CASE("outputs: a stall, a failure and its end are told of once; lost alerts are alerted") {
  OutputMonitor monitor(2s);
  const Reporter reporter(no_sources(), {.quiet = true});
  const OutputMonitor::Time start = OutputMonitor::Time{} + 1h;
  SinkStats http;
  http.name = "http";
  SinkStats file;
  file.name = "file";
  CHECK(monitor.look({http, file}, start, reporter).empty());
  http.dropped_full = 3;
  http.dropped_refused = 1;
  http.reason = "HTTP status 400";
  CHECK(monitor.look({http, file}, start + 1s, reporter).empty());  // at most every ten seconds
  const auto alerts = monitor.look({http, file}, start + 10s, reporter);
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].rule == "Falco internal: alerts lost");
  CHECK(alerts[0].priority == falcoc::Priority::CRITICAL);
  CHECK(alerts[0].fields.at("output") == "http");
  CHECK(alerts[0].fields.at("n_lost") == "4");
  CHECK(alerts[0].fields.at("n_lost_queue_full") == "3");
  CHECK(alerts[0].fields.at("reason") == "HTTP status 400");
  CHECK(alerts[0].except.empty());
  CHECK(monitor.look({http, file}, start + 30s, reporter).empty());
  // What it cannot take it is not sent, or that would be lost and alerted for ever.
  http.dropped_full = 10;
  http.failing = true;
  http.spool_failing = true;
  http.spool_reason = "No space left on device";
  const auto more = monitor.look({http, file}, start + 40s, reporter);
  REQUIRE(more.size() == 1);
  CHECK(more[0].except == "http");
  CHECK(more[0].fields.at("reason") == "No space left on device");
}

TEST_CASE("ids of alerts are UUIDs of version 4, and differ") {
  const std::string one = alert_id();
  REQUIRE(one.size() == 36);
  CHECK(one[14] == '4');
  CHECK(std::string("89ab").find(one[19]) != std::string::npos);
  CHECK(one != alert_id());
}
