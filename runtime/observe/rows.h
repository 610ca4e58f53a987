// The counters as rows: one value with its name in snapshots and its series in Prometheus. Shared
// by the two writers.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/observe/metrics.h"

namespace falcod {

enum class RowType : uint8_t { COUNTER, GAUGE, HISTOGRAM };
enum class Unit : uint8_t { NONE, KIB, BYTES, PERCENT };

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Row {
  std::string field;   ///< key in snapshots, without a unit's suffix; empty: Prometheus only
  std::string series;  ///< empty: snapshots only
  RowType type = RowType::COUNTER;
  Unit unit = Unit::NONE;
  std::variant<uint64_t, double> value{};
  Labels labels{};
  std::string_view part{};  ///< of a histogram: "_bucket", "_sum" or "_count"
};

/// Falco's rows, by the switches of `metrics`.
std::vector<Row> falco_rows(const MetricsSample& sample, const MetricsConfig& config);
/// falcod's own, for Prometheus.
std::vector<Row> own_rows(const MetricsSample& sample);
/// Falcosidekick's series, which dashboards of its users ask for; none without `sinks`.
std::vector<Row> sidekick_rows(const MetricsSample& sample, const std::string& hostname);

/// "ring buffer full" …
std::string_view loss_reason(fc_loss reason);

}  // namespace falcod
