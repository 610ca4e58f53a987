// See metrics.h.
#include "runtime/observe/metrics.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/observe/rows.h"

namespace falcod {

namespace {

using nlohmann::json;

constexpr std::string_view kHelp = "https://falco.org/docs/metrics/";

double as_double(const std::variant<uint64_t, double>& value) {
  return std::visit([](auto number) { return static_cast<double>(number); }, value);
}

/// Prometheus has base units.
double in_base_unit(const Row& row) {
  const double value = as_double(row.value);
  switch (row.unit) {
    case Unit::KIB:
      return value * 1024;
    case Unit::PERCENT:
      return value / 100;
    case Unit::NONE:
    case Unit::BYTES:
      break;
  }
  return value;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string sample_line(const Row& row) {
  std::string labels;
  for (const auto& [name, value] : row.labels) {
    labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "{" : ",", name, escaped(value));
  }
  if (!labels.empty()) labels += '}';
  // Whole numbers as such: counters of nanoseconds have more digits than a double.
  const std::string name = fmt::format("{}{}", row.series, row.part);
  if (row.unit == Unit::NONE && std::holds_alternative<uint64_t>(row.value)) {
    return fmt::format("{}{} {}\n", name, labels, std::get<uint64_t>(row.value));
  }
  return fmt::format("{}{} {}\n", name, labels, in_base_unit(row));
}

std::string_view type_name(RowType type) {
  switch (type) {
    case RowType::COUNTER:
      return "counter";
    case RowType::GAUGE:
      return "gauge";
    case RowType::HISTOGRAM:
      break;
  }
  return "histogram";
}

Row info(std::string_view series, Labels labels) {
  return {.field = {},
          .series = fmt::format("falcosecurity_{}", series),
          .type = RowType::GAUGE,
          .value = uint64_t{1},
          .labels = std::move(labels)};
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::vector<Row> wrapper_rows(const MetricsIdentity& identity, const MetricsSample& sample) {
  std::vector<Row> rows{
      info("falco_version_info", {{"version", identity.version}}),
      info("falco_kernel_release_info", {{"kernel_release", identity.kernel_release}}),
      info("evt_hostname_info", {{"hostname", identity.hostname}}),
      info("scap_engine_name_info",
           {{"engine_name", identity.engine_name}, {"evt_source", "syscall"}}),
  };
  const auto add_files = [&](std::string_view series, const auto& files) {
    std::vector<std::string> names;
    for (const auto& [path, hash] : files) {
      std::string name = file_name(path);
      // Two folders can hold files of one name, a series cannot be there twice.
      if (std::ranges::count(names, name) != 0) name = path;
      rows.push_back(info(series, {{"file_name", name}, {"sha256", hash}}));
      names.push_back(std::move(name));
    }
  };
  add_files("falco_sha256_rules_files_info", sample.rules_files_sha256);
  add_files("falco_sha256_config_files_info", sample.config_files_sha256);
  const auto add = [&](std::string_view series, RowType type,
                       std::variant<uint64_t, double> value) {
    rows.push_back({.field = {},
                    .series = fmt::format("falcosecurity_falco_{}", series),
                    .type = type,
                    .value = value});
  };
  uint64_t queue_drops = 0;
  for (const SinkStats& output : sample.outputs) queue_drops += output.dropped_full;
  add("outputs_queue_num_drops_total", RowType::COUNTER, queue_drops);
  add("reload_timestamp_nanoseconds", RowType::GAUGE, sample.reload_ns);
  add("start_timestamp_nanoseconds", RowType::GAUGE, identity.start_ns);
  add("host_boot_timestamp_nanoseconds", RowType::GAUGE, identity.host_boot_ns);
  add("duration_seconds_total", RowType::COUNTER,
      static_cast<double>(sample.time_ns - identity.start_ns) / 1e9);
  add("host_num_cpus_total", RowType::GAUGE, uint64_t{identity.host_cpus});
  return rows;
}

/// A memory value as snapshots have it, with the unit in its name.
void put_memory(json& fields, const Row& row, const MetricsConfig& config) {
  const double bytes = in_base_unit(row);
  if (config.convert_memory_to_mb) {
    fields[row.field + "_mb"] = std::round(bytes / 1024 / 1024 * 10) / 10;
  } else if (row.unit == Unit::KIB) {
    fields[row.field + "_kb"] = static_cast<uint64_t>(bytes / 1024);
  } else {
    fields[row.field + "_bytes"] = static_cast<uint64_t>(bytes);
  }
}

double per_second(uint64_t now, uint64_t before, double seconds) {
  return seconds > 0 ? std::round(static_cast<double>(now - before) / seconds * 10) / 10 : 0;
}

uint64_t lost(const MetricsSample& sample) {
  uint64_t sum = 0;
  for (const LossCount& loss : sample.losses) sum += loss.count;
  return sum;
}

void put_rates(json& fields, const MetricsIdentity& identity, const MetricsSample& sample,
               const MetricsSample* before) {
  const uint64_t since = before == nullptr ? identity.start_ns : before->time_ns;
  const double seconds = static_cast<double>(sample.time_ns - since) / 1e9;
  const uint64_t evts_before = before == nullptr ? 0 : before->engine.events;
  const uint64_t drops_before = before == nullptr ? 0 : lost(*before);
  const uint64_t all_before = evts_before + drops_before;
  const uint64_t all = sample.engine.events + lost(sample);
  fields["falco.num_evts"] = sample.engine.events;
  fields["falco.num_evts_prev"] = evts_before;
  fields["falco.evts_rate_sec"] = per_second(sample.engine.events, evts_before, seconds);
  fields["scap.n_evts_prev"] = all_before;
  fields["scap.evts_rate_sec"] = per_second(all, all_before, seconds);
  fields["scap.n_drops_prev"] = drops_before;
  fields["scap.evts_drop_rate_sec"] = per_second(lost(sample), drops_before, seconds);
  fields["scap.n_drops_perc"] = all > all_before
                                    ? 100.0 * static_cast<double>(lost(sample) - drops_before) /
                                          static_cast<double>(all - all_before)
                                    : 0.0;
}

}  // namespace

std::string prometheus_text(const MetricsIdentity& identity, const MetricsSample& sample,
                            const MetricsConfig& config) {
  std::vector<Row> rows = wrapper_rows(identity, sample);
  std::ranges::move(falco_rows(sample, config), std::back_inserter(rows));
  std::ranges::move(own_rows(sample), std::back_inserter(rows));
  std::ranges::move(sidekick_rows(sample, identity.hostname), std::back_inserter(rows));
  std::erase_if(rows, [](const Row& row) { return row.series.empty(); });
  // All samples of a series stand together, behind its two comments.
  std::ranges::stable_sort(rows, {}, &Row::series);
  std::string out;
  std::string_view series;
  for (const Row& row : rows) {
    if (row.series != series) {
      series = row.series;
      out +=
          fmt::format("# HELP {} {}\n# TYPE {} {}\n", series, kHelp, series, type_name(row.type));
    }
    out += sample_line(row);
  }
  return out;
}

json snapshot_fields(const MetricsIdentity& identity, const MetricsSample& sample,
                     const MetricsSample* before, const MetricsConfig& config) {
  json fields = json::object();
  for (const Row& row : falco_rows(sample, config)) {
    if (row.field.empty()) continue;
    if (!config.include_empty_values && as_double(row.value) == 0) continue;
    if (row.unit == Unit::KIB || row.unit == Unit::BYTES) {
      put_memory(fields, row, config);
    } else if (row.unit == Unit::PERCENT) {
      fields[row.field] = std::round(as_double(row.value) * 10) / 10;
    } else {
      std::visit([&](auto number) { fields[row.field] = number; }, row.value);
    }
  }
  put_rates(fields, identity, sample, before);
  uint64_t queue_drops = 0;
  for (const SinkStats& output : sample.outputs) queue_drops += output.dropped_full;
  fields["evt.time"] = sample.time_ns;
  fields["evt.hostname"] = identity.hostname;
  fields["evt.source"] = "syscall";
  fields["falco.version"] = identity.version;
  fields["falco.start_ts"] = identity.start_ns;
  fields["falco.reload_ts"] = sample.reload_ns;
  fields["falco.duration_sec"] = (sample.time_ns - identity.start_ns) / 1'000'000'000;
  fields["falco.kernel_release"] = identity.kernel_release;
  fields["falco.host_boot_ts"] = identity.host_boot_ns;
  fields["falco.host_num_cpus"] = identity.host_cpus;
  fields["falco.outputs_queue_num_drops"] = queue_drops;
  fields["scap.engine_name"] = identity.engine_name;
  for (const auto& [path, hash] : sample.rules_files_sha256) {
    fields["falco.sha256_rules_file." + std::filesystem::path(path).stem().string()] = hash;
  }
  for (const auto& [path, hash] : sample.config_files_sha256) {
    fields["falco.sha256_config_file." + std::filesystem::path(path).stem().string()] = hash;
  }
  return fields;
}

std::string sha256_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::array<char, 65536> bytes{};
  while (file.read(bytes.data(), bytes.size()) || file.gcount() > 0) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
                              static_cast<unsigned long long>(file.gcount()));
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&state, hash.data());
  std::string out;
  for (const unsigned char byte : hash) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace falcod
