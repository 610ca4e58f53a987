// See keys.h. Defaults are in config.h; whatever is not in this table is reported.
#include "runtime/config/keys.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace falcod::config {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

template <auto... path>
void put(Config& config, const Node& node, const Key& key, Reading& reading) {
  auto& member = (config.*....*path);
  using Member = std::remove_reference_t<decltype(member)>;
  if (!node.is_scalar()) {
    return reading.wrong(node, key.path, "one value");
  }
  if constexpr (std::is_same_v<Member, bool>) {
    if (!parse_bool(node.text, member)) reading.wrong(node, key.path, "true or false");
  } else if constexpr (std::is_same_v<Member, std::string>) {
    member = node.text;
  } else if constexpr (std::is_same_v<Member, double>) {
    double value = 0;
    const char* last = node.text.data() + node.text.size();
    const auto [end, error] = std::from_chars(node.text.data(), last, value);
    const bool fits = error == std::errc{} && end == last && value >= 0 &&
                      (key.most == 0 || value <= static_cast<double>(key.most));
    if (!fits) {
      return reading.wrong(node, key.path,
                           key.most == 0 ? "a number, not negative"
                                         : fmt::format("a number from 0 to {}", key.most));
    }
    member = value;
  } else {
    uint64_t value = 0;
    const char* last = node.text.data() + node.text.size();
    const auto [end, error] = std::from_chars(node.text.data(), last, value);
    const uint64_t most = key.most == 0 ? std::numeric_limits<uint32_t>::max() : key.most;
    if (error != std::errc{} || end != last || value < key.least || value > most) {
      return reading.wrong(node, key.path,
                           fmt::format("a whole number from {} to {}", key.least, most));
    }
    member = static_cast<Member>(value);
  }
}

void read_priority(Config& config, const Node& node, const Key& key, Reading& reading) {
  const auto priority = falcoc::parse_priority(node.text);
  if (!node.is_scalar() || !priority) return reading.wrong(node, key.path, key.text);
  config.alerts.minimum_priority = *priority;
}

void read_rule_matching(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (node.text != "first" && node.text != "all") return reading.wrong(node, key.path, key.text);
  config.alerts.all_rules = node.text == "all";
}

void read_log_level(Config& config, const Node& node, const Key& key, Reading& reading) {
  static constexpr std::array<std::string_view, 8> kLevels{
      "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"};
  const std::string_view text = node.text == "informational" ? "info" : std::string_view{node.text};
  const auto found = std::ranges::find(kLevels, text);
  if (found == kLevels.end()) return reading.wrong(node, key.path, key.text);
  config.log.level = static_cast<uint32_t>(found - kLevels.begin());
}

void read_interval(Config& config, const Node& node, const Key& key, Reading& reading) {
  std::chrono::milliseconds interval{0};
  if (!node.is_scalar() || !parse_duration(node.text, interval) || interval.count() < 100) {
    return reading.wrong(node, key.path,
                         "a time with a unit, 100ms or more: 1h, 30m, 1h30m, 500ms");
  }
  config.metrics.interval = interval;
}

void read_engine_kind(Config& config, const Node& node, const Key& key, Reading& reading) {
  const std::string& kind = node.text;
  config.engine.kind = kind == "replay" ? EngineKind::REPLAY : EngineKind::MODERN_EBPF;
  if (kind == "modern_ebpf" || kind == "replay") return;
  if (kind == "kmod") {
    reading.add(
        Diagnostic::at(Code::CONFIG_KEY_INERT, node.span,
                       "engine.kind: there is no kernel module; falcod sees the same through eBPF",
                       "write modern_ebpf"));
  } else if (kind == "ebpf") {
    reading.add(Diagnostic::at(Code::CONFIG_KEY_LEGACY, node.span,
                               "engine.kind: Falco dropped its old eBPF probe with 0.44",
                               "write modern_ebpf, which is what runs"));
  } else if (kind == "nodriver" || kind == "gvisor") {
    reading.wrong(node, key.path,
                  fmt::format("{}; with {} falcod would have no events at all", key.text, kind));
  } else {
    reading.wrong(node, key.path, key.text);
  }
}

