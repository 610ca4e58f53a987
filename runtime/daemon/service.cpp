// See service.h.
#include "runtime/daemon/service.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/daemon/inform.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// How long a request for metrics waits for the loop, whose turn is 50 ms.
constexpr std::chrono::seconds kAnswerLimit{3};

uint64_t epoch_ns() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count());
}

MetricsIdentity make_identity() {
  utsname system{};
  ::uname(&system);
  return {.version = FALCOD_VERSION,
          .hostname = alert_hostname(),
          .kernel_release = system.release,
          .engine_name = "modern_bpf",
          .start_ns = epoch_ns(),
          .host_boot_ns = boot_time_ns(),
          .host_cpus = std::thread::hardware_concurrency()};
}

std::map<std::string, std::string> hashes(const std::vector<std::string>& files) {
  std::map<std::string, std::string> out;
  for (const std::string& file : files) {
    if (std::string hash = sha256_of_file(file); !hash.empty()) out[file] = std::move(hash);
  }
  return out;
}

/// Equal if a web server can go on; a certificate may be renewed under its name.
std::string web_identity(const Config& config) {
  const WebServerConfig& web = config.webserver;
  if (!web.enabled) return {};
  const bool metrics = config.metrics.enabled && web.prometheus_metrics_enabled;
  return fmt::format("{} {} {} {} {} {} {} {}", web.listen_address, web.listen_port,
                     web.threadiness, web.k8s_healthz_endpoint, metrics, web.ssl_enabled,
                     web.ssl_enabled ? web.ssl_certificate : std::string{},
                     web.ssl_enabled ? sha256_of_file(web.ssl_certificate) : std::string{});
}

}  // namespace

MetricsSample sample_of(Engine& engine, const Reloads& reloads, const LiveSource& source,
                        std::vector<SinkStats> outputs) {
  MetricsSample sample;
  sample.submitted = source.submitted();
  sample.rejected = source.rejected();
  sample.losses = source.losses();
  sample.outputs = std::move(outputs);
  sample.engine = engine.stats();
  sample.processes = engine.processes().size();
  sample.reloads_done = reloads.done;
  sample.reloads_failed = reloads.failed;
  const std::vector<falcoc::ir::Rule>& rules = engine.program().rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].enabled) ++sample.rules_enabled;
    sample.rules.push_back({rules[i].name, rules[i].priority, rules[i].source, rules[i].tags,
                            sample.engine.alerts_by_rule[i]});
  }
  return sample;
}

Service::Service(const Config& config, std::string pid_file, const Reporter& reporter, Hooks hooks)
    : config_(config),
      pid_path_(std::move(pid_file)),
      reporter_(reporter),
      hooks_(std::move(hooks)),
      notifier_(Notifier::from_environment()),
      identity_(make_identity()),
      config_sha256_(hashes(config.files)),
      health_(config.drops.threshold) {}

Service::~Service() = default;

std::expected<void, Diagnostic> Service::start() {
  if (!pid_path_.empty()) {
    auto file = PidFile::create(pid_path_);
    if (!file) return std::unexpected(std::move(file.error()));
    pid_file_.emplace(std::move(*file));
  }
  if (!config_.webserver.enabled) return {};
  auto web = start_web(config_);
  if (!web) return std::unexpected(std::move(web.error()));
  serve_by(std::move(*web), config_);
  return {};
}

void Service::serve_by(WebServer web, const Config& config) {
  web_.emplace(std::move(web));
  web_config_ = config;
  web_identity_ = web_identity(config);
}

std::expected<WebServer, Diagnostic> Service::start_web(const Config& config) {
  WebPages pages{
      .trouble = [this] { return trouble(); }, .versions = versions_json, .metrics = nullptr};
  if (config.metrics.enabled && config.webserver.prometheus_metrics_enabled) {
    pages.metrics = [this] { return metrics_page(); };
  }
  return WebServer::start(config.webserver, std::move(pages));
}

void Service::use(const Config& config) {
  exchange_web(config);
  if (config.metrics.interval != config_.metrics.interval) next_snapshot_.reset();
  config_ = config;
  config_sha256_ = hashes(config.files);
  health_.use_threshold(config.drops.threshold);
}

