// What falco.yaml says, as values: one member for each key, named after it, with the value that
// counts where the key is absent. Where that is not what Falco ships, Falco does the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/output_additions.h"
#include "compiler/source/source.h"
#include "probe/abi.h"
#include "runtime/config/drop_policy.h"
#include "runtime/config/node.h"
#include "runtime/engine/alert.h"
#include "runtime/metadata/settings.h"

namespace falcod {

/// rules_files: one entry; it may not exist.
struct RulesFile {
  std::string path;
  falcoc::Span span;
};

/// rules: one entry. Applied in order when all rules are loaded.
struct RuleSelection {
  bool enable = false;
  bool by_tag = false;  ///< else by name, `*` stands for any text
  std::string pattern;
  falcoc::Span span;
};

enum class EngineKind : uint8_t { MODERN_EBPF, REPLAY };

struct EngineConfig {
  EngineKind kind = EngineKind::MODERN_EBPF;
  std::string capture_file{};           ///< replay.capture_file
  uint32_t buf_size_preset = 4;         ///< 1..10 = 1..512 MB
  bool drop_failed_exit = false;        ///< failed system calls are not reported
  bool disable_iterators = false;       ///< the first picture of processes comes from /proc
  uint32_t data_bytes = FC_DATA_BYTES;  ///< falco_libs.snaplen
};

/// Section `capture`: what is recorded around matches.
struct CaptureConfig {
  bool enabled = false;
  std::string path_prefix = "/tmp/falco";
  bool all_rules = false;            ///< mode: all_rules; else those with `capture: true`
  uint32_t default_duration = 5000;  ///< milliseconds
  uint32_t max_file_size_mb = 0;     ///< 0: no limit
};

struct FileOutputConfig {
  bool enabled = false;
  bool keep_alive = false;
  std::string filename{};
};

struct ProgramOutputConfig {
  bool enabled = false;
  bool keep_alive = false;
  std::string program{};
};

struct HttpOutputConfig {
  bool enabled = false;
  std::string url{};
  std::string user_agent = "falcosecurity/falco";
  bool insecure = false;
  std::string ca_cert{};
  std::string ca_bundle{};
  std::string ca_path = "/etc/ssl/certs";
  bool mtls = false;
  std::string client_cert = "/etc/ssl/certs/client.crt";
  std::string client_key = "/etc/ssl/certs/client.key";
  bool echo = false;
  bool compress_uploads = false;
  bool keep_alive = false;
  uint32_t max_consecutive_timeouts = 5;
};

struct SwitchConfig {
  bool enabled = false;
};

struct OutputsConfig {
  SwitchConfig stdout_output{};
  SwitchConfig syslog_output{};
  FileOutputConfig file_output{};
  ProgramOutputConfig program_output{};
  HttpOutputConfig http_output{};
  bool buffered = false;           ///< buffered_outputs
  size_t queue_capacity = 0;       ///< outputs_queue.capacity; 0 = falcod's own bound
  uint32_t output_timeout = 2000;  ///< milliseconds

  bool any() const {
    return stdout_output.enabled || syslog_output.enabled || file_output.enabled ||
           program_output.enabled || http_output.enabled;
  }
};

struct WebServerConfig {
  bool enabled = false;
  uint32_t threadiness = 0;  ///< 0 = by the number of processors
  uint32_t listen_port = 8765;
  std::string listen_address = "0.0.0.0";
  std::string k8s_healthz_endpoint = "/healthz";
  bool prometheus_metrics_enabled = false;
  bool ssl_enabled = false;
  std::string ssl_certificate = "/etc/falco/falco.pem";
};

struct MetricsConfig {
  bool enabled = false;
  std::chrono::milliseconds interval{0};
  bool output_rule = false;
  std::string output_file{};
  bool rules_counters_enabled = true;
  bool resource_utilization_enabled = true;
  bool state_counters_enabled = true;
  bool kernel_event_counters_enabled = true;
  bool kernel_event_counters_per_cpu_enabled = true;
  bool libbpf_stats_enabled = true;
  bool convert_memory_to_mb = true;
  bool include_empty_values = false;
};

/// falcod's own log.
struct LogConfig {
  bool to_stderr = false;
  bool to_syslog = true;
  uint32_t level = 6;  ///< as syslog numbers them: 0 emergency … 7 debug
};

struct Config {
  /// Files it was read from, the main one first; none: the built-in configuration.
  std::vector<std::string> files{};
  /// Paths whose change means another configuration: the files, and folders of config_files.
  std::vector<std::string> watched{};
  bool watch_config_files = true;

  bool has_rules_files = false;  ///< the key is there, its list may be empty
  std::vector<RulesFile> rules_files{};
  std::vector<RuleSelection> rules{};
  std::vector<falcoc::ir::OutputAddition> append_output{};
  falcoc::ir::StaticFields static_fields{};  ///< static_fields, names with their prefix

  EngineConfig engine{};
  CaptureConfig capture{};
  AlertOptions alerts{};
  OutputsConfig outputs{};
  WebServerConfig webserver{};
  MetricsConfig metrics{};
  DropPolicy drops{};
  LogConfig log{};
  MetadataSettings metadata{};  ///< `metadata`, and the settings of plugin container
  config::Node sinks{};         ///< read by runtime/route
};

}  // namespace falcod
