// See alert_outputs.h.
#include "runtime/daemon/alert_outputs.h"

#include <errno.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "runtime/output/durable_sink.h"
#include "runtime/output/file_sink.h"
#include "runtime/output/http_sink.h"
#include "runtime/output/program_sink.h"
#include "runtime/output/stdout_sink.h"
#include "runtime/output/syslog_sink.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// `buffered_outputs`: how long alerts are gathered.
constexpr std::chrono::milliseconds kBufferTime{1000};

std::unique_ptr<Sink> http_sink(const HttpOutputConfig& config, bool json) {
  HttpSinkOptions options{.url = config.url,
                          .content_type = json ? "application/json" : "text/plain",
                          .max_consecutive_timeouts = config.max_consecutive_timeouts};
  if (config.echo) {
    options.echo = [](std::string_view reply) {
      fmt::print("{}\n", reply);
      std::fflush(stdout);
    };
  }
  HttpOptions http{.user_agent = config.user_agent,
                   .tcp_keepalive = config.keep_alive,
                   .compressed_transfer = config.compress_uploads};
  http.tls.verify = !config.insecure;
  http.tls.ca_file = config.ca_cert.empty() ? config.ca_bundle : config.ca_cert;
  http.tls.ca_path = http.tls.ca_file.empty() ? config.ca_path : std::string{};
  if (config.mtls) {
    http.tls.client_cert = config.client_cert;
    http.tls.client_key = config.client_key;
  }
  return std::make_unique<HttpSink>(std::move(options), std::move(http));
}

/// Why alerts of an output were lost, as far as it is known.
std::string reason_of(const SinkStats& output) {
  if (output.spool_failing) return output.spool_reason;
  if (!output.reason.empty()) return output.reason;
  return output.dropped_limited != 0 ? "more than its limit" : "queue full";
}

/// Behind a spool, if there is to be one and it can be used.
std::unique_ptr<Sink> durable(std::unique_ptr<Sink> sink, const route::SpoolOptions& options,
                              const Reporter& reporter) {
  if (options.directory.empty()) return sink;
  auto spool = Spool::open(options.directory, std::string(sink->name()), options.max_bytes);
  if (!spool) {
    reporter.show(spool.error());
    return sink;
  }
  return std::make_unique<DurableSink>(std::move(sink), std::move(*spool));
}

std::string identity(const HttpOutputConfig& http, bool json) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", http.url, http.user_agent,
                     http.insecure, http.ca_cert, http.ca_bundle, http.ca_path, http.mtls,
                     http.client_cert, http.client_key, http.echo, http.compress_uploads,
                     http.keep_alive, http.max_consecutive_timeouts, json);
}

/// Falco's own outputs, in its order.
class FalcoOutputs {
 public:
  FalcoOutputs(const Config& config, const QueueLimits& limits) : config_(config), limits_(limits) {
    buffered_ = limits;
    if (config.outputs.buffered) buffered_.linger = kBufferTime;
  }

  void add_to(std::vector<OutputSpec>& specs) const {
    const OutputsConfig& wanted = config_.outputs;
    if (wanted.stdout_output.enabled) {
      specs.push_back(spec("stdout", "", buffered_,
                           [] { return std::make_unique<StdoutSink>(STDOUT_FILENO); }));
    }
    if (const FileOutputConfig& file = wanted.file_output; file.enabled) {
      specs.push_back(
          spec("file", fmt::format("{} {}", file.filename, file.keep_alive), buffered_,
               [file] { return std::make_unique<FileSink>(file.filename, file.keep_alive); }));
    }
    if (wanted.syslog_output.enabled) {
      specs.push_back(spec("syslog", "", limits_, [] {
        return std::make_unique<SyslogSink>(program_invocation_short_name);
      }));
    }
    if (const ProgramOutputConfig& program = wanted.program_output; program.enabled) {
      specs.push_back(spec("program", fmt::format("{} {}", program.program, program.keep_alive),
                           buffered_, [program] {
                             return std::make_unique<ProgramSink>(program.program,
                                                                  program.keep_alive);
                           }));
    }
    if (const HttpOutputConfig& http = wanted.http_output; http.enabled) {
      const bool json = config_.alerts.json;
      specs.push_back(spec("http", identity(http, json), limits_,
                           [http, json] { return http_sink(http, json); }));
    }
  }

 private:
  static OutputSpec spec(const std::string& name, const std::string& what,
                         const QueueLimits& limits, std::function<std::unique_ptr<Sink>()> make) {
    std::string identity = fmt::format("{} {}\n{}", limits.messages, limits.linger.count(), what);
    return {.name = name,
            .identity = name + "\n" + std::move(identity),
            .limits = limits,
            .gate = {},
            .make = std::move(make)};
  }

  const Config& config_;
  QueueLimits limits_;
  QueueLimits buffered_;
};

}  // namespace