/// The new one may want the port of the old one, which therefore stops to listen first.
void Service::exchange_web(const Config& config) {
  if (web_identity(config) == web_identity_) return;
  const bool served = web_.has_value();
  if (served) {
    web_->stop_listening();
    retire(std::move(*web_));
    web_.reset();
  }
  web_identity_.clear();
  if (!config.webserver.enabled) return;
  auto web = start_web(config);
  if (web) return serve_by(std::move(*web), config);
  reporter_.show(web.error());
  if (!served) return;
  const Config before = web_config_;
  auto again = start_web(before);  // its port was free a moment ago
  again ? serve_by(std::move(*again), before) : reporter_.show(again.error());
}

/// Its threads may wait for a client, or for turn(): somebody else waits for them.
void Service::retire(WebServer server) {
  std::erase_if(retiring_, [](const std::future<void>& end) {
    return end.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  });
  retiring_.push_back(std::async(std::launch::async, [old = std::move(server)]() mutable {
    const WebServer ends(std::move(old));
  }));
}

void Service::rules_loaded(const std::vector<std::string>& files) {
  rules_sha256_ = hashes(files);
  reload_ns_ = epoch_ns();
}

void Service::ready(std::string_view status) {
  last_turn_ = Clock::now().time_since_epoch().count();
  is_ready_ = true;
  notifier_.ready(status);
}

void Service::stopping() {
  is_ready_ = false;
  notifier_.stopping();
}

/// Called by threads of the web server.
std::string Service::trouble() const {
  if (!is_ready_) return "not watching yet, or not any more";
  const Clock::time_point last{Clock::duration{last_turn_.load()}};
  const auto since = Clock::now() - last;
  if (since > kLongestTurn) {
    return fmt::format("the match loop stands still since {} s",
                       std::chrono::duration_cast<std::chrono::seconds>(since).count());
  }
  return health_.trouble();
}

/// Called by threads of the web server.
std::string Service::metrics_page() {
  std::unique_lock lock(mutex_);
  const uint64_t before = answers_;
  asked_ = true;
  const bool answered = answered_.wait_for(lock, kAnswerLimit, [&] { return answers_ != before; });
  return answered ? page_ : std::string{};
}

MetricsSample Service::full_sample() {
  MetricsSample sample = hooks_.sample();
  sample.time_ns = epoch_ns();
  sample.reload_ns = reload_ns_;
  sample.rules_files_sha256 = rules_sha256_;
  sample.config_files_sha256 = config_sha256_;
  if (config_.metrics.resource_utilization_enabled) sample.resources = read_resources();
  return sample;
}

void Service::answer() {
  std::string page = prometheus_text(identity_, full_sample(), config_.metrics);
  {
    const std::lock_guard lock(mutex_);
    page_ = std::move(page);
    ++answers_;
  }
  answered_.notify_all();
}

void Service::snapshot() {
  MetricsSample sample = full_sample();
  const nlohmann::json fields =
      snapshot_fields(identity_, sample, last_sample_ ? &*last_sample_ : nullptr, config_.metrics);
  const auto dump = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  ++snapshots_;
  if (config_.metrics.output_rule) {
    InternalAlert alert;
    alert.rule = "Falco internal: metrics snapshot";
    alert.message = "Falco metrics snapshot";
    alert.priority = falcoc::Priority::INFORMATIONAL;
    alert.json_fields = dump(fields);
    hooks_.alert(std::move(alert));
  }
  if (const std::string& path = config_.metrics.output_file; !path.empty()) {
    errno = 0;
    std::ofstream file(path, std::ios::app);
    file << dump({{"sample", snapshots_}, {"output_fields", fields}}) << '\n';
    if (!file.flush()) {
      reporter_.show(Diagnostic::global(Code::METRICS_FAILED,
                                        fmt::format("{}: {}", path, std::strerror(errno)),
                                        "set metrics.output_file to a file that can be written"));
    }
  }
  last_sample_ = std::move(sample);
}

void Service::turn(Clock::time_point now) {
  last_turn_ = now.time_since_epoch().count();
  notifier_.alive(now);
  if (asked_.exchange(false)) answer();
  if (hooks_.flow && health_.is_due(now)) health_.look(hooks_.flow(), now);
  const MetricsConfig& metrics = config_.metrics;
  if (!metrics.enabled || (!metrics.output_rule && metrics.output_file.empty())) return;
  if (!next_snapshot_) next_snapshot_ = now + metrics.interval;
  if (now < *next_snapshot_) return;
  // After a pause of the machine: one, not all that were missed.
  next_snapshot_ = now + metrics.interval;
  snapshot();
}

}  // namespace falcod
