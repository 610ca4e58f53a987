// falcod as a service: pid file, systemd's socket, health, metrics, and what is said of outputs.
#include "runtime/daemon/service.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/daemon/alert_outputs.h"

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