std::string alert_id() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", bytes[i]);
  }
  return out;
}

Message message_of(const Alert& alert) {
  Message message{.line = std::string(alert.line),
                  .rule = alert.rule->name,
                  .priority = alert.rule->priority,
                  .time_ns = alert.time_ns};
  if (!alert.json.empty()) {
    message.json = std::make_shared<const std::string>(alert.json);
    message.id = alert_id();
  }
  message.routes = std::make_shared<const AlertRoutes>(alert.routes.begin(), alert.routes.end());
  return message;
}

Message message_of(const InternalAlert& alert, const AlertOptions& options,
                   const std::string& hostname) {
  Message message{.line = internal_alert_line(alert, options, hostname),
                  .rule = alert.rule,
                  .priority = alert.priority,
                  .time_ns = alert.time_ns};
  if (options.structured) {
    message.json = std::make_shared<const std::string>(internal_alert_json(alert, hostname));
    message.id = alert_id();
  }
  return message;
}

std::vector<OutputSpec> output_specs(const Config& config, const route::Routes& routes,
                                     const Reporter& reporter) {
  QueueLimits limits;
  if (config.outputs.queue_capacity != 0) limits.messages = config.outputs.queue_capacity;
  std::vector<OutputSpec> specs;
  FalcoOutputs(config, limits).add_to(specs);
  for (const route::Plan& plan : routes.plans) {
    specs.push_back({.name = plan.name,
                     .identity = fmt::format("{}\n{}", limits.messages, identity(plan, routes)),
                     .limits = limits,
                     .gate = plan.gate.options,
                     .make = [plan, shape = routes.shape, spool = routes.spool, &reporter] {
                       return durable(route::make_sink(plan, shape), spool, reporter);
                     }});
  }
  return specs;
}

void OutputMonitor::tell(Seen& seen, const SinkStats& output, Time now,
                         const Reporter& reporter) const {
  const bool stalled = output.busy_since && now - *output.busy_since > timeout_;
  if (stalled && !seen.stalled && !output.failing) {
    reporter.show(Diagnostic::global(
        Code::OUTPUT_STALLED,
        fmt::format(
            "output {} has taken nothing for {} ms; {} alerts wait", output.name,
            std::chrono::duration_cast<std::chrono::milliseconds>(now - *output.busy_since).count(),
            output.queued),
        "the other outputs go on; look at what reads this one"));
  }
  seen.stalled = stalled;
  if (output.failing && !seen.failing) {
    reporter.show(Diagnostic::global(Code::OUTPUT_TROUBLE,
                                     fmt::format("output {} fails: {}", output.name, output.reason),
                                     "what can be delivered later is tried again"));
  } else if (!output.failing && seen.failing) {
    reporter.info(fmt::format("falcod: output {} delivers again\n", output.name));
  }
  seen.failing = output.failing;
  if (output.spool_failing && !seen.spool_failing) {
    reporter.show(Diagnostic::global(
        Code::OUTPUT_TROUBLE,
        fmt::format("the spool of output {} fails: {}", output.name, output.spool_reason),
        "alerts wait in memory; make room, or raise sinks.spool.max_bytes"));
  } else if (!output.spool_failing && seen.spool_failing) {
    reporter.info(fmt::format("falcod: the spool of output {} takes alerts again\n", output.name));
  }
  seen.spool_failing = output.spool_failing;
}

std::vector<InternalAlert> OutputMonitor::look(const std::vector<SinkStats>& outputs, Time now,
                                               const Reporter& reporter) {
  std::vector<InternalAlert> alerts;
  const bool alert_now = now >= next_alert_;
  if (alert_now) next_alert_ = now + kAlertInterval;
  for (const SinkStats& output : outputs) {
    Seen& seen = seen_[output.name];
    tell(seen, output, now, reporter);
    if (!alert_now || output.dropped() == seen.dropped) continue;
    InternalAlert alert;
    alert.rule = "Falco internal: alerts lost";
    alert.priority = falcoc::Priority::CRITICAL;
    const uint64_t lost = output.dropped() - seen.dropped;
    alert.message =
        fmt::format("{}. {} alerts did not reach output {}.", alert.rule, lost, output.name);
    alert.fields = {{"output", output.name},
                    {"n_lost", std::to_string(lost)},
                    {"n_lost_total", std::to_string(output.dropped())},
                    {"n_lost_queue_full", std::to_string(output.dropped_full)},
                    {"n_lost_refused", std::to_string(output.dropped_refused)},
                    {"n_lost_over_limit", std::to_string(output.dropped_limited)},
                    {"reason", reason_of(output)}};
    seen.dropped = output.dropped();
    // It would be lost there as well, and be alerted in turn, for as long as nothing is taken.
    if (output.failing || output.spool_failing) alert.except = output.name;
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

}  // namespace falcod