/// 0 stands for the usual length, as in Falco.
void read_snap_length(Config& config, const Node& node, const Key& key, Reading& reading) {
  constexpr uint32_t kFalcosMost = 65535;
  uint32_t bytes = 0;
  const char* last = node.text.data() + node.text.size();
  const auto [end, error] = std::from_chars(node.text.data(), last, bytes);
  if (!node.is_scalar() || error != std::errc{} || end != last || bytes > kFalcosMost) {
    return reading.wrong(node, key.path, fmt::format("a whole number from 0 to {}", kFalcosMost));
  }
  if (bytes > FC_MOST_DATA_BYTES) {
    reading.add(
        Diagnostic::at(Code::CONFIG_KEY_UNSUPPORTED, node.span,
                       fmt::format("{}: at most {} bytes of what is read and written are kept",
                                   key.path, FC_MOST_DATA_BYTES),
                       fmt::format("write {} or less", FC_MOST_DATA_BYTES)));
  }
  config.engine.data_bytes =
      bytes == 0 ? FC_DATA_BYTES : std::min<uint32_t>(bytes, FC_MOST_DATA_BYTES);
}

void read_capture_mode(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (node.text != "rules" && node.text != "all_rules") {
    return reading.wrong(node, key.path, key.text);
  }
  config.capture.all_rules = node.text == "all_rules";
}

void read_listen_address(Config& config, const Node& node, const Key& key, Reading& reading) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  const bool literal = node.is_scalar() && (::inet_pton(AF_INET, node.text.c_str(), &binary) == 1 ||
                                            ::inet_pton(AF_INET6, node.text.c_str(), &binary) == 1);
  if (!literal) return reading.wrong(node, key.path, "an address such as 0.0.0.0, 127.0.0.1 or ::");
  config.webserver.listen_address = node.text;
}

void read_http_url(Config& config, const Node& node, const Key& key, Reading& reading) {
  if (!node.is_scalar()) return reading.wrong(node, key.path, "a URL");
  std::string_view url = node.text;
  if (url.size() >= 2 && url.front() == url.back() && (url.front() == '"' || url.front() == '\'')) {
    url = url.substr(1, url.size() - 2);
  }
  config.outputs.http_output.url = url;
}

using C = Config;

constexpr Key value(std::string_view path, Read read, std::string_view words = {}) {
  return {.path = path, .read = read, .text = words};
}
constexpr Key number(std::string_view path, Read read, uint64_t least, uint64_t most) {
  return {.path = path, .read = read, .least = least, .most = most};
}
constexpr Key whole(std::string_view path, Read read) {
  return {.path = path, .read = read, .free = true};
}
constexpr Key part(std::string_view path, bool free = false) {
  return {.path = path, .kind = KeyKind::PART, .free = free};
}
constexpr Key inert(std::string_view path, std::string_view why) {
  return {.path = path, .kind = KeyKind::INERT, .text = why, .free = true};
}
constexpr Key legacy(std::string_view path, std::string_view advice, Read read = nullptr) {
  return {.path = path, .kind = KeyKind::LEGACY, .read = read, .text = advice, .free = true};
}

constexpr std::string_view kModule = "there is no kernel module to set up";
constexpr std::string_view kBaseSyscalls =
    "what falcod follows processes with costs nothing per system call, and the probe delivers what "
    "rules ask for, reads and writes included";
constexpr std::string_view kLibs =
    "falcod is not made of Falco's libraries; log_level rules its log";
constexpr std::string_view kGrpc = "Falco dropped gRPC with 0.44; use http_output or sinks";
constexpr std::string_view kPurging =
    "processes leave the table when the kernel tells of their end, and after losses by a "
    "comparison "
    "with the kernel's list";

