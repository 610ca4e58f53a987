// falcod's counters under the names that Falco's users have in their dashboards (falco-config.md,
// section 8), and under falcod's own. Knows how they are written, not where they come from.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/capture/event_source.h"
#include "runtime/config/config.h"
#include "runtime/engine/engine.h"
#include "runtime/observe/resources.h"
#include "runtime/output/sink_queue.h"

namespace falcod {

struct RuleCounter {
  std::string name;
  falcoc::Priority priority{};
  std::string source;
  std::vector<std::string> tags;
  uint64_t matches = 0;
};

/// What stays the same while falcod runs.
struct MetricsIdentity {
  std::string version;
  std::string hostname;
  std::string kernel_release;
  std::string engine_name;  ///< "modern_bpf", as Falco calls it
  uint64_t start_ns = 0;    ///< since the epoch
  uint64_t host_boot_ns = 0;
  uint32_t host_cpus = 0;
};

/// The counters at one moment.
struct MetricsSample {
  uint64_t time_ns = 0;    ///< since the epoch
  uint64_t reload_ns = 0;  ///< of the last loading of rules
  EngineStats engine;
  std::vector<uint64_t> submitted;  ///< by kind: what the kernel's filters let pass; may be empty
  std::vector<uint64_t> rejected;   ///< by kind: what they did not; may be empty
  std::vector<LossCount> losses;
  std::vector<SinkStats> outputs;
  std::vector<RuleCounter> rules;
  uint64_t rules_enabled = 0;
  uint64_t processes = 0;
  uint64_t reloads_done = 0, reloads_failed = 0;
  std::map<std::string, std::string> rules_files_sha256;  ///< by path
  std::map<std::string, std::string> config_files_sha256;
  Resources resources;
};

/// Prometheus' text format 0.0.4.
std::string prometheus_text(const MetricsIdentity& identity, const MetricsSample& sample,
                            const MetricsConfig& config);

/// The output_fields of a snapshot. `before` is the sample of the previous one, null for the first.
nlohmann::json snapshot_fields(const MetricsIdentity& identity, const MetricsSample& sample,
                               const MetricsSample* before, const MetricsConfig& config);

/// SHA-256 of a file in hexadecimal digits, empty if it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace falcod
