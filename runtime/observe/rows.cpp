// See rows.h. One function for each switch of `metrics`.
#include "runtime/observe/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "runtime/observe/loss_groups.h"

namespace falcod {

namespace {

constexpr std::string_view kFalco = "falcosecurity_falco_";
constexpr std::string_view kScap = "falcosecurity_scap_";

Row falco_gauge(std::string_view name, Unit unit, std::variant<uint64_t, double> value,
                std::string_view series) {
  return {.field = fmt::format("falco.{}", name),
          .series = fmt::format("{}{}", kFalco, series),
          .type = RowType::GAUGE,
          .unit = unit,
          .value = value};
}

void add_resources(const Resources& used, std::vector<Row>& out) {
  out.push_back(falco_gauge("cpu_usage_perc", Unit::PERCENT, used.cpu_percent, "cpu_usage_ratio"));
  out.push_back(falco_gauge("memory_rss", Unit::KIB, used.rss_kb, "memory_rss_bytes"));
  out.push_back(falco_gauge("memory_vsz", Unit::KIB, used.vsz_kb, "memory_vsz_bytes"));
  out.push_back(falco_gauge("memory_pss", Unit::KIB, used.pss_kb, "memory_pss_bytes"));
  out.push_back(falco_gauge("container_memory_used", Unit::BYTES, used.container_memory_bytes,
                            "container_memory_used_bytes"));
  out.push_back(falco_gauge("host_cpu_usage_perc", Unit::PERCENT, used.host_cpu_percent,
                            "host_cpu_usage_ratio"));
  out.push_back(falco_gauge("host_memory_used", Unit::KIB, used.host_memory_used_kb,
                            "host_memory_used_bytes"));
  out.push_back(falco_gauge("host_procs_running", Unit::NONE, used.host_procs_running,
                            "host_procs_running_total"));
  out.push_back(
      falco_gauge("host_open_fds", Unit::NONE, used.host_open_fds, "host_open_fds_total"));
}

void add_kernel_counters(const MetricsSample& sample, std::vector<Row>& out) {
  const auto add = [&](std::string_view name, uint64_t value, bool has_series, Labels labels = {},
                       std::string_view series = {}) {
    out.push_back({.field = fmt::format("scap.{}", name),
                   .series = has_series
                                 ? fmt::format("{}{}_total", kScap, series.empty() ? name : series)
                                 : std::string{},
                   .value = value,
                   .labels = std::move(labels)});
  };
  uint64_t lost = 0;
  for (const LossCount& loss : sample.losses) lost += loss.count;
  add("n_evts", sample.engine.events + lost, true);
  // The total is the sum of the labels in Prometheus, and a field of its own in snapshots.
  add("n_drops_buffer_total", lost_events(sample.losses, FC_LOSS_RING_FULL), false);
  for (const LossGroup& group : loss_groups()) {
    add(fmt::format("n_drops_buffer_{}_exit", group.name),
        lost_events(sample.losses, FC_LOSS_RING_FULL, group), true,
        {{"dir", "exit"}, {"drop", std::string(group.name)}}, "n_drops_buffer");
  }
  // Events at a call's entry do not exist any more; Falco keeps their series.
  for (const char* name :
       {"clone_fork", "execve", "connect", "open", "dir_file", "other_interest"}) {
    out.push_back({.field = {},
                   .series = fmt::format("{}n_drops_buffer_total", kScap),
                   .value = uint64_t{0},
                   .labels = {{"dir", "enter"}, {"drop", name}}});
  }
  add("n_drops_scratch_map", lost_events(sample.losses, FC_LOSS_SCRATCH), true);
  add("n_drops", lost, true);
}

/// `A rule!` → `A_rule_`: what Falco makes of a rule's name in a key.
std::string sanitized(std::string_view name) {
  std::string out;
  for (const char c : name) {
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return out;
}

void add_rules(const MetricsSample& sample, std::vector<Row>& out) {
  uint64_t total = 0;
  for (const RuleCounter& rule : sample.rules) {
    total += rule.matches;
    if (rule.matches == 0) continue;
    Row row{.field = fmt::format("falco.rules.{}", sanitized(rule.name)),
            .series = fmt::format("{}rules_matches_total", kFalco),
            .value = rule.matches,
            .labels = {{"rule_name", rule.name},
                       {"priority", std::to_string(static_cast<int>(rule.priority))},
                       {"source", rule.source}}};
    std::vector<std::string> labels;
    for (const std::string& tag : rule.tags) {
      std::string label = "tag_" + sanitized(tag);
      // Two tags can become one label.
      if (std::ranges::count(labels, label) != 0) continue;
      row.labels.emplace_back(label, "true");
      labels.push_back(std::move(label));
    }
    out.push_back(std::move(row));
  }
  out.push_back({.field = "falco.rules.matches_total", .series = {}, .value = total});
}

}  // namespace

std::string_view loss_reason(fc_loss reason) {
  static constexpr std::array<std::string_view, FC_LOSS_COUNT> kReasons{
      "ring_full", "record_too_large", "program_missing", "hook_busy", "argument_unreadable"};
  return reason < kReasons.size() ? kReasons[reason] : "unknown";
}

std::vector<Row> falco_rows(const MetricsSample& sample, const MetricsConfig& config) {
  std::vector<Row> rows;
  if (config.rules_counters_enabled) add_rules(sample, rows);
  if (config.resource_utilization_enabled) add_resources(sample.resources, rows);
  if (config.state_counters_enabled) {
    rows.push_back({.field = "falco.n_threads",
                    .series = fmt::format("{}n_threads_total", kScap),
                    .type = RowType::GAUGE,
                    .value = sample.processes});
  }
  if (config.kernel_event_counters_enabled) add_kernel_counters(sample, rows);
  return rows;
}

namespace {

/// `falcod_output_delivery_seconds`, of one output.
void add_delivery(const SinkStats& output, std::vector<Row>& rows) {
  const auto add = [&](std::string_view part, std::variant<uint64_t, double> value,
                       std::string limit = {}) {
    Row row{.field = {},
            .series = "falcod_output_delivery_seconds",
            .type = RowType::HISTOGRAM,
            .value = value,
            .labels = {{"output", output.name}},
            .part = part};
    if (!limit.empty()) row.labels.emplace_back("le", std::move(limit));
    rows.push_back(std::move(row));
  };
  uint64_t count = 0;
  for (size_t i = 0; i < output.delivery.counts.size(); ++i) {
    count += output.delivery.counts[i];
    const bool last = i == DeliveryTimes::kLimits.size();
    add("_bucket", count,
        last ? "+Inf" : fmt::format("{}", static_cast<double>(DeliveryTimes::kLimits[i]) / 1e3));
  }
  add("_sum", static_cast<double>(output.delivery.sum_ns) / 1e9);
  add("_count", count);
}

}  // namespace

std::vector<Row> own_rows(const MetricsSample& sample) {
  std::vector<Row> rows;
  const auto add = [&](std::string_view series, RowType type, uint64_t value, Labels labels = {}) {
    rows.push_back({.field = {},
                    .series = fmt::format("falcod_{}", series),
                    .type = type,
                    .value = value,
                    .labels = std::move(labels)});
  };
  using enum RowType;
  for (size_t kind = 0; kind < sample.engine.kinds.size(); ++kind) {
    const KindCount& count = sample.engine.kinds[kind];
    if (count.events == 0) continue;
    const std::string type(falcoc::event_kind_name(static_cast<falcoc::EventKind>(kind)));
    add("events_read_total", COUNTER, count.events, {{"type", type}});
    add("events_candidates_total", COUNTER, count.candidates, {{"type", type}});
    add("events_evaluated_total", COUNTER, count.evaluated, {{"type", type}});
    add("events_matched_total", COUNTER, count.matched, {{"type", type}});
  }
  for (size_t kind = 0; kind < std::min(sample.submitted.size(), falcoc::kEventKinds); ++kind) {
    if (sample.submitted[kind] == 0) continue;
    add("events_submitted_total", COUNTER, sample.submitted[kind],
        {{"type", std::string(falcoc::event_kind_name(static_cast<falcoc::EventKind>(kind)))}});
  }
  for (size_t kind = 0; kind < std::min(sample.rejected.size(), falcoc::kEventKinds); ++kind) {
    if (sample.rejected[kind] == 0) continue;
    add("events_filtered_total", COUNTER, sample.rejected[kind],
        {{"type", std::string(falcoc::event_kind_name(static_cast<falcoc::EventKind>(kind)))}});
  }
  for (const LossCount& loss : sample.losses) {
    const std::string type = loss.kind < falcoc::kEventKinds
                                 ? std::string(falcoc::event_kind_name(loss.kind))
                                 : fmt::format("state_{}", loss.kind);
    add("events_lost_total", COUNTER, loss.count,
        {{"type", type}, {"reason", std::string(loss_reason(loss.reason))}});
  }
  for (const SinkStats& output : sample.outputs) {
    const auto alerts = [&](std::string_view outcome, uint64_t count) {
      add("output_alerts_total", COUNTER, count,
          {{"output", output.name}, {"outcome", std::string(outcome)}});
    };
    alerts("delivered", output.written);
    alerts("queue_full", output.dropped_full);
    alerts("refused", output.dropped_refused);
    alerts("over_limit", output.dropped_limited);
    alerts("repeated", output.repeated);
    alerts("closed", output.dropped_closed);
    add("output_retries_total", COUNTER, output.retries, {{"output", output.name}});
    add("output_queue_alerts", GAUGE, output.queued, {{"output", output.name}});
    add("output_queue_bytes", GAUGE, output.queued_bytes, {{"output", output.name}});
    add("output_failing", GAUGE, output.failing ? 1 : 0, {{"output", output.name}});
    add_delivery(output, rows);
  }
  const MetadataStats& metadata = sample.engine.metadata;
  add("metadata_containers", GAUGE, metadata.containers);
  add("metadata_lookups_total", COUNTER, metadata.answered, {{"outcome", "known"}});
  add("metadata_lookups_total", COUNTER, metadata.unknown, {{"outcome", "unknown"}});
  add("metadata_events_waited_total", COUNTER, metadata.waited);
  add("metadata_events_not_waited_total", COUNTER, metadata.no_room);
  add("metadata_alerts_late_total", COUNTER, metadata.alerts_late);
  add("metadata_alerts_blank_total", COUNTER, metadata.alerts_blank);
  if (const PodStats& pods = metadata.pods; pods.asked) {
    add("kubernetes_reachable", GAUGE, pods.reachable ? 1 : 0);
    add("kubernetes_unreachable_seconds", GAUGE, pods.unreachable_seconds);
    add("kubernetes_pods", GAUGE, pods.pods);
    add("kubernetes_objects", GAUGE, pods.objects);
    add("kubernetes_lists_total", COUNTER, pods.lists);
    add("kubernetes_events_total", COUNTER, pods.events);
    add("kubernetes_failures_total", COUNTER, pods.failures);
    add("kubernetes_labels_cut_total", COUNTER, pods.labels_cut);
    add("kubernetes_objects_left_out_total", COUNTER, pods.objects_left_out);
  }
  add("rules_enabled", GAUGE, sample.rules_enabled);
  add("rule_reloads_total", COUNTER, sample.reloads_done, {{"outcome", "done"}});
  add("rule_reloads_total", COUNTER, sample.reloads_failed, {{"outcome", "failed"}});
  add("records_malformed_total", COUNTER, sample.engine.malformed);
  return rows;
}

std::vector<Row> sidekick_rows(const MetricsSample& sample, const std::string& hostname) {
  constexpr std::string_view kSinks = "sinks.";
  std::vector<Row> rows;
  const auto add = [&](std::string_view series, uint64_t value, Labels labels) {
    rows.push_back({.field = {},
                    .series = fmt::format("falcosecurity_falcosidekick_{}_total", series),
                    .value = value,
                    .labels = std::move(labels)});
  };
  for (const SinkStats& output : sample.outputs) {
    if (!output.name.starts_with(kSinks)) continue;
    const std::string destination = output.name.substr(kSinks.size());
    add("outputs", output.written, {{"destination", destination}, {"status", "ok"}});
    add("outputs", output.dropped() + output.retries,
        {{"destination", destination}, {"status", "error"}});
  }
  if (rows.empty()) return rows;
  uint64_t alerts = 0;
  for (const RuleCounter& rule : sample.rules) {
    alerts += rule.matches;
    if (rule.matches == 0) continue;
    std::string word(falcoc::priority_name(rule.priority));
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // Its numbers count from 1, debug, to 8, emergency.
    add("falco_events", rule.matches,
        {{"hostname", hostname},
         {"rule", rule.name},
         {"priority", std::to_string(8 - static_cast<int>(rule.priority))},
         {"priority_raw", word},
         {"source", rule.source}});
  }
  add("inputs", alerts, {{"source", "requests"}, {"status", "accepted"}});
  return rows;
}

}  // namespace falcod