constexpr std::array kKeys{
    whole("append_output", read_append_output),
    part("append_output[]"),
    part("append_output[].match.rule"),
    part("append_output[].match.source"),
    part("append_output[].match.tags", true),
    part("append_output[].extra_output"),
    part("append_output[].extra_fields", true),
    part("append_output[].suggested_output"),
    inert("base_syscalls.all", kBaseSyscalls),
    inert("base_syscalls.custom_set", kBaseSyscalls),
    inert("base_syscalls.repair", kBaseSyscalls),
    value("buffer_format_base64", put<&C::alerts, &AlertOptions::base64_buffers>),
    value("buffered_outputs", put<&C::outputs, &OutputsConfig::buffered>),
    value("capture.enabled", put<&C::capture, &CaptureConfig::enabled>),
    value("capture.path_prefix", put<&C::capture, &CaptureConfig::path_prefix>),
    value("capture.mode", read_capture_mode, "rules or all_rules"),
    number("capture.default_duration", put<&C::capture, &CaptureConfig::default_duration>, 1,
           UINT32_MAX),
    number("capture.max_file_size_mb", put<&C::capture, &CaptureConfig::max_file_size_mb>, 0,
           1048576),
    part("config_files", true),  // read before everything else (files.cpp)
    value("engine.kind", read_engine_kind, "modern_ebpf or replay"),
    inert("engine.kmod.buf_size_preset", kModule),
    inert("engine.kmod.drop_failed_exit", kModule),
    inert("engine.modern_ebpf.cpus_for_each_buffer",
          "all processors share one ring, so that events come in order"),
    number("engine.modern_ebpf.buf_size_preset", put<&C::engine, &EngineConfig::buf_size_preset>, 1,
           10),
    value("engine.modern_ebpf.drop_failed_exit", put<&C::engine, &EngineConfig::drop_failed_exit>),
    value("engine.modern_ebpf.disable_iterators",
          put<&C::engine, &EngineConfig::disable_iterators>),
    value("engine.replay.capture_file", put<&C::engine, &EngineConfig::capture_file>),
    legacy("engine.ebpf", "Falco dropped its old eBPF probe with 0.44; use engine.modern_ebpf"),
    legacy("engine.gvisor", "Falco dropped gVisor with 0.44; remove the key"),
    inert("falco_libs.thread_table_size", "the table holds the processes there are, no more"),
    inert("falco_libs.thread_table_auto_purging_interval_s", kPurging),
    inert("falco_libs.thread_table_auto_purging_thread_timeout_s", kPurging),
    value("falco_libs.snaplen", read_snap_length),
    value("file_output.enabled",
          put<&C::outputs, &OutputsConfig::file_output, &FileOutputConfig::enabled>),
    value("file_output.keep_alive",
          put<&C::outputs, &OutputsConfig::file_output, &FileOutputConfig::keep_alive>),
    value("file_output.filename",
          put<&C::outputs, &OutputsConfig::file_output, &FileOutputConfig::filename>),
    value("http_output.enabled",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::enabled>),
    value("http_output.url", read_http_url),
    value("http_output.user_agent",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::user_agent>),
    value("http_output.insecure",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::insecure>),
    value("http_output.ca_cert",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::ca_cert>),
    value("http_output.ca_bundle",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::ca_bundle>),
    value("http_output.ca_path",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::ca_path>),
    value("http_output.mtls",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::mtls>),
    value("http_output.client_cert",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::client_cert>),
    value("http_output.client_key",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::client_key>),
    value("http_output.echo",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::echo>),
    value("http_output.compress_uploads",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::compress_uploads>),
    value("http_output.keep_alive",
          put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::keep_alive>),
    number(
        "http_output.max_consecutive_timeouts",
        put<&C::outputs, &OutputsConfig::http_output, &HttpOutputConfig::max_consecutive_timeouts>,
        0, 255),
    value("json_include_message_property", put<&C::alerts, &AlertOptions::include_message>),
    value("json_include_output_fields_property",
          put<&C::alerts, &AlertOptions::include_output_fields>),
    value("json_include_output_property", put<&C::alerts, &AlertOptions::include_output>),
    value("json_include_tags_property", put<&C::alerts, &AlertOptions::include_tags>),
    value("json_output", put<&C::alerts, &AlertOptions::json>),
    inert("libs_logger.enabled", kLibs),
    inert("libs_logger.severity", kLibs),
    whole("load_plugins", read_load_plugins),
    value("log_level", read_log_level,
          "emergency, alert, critical, error, warning, notice, info or debug"),
    value("log_stderr", put<&C::log, &LogConfig::to_stderr>),
    value("log_syslog", put<&C::log, &LogConfig::to_syslog>),
    value("metadata.kubernetes.context",
          put<&C::metadata, &MetadataSettings::kubernetes, &KubernetesSettings::context>),
    value("metadata.kubernetes.enabled",
          put<&C::metadata, &MetadataSettings::kubernetes, &KubernetesSettings::enabled>),
    value("metadata.kubernetes.kubeconfig",
          put<&C::metadata, &MetadataSettings::kubernetes, &KubernetesSettings::kubeconfig>),
    value("metadata.kubernetes.node",
          put<&C::metadata, &MetadataSettings::kubernetes, &KubernetesSettings::node>),
    value("metadata.wait", read_metadata_wait),
    whole("metadata.podman_storage", read_podman_storage),
    value("metrics.enabled", put<&C::metrics, &MetricsConfig::enabled>),
    value("metrics.interval", read_interval),
    value("metrics.output_rule", put<&C::metrics, &MetricsConfig::output_rule>),
    value("metrics.output_file", put<&C::metrics, &MetricsConfig::output_file>),
    value("metrics.rules_counters_enabled",
          put<&C::metrics, &MetricsConfig::rules_counters_enabled>),
    value("metrics.resource_utilization_enabled",
          put<&C::metrics, &MetricsConfig::resource_utilization_enabled>),
    value("metrics.state_counters_enabled",
          put<&C::metrics, &MetricsConfig::state_counters_enabled>),
    value("metrics.kernel_event_counters_enabled",
          put<&C::metrics, &MetricsConfig::kernel_event_counters_enabled>),
    inert("metrics.kernel_event_counters_per_cpu_enabled",
          "the ring is one for all processors, and so are its counters"),
    inert("metrics.kernel_iter_event_counters_enabled",
          "the first picture of processes is no stream of events"),
    inert(
        "metrics.libbpf_stats_enabled",
        "counted by the kernel for every program if kernel.bpf_stats_enabled is set; see bpftool"),
    inert("metrics.plugins_metrics_enabled", "there are no plugins"),
    inert("metrics.jemalloc_stats_enabled", "falcod does not use jemalloc"),
    value("metrics.convert_memory_to_mb", put<&C::metrics, &MetricsConfig::convert_memory_to_mb>),
    value("metrics.include_empty_values", put<&C::metrics, &MetricsConfig::include_empty_values>),
    number("output_timeout", put<&C::outputs, &OutputsConfig::output_timeout>, 0, 0),
    number("outputs_queue.capacity", put<&C::outputs, &OutputsConfig::queue_capacity>, 0, 0),
    whole("plugins", read_plugins),
    part("plugins[]"),
    part("plugins[].name"),
    part("plugins[].library_path"),
    part("plugins[].init_config", true),
    part("plugins[].open_params"),
    inert("plugins_hostinfo", "falcod reads the host's information always"),
    value("priority", read_priority,
          "emergency, alert, critical, error, warning, notice, informational, info or debug"),
    value("program_output.enabled",
          put<&C::outputs, &OutputsConfig::program_output, &ProgramOutputConfig::enabled>),
    value("program_output.keep_alive",
          put<&C::outputs, &OutputsConfig::program_output, &ProgramOutputConfig::keep_alive>),
    value("program_output.program",
          put<&C::outputs, &OutputsConfig::program_output, &ProgramOutputConfig::program>),
    value("rule_matching", read_rule_matching, "first or all"),
    whole("rules", read_rules),
    part("rules[]"),
    part("rules[].enable.rule"),
    part("rules[].enable.tag"),
    part("rules[].disable.rule"),
    part("rules[].disable.tag"),
    whole("rules_files", read_rules_files),
    whole("sinks", read_sinks),
    whole("static_fields", read_static_fields),
    value("stdout_output.enabled",
          put<&C::outputs, &OutputsConfig::stdout_output, &SwitchConfig::enabled>),
    whole("syscall_event_drops.actions", read_drop_actions),
    number("syscall_event_drops.max_burst", put<&C::drops, &DropPolicy::max_burst>, 0, 0),
    number("syscall_event_drops.rate", put<&C::drops, &DropPolicy::rate>, 0, 0),
    value("syscall_event_drops.simulate_drops", put<&C::drops, &DropPolicy::simulate_drops>),
    number("syscall_event_drops.threshold", put<&C::drops, &DropPolicy::threshold>, 0, 1),
    inert("syscall_event_timeouts.max_consecutives",
          "only events that rules need are delivered, so that silence is no fault; /healthz tells "
          "whether they flow"),
    value("syslog_output.enabled",
          put<&C::outputs, &OutputsConfig::syslog_output, &SwitchConfig::enabled>),
    value("time_format_iso_8601", put<&C::alerts, &AlertOptions::iso8601_time>),
    value("watch_config_files", put<&C::watch_config_files>),
    value("webserver.enabled", put<&C::webserver, &WebServerConfig::enabled>),
    number("webserver.threadiness", put<&C::webserver, &WebServerConfig::threadiness>, 0, 1024),
    number("webserver.listen_port", put<&C::webserver, &WebServerConfig::listen_port>, 1, 65535),
    value("webserver.listen_address", read_listen_address),
    value("webserver.k8s_healthz_endpoint",
          put<&C::webserver, &WebServerConfig::k8s_healthz_endpoint>),
    value("webserver.prometheus_metrics_enabled",
          put<&C::webserver, &WebServerConfig::prometheus_metrics_enabled>),
    value("webserver.ssl_enabled", put<&C::webserver, &WebServerConfig::ssl_enabled>),
    value("webserver.ssl_certificate", put<&C::webserver, &WebServerConfig::ssl_certificate>),
    legacy("grpc", kGrpc),
    legacy("grpc_output", kGrpc),
    legacy("metadata_download", "falcod downloads no metadata; remove the key"),
    legacy("modern_bpf", "write engine.modern_ebpf.cpus_for_each_buffer"),
    legacy("outputs",
           "alerts are not limited in rate since Falco 0.33; use outputs_queue.capacity"),
    legacy("rule_files", "write rules_files", read_rules_files),
    legacy("rules_file", "write rules_files", read_rules_files),
    legacy("syscall_buf_size_preset", "write engine.modern_ebpf.buf_size_preset"),
    legacy("syscall_drop_failed_exit", "write engine.modern_ebpf.drop_failed_exit"),
};

}  // namespace

