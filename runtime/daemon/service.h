// What makes a service of the watching program: the web server, snapshots of metrics, the pid file,
// and what systemd wants to hear. The match loop calls turn(); the web server's threads never touch
// what the loop owns: they ask, and the loop answers between two batches of events.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/capture/live.h"
#include "runtime/config/config.h"
#include "runtime/daemon/health.h"
#include "runtime/daemon/notify.h"
#include "runtime/daemon/pid_file.h"
#include "runtime/daemon/report.h"
#include "runtime/daemon/summary.h"
#include "runtime/engine/internal_alert.h"
#include "runtime/observe/metrics.h"
#include "runtime/observe/web_server.h"

namespace falcod {

class Service {
 public:
  using Clock = std::chrono::steady_clock;
  /// A loop that did not turn for so long is not well.
  static constexpr std::chrono::seconds kLongestTurn{5};

  struct Hooks {
    /// The counters now. Called by turn() only; resources are filled in by the service.
    std::function<MetricsSample()> sample;
    /// Sends an alert of falcod about itself. Called by turn() only.
    std::function<void(InternalAlert)> alert;
    /// How events flow. Called by turn() only; null: nobody knows, and health is that of the loop.
    std::function<FlowCounters()> flow{};
  };

  Service(const Config& config, std::string pid_file, const Reporter& reporter, Hooks hooks);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// The pid file and the web server.
  std::expected<void, falcoc::Diagnostic> start();
  /// Everything is in place and events come in.
  void ready(std::string_view status);
  /// Between two batches of events.
  void turn(Clock::time_point now);
  void stopping();
  /// The files that rules were loaded from last, for their hashes.
  void rules_loaded(const std::vector<std::string>& files);
  /// Another configuration: metrics as it says, and a web server as it says. One that cannot listen
  /// is told of, and the one there was goes on. Waits for no client.
  void use(const Config& config);

 private:
  std::string trouble() const;
  std::string metrics_page();
  MetricsSample full_sample();
  void answer();
  void snapshot();
  std::expected<WebServer, falcoc::Diagnostic> start_web(const Config& config);
  void exchange_web(const Config& config);
  void serve_by(WebServer web, const Config& config);
  void retire(WebServer server);

  Config config_;
  std::string pid_path_;
  const Reporter& reporter_;
  Hooks hooks_;
  Notifier notifier_;
  MetricsIdentity identity_;
  uint64_t reload_ns_ = 0;
  std::map<std::string, std::string> rules_sha256_, config_sha256_;

  std::optional<PidFile> pid_file_;
  std::optional<Clock::time_point> next_snapshot_;
  std::optional<MetricsSample> last_sample_;
  uint64_t snapshots_ = 0;

  std::atomic<Clock::rep> last_turn_ = 0;
  std::atomic<bool> is_ready_ = false;
  std::atomic<bool> asked_ = false;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::string page_;
  uint64_t answers_ = 0;  ///< pages made so far
  Health health_;
  Config web_config_;         ///< that web_ was started with
  std::string web_identity_;  ///< of it; empty: there is none
  /// Last: their threads use all of the above.
  std::optional<WebServer> web_;
  std::vector<std::future<void>> retiring_;  ///< ends of web servers that are not wanted any more
};

/// What engine and source count, and the rules that are counted for.
MetricsSample sample_of(Engine& engine, const Reloads& reloads, const LiveSource& source,
                        std::vector<SinkStats> outputs);

}  // namespace falcod