std::span<const Key> keys() { return kKeys; }

const Key* find_key(std::string_view path) {
  const auto* found = std::ranges::find(kKeys, path, &Key::path);
  return found == kKeys.end() ? nullptr : found;
}

bool is_section(std::string_view path) {
  return std::ranges::any_of(kKeys, [&](const Key& key) {
    return key.path.size() > path.size() && key.path.starts_with(path) &&
           (key.path[path.size()] == '.' || key.path[path.size()] == '[');
  });
}

bool Reading::is_option(const Node& node) const {
  return std::ranges::find(option_files_, node.span.file) != option_files_.end();
}

void Reading::wrong(const Node& node, std::string_view path, std::string_view expected) {
  diagnostics_.add(Diagnostic::at(
      is_option(node) ? Code::OPTION_VALUE : Code::CONFIG_VALUE, node.span,
      node.is_scalar() ? fmt::format("{}: `{}` is not a value of this key", path, node.text)
                       : fmt::format("{} is of the wrong kind", path),
      fmt::format("use {}", expected)));
}

bool parse_bool(std::string_view text, bool& out) {
  static constexpr std::array kTrue{"true", "True", "TRUE", "yes", "Yes", "YES",
                                    "on",   "On",   "ON",   "y",   "Y"};
  static constexpr std::array kFalse{"false", "False", "FALSE", "no", "No", "NO",
                                     "off",   "Off",   "OFF",   "n",  "N"};
  const bool is_true = std::ranges::find(kTrue, text) != kTrue.end();
  if (!is_true && std::ranges::find(kFalse, text) == kFalse.end()) return false;
  out = is_true;
  return true;
}

bool parse_duration(std::string_view text, std::chrono::milliseconds& out) {
  struct Unit {
    std::string_view name;
    uint64_t ms;
  };
  static constexpr std::array kUnits{Unit{"y", 31'536'000'000},
                                     Unit{"w", 604'800'000},
                                     Unit{"d", 86'400'000},
                                     Unit{"h", 3'600'000},
                                     Unit{"m", 60'000},
                                     Unit{"s", 1'000},
                                     Unit{"ms", 1}};
  constexpr uint64_t kLongest = 31'536'000'000 * 100;  // a century
  if (text.empty()) return false;
  uint64_t sum = 0;
  size_t next_unit = 0;
  while (!text.empty()) {
    uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(name.size());
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size() || count > kLongest / kUnits[next_unit].ms) return false;
    sum += count * kUnits[next_unit++].ms;
    if (sum > kLongest) return false;
  }
  out = std::chrono::milliseconds{sum};
  return true;
}

}  // namespace falcod::config
