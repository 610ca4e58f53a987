// What /metrics and snapshots say, and what Prometheus' own tool says of it.
#include "runtime/observe/metrics.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace falcod;

namespace {

MetricsIdentity identity() {
  return {.version = "1.2.3",
          .hostname = "a \"host\"\\",
          .kernel_release = "6.1",
          .engine_name = "modern_bpf",
          .start_ns = 1'000'000'000,
          .host_boot_ns = 5,
          .host_cpus = 2};
}

MetricsSample sample() {
  MetricsSample out;
  out.time_ns = 11'000'000'000;
  out.reload_ns = 7;
  out.engine.events = 1000;
  out.engine.kinds[static_cast<size_t>(falcoc::EventCode::OPENAT)] = {
      .events = 100, .candidates = 50, .evaluated = 40, .matched = 3};
  out.losses = {{static_cast<uint16_t>(falcoc::EventCode::OPENAT), FC_LOSS_RING_FULL, 5},
                {static_cast<uint16_t>(falcoc::EventCode::CONNECT), FC_LOSS_SCRATCH, 2}};
  SinkStats output;
  output.name = "http";
  output.written = 9;
  output.dropped_full = 4;
  out.outputs = {output};
  out.rules = {
      {"Read a \"file\"", falcoc::Priority::WARNING, "syscall", {"T1059", "mitre-x", "mitre.x"}, 3},
      {"Never", falcoc::Priority::ERROR, "syscall", {}, 0}};
  out.rules_enabled = 2;
  out.processes = 77;
  out.rules_files_sha256 = {{"/a/rules.yaml", "abc"}, {"/b/rules.yaml", "def"}};
  out.config_files_sha256 = {{"/etc/falco/falco.yaml", "123"}};
  out.resources.rss_kb = 2048;
  out.resources.cpu_percent = 12.5;
  return out;
}

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Falco's series, by name, label and unit") {
  const std::string text = prometheus_text(identity(), sample(), {});
  CAPTURE(text);
  CHECK(has(text, "falcosecurity_falco_version_info{version=\"1.2.3\"} 1"));
  CHECK(has(text, "falcosecurity_evt_hostname_info{hostname=\"a \\\"host\\\"\\\\\"} 1"));
  CHECK(has(
      text,
      "falcosecurity_scap_engine_name_info{engine_name=\"modern_bpf\",evt_source=\"syscall\"} 1"));
  CHECK(has(text, "falcosecurity_falco_kernel_release_info{kernel_release=\"6.1\"} 1"));
  CHECK(has(text, "falcosecurity_falco_outputs_queue_num_drops_total 4"));
  CHECK(has(text, "falcosecurity_falco_reload_timestamp_nanoseconds 7"));
  CHECK(has(text, "falcosecurity_falco_start_timestamp_nanoseconds 1000000000"));
  CHECK(has(text, "falcosecurity_falco_host_boot_timestamp_nanoseconds 5"));
  CHECK(has(text, "falcosecurity_falco_duration_seconds_total 10"));
  CHECK(has(text, "falcosecurity_falco_host_num_cpus_total 2"));
  CHECK(has(
      text,
      "falcosecurity_falco_sha256_rules_files_info{file_name=\"rules.yaml\",sha256=\"abc\"} 1"));
  CHECK(has(
      text,
      "falcosecurity_falco_sha256_rules_files_info{file_name=\"/b/rules.yaml\",sha256=\"def\"} 1"));
  CHECK(has(
      text,
      "falcosecurity_falco_sha256_config_files_info{file_name=\"falco.yaml\",sha256=\"123\"} 1"));
  CHECK(has(text, "falcosecurity_falco_memory_rss_bytes 2097152"));
  CHECK(has(text, "falcosecurity_falco_cpu_usage_ratio 0.125"));
  CHECK(has(text, "falcosecurity_scap_n_threads_total 77"));
  CHECK(has(text, "falcosecurity_scap_n_evts_total 1007"));
  CHECK(has(text, "falcosecurity_scap_n_drops_total 7"));
  CHECK(has(text, "falcosecurity_scap_n_drops_scratch_map_total 2"));
  CHECK(has(text, "falcosecurity_scap_n_drops_buffer_total{dir=\"exit\",drop=\"open\"} 5"));
  CHECK(has(text, "falcosecurity_scap_n_drops_buffer_total{dir=\"enter\",drop=\"execve\"} 0"));
  CHECK(has(
      text,
      "falcosecurity_falco_rules_matches_total{rule_name=\"Read a \\\"file\\\"\",priority=\"4\","
      "source=\"syscall\",tag_T1059=\"true\",tag_mitre_x=\"true\"} 3"));
  CHECK(text.find("Never") == std::string::npos);
}

TEST_CASE("Falcosidekick's series, where sinks are configured") {
  CHECK(prometheus_text(identity(), sample(), {}).find("falcosidekick") == std::string::npos);
  MetricsSample with_sink = sample();
  with_sink.outputs[0].name = "sinks.slack";
  with_sink.outputs[0].retries = 2;
  const std::string text = prometheus_text(identity(), with_sink, {});
  CAPTURE(text);
  const std::string outputs = "falcosecurity_falcosidekick_outputs_total{destination=\"slack\",";
  CHECK(has(text, outputs + "status=\"ok\"} 9"));
  CHECK(has(text, outputs + "status=\"error\"} 6"));
  CHECK(has(text,
            "falcosecurity_falcosidekick_falco_events_total{hostname=\"a "
            "\\\"host\\\"\\\\\",rule=\"Read a "
            "\\\"file\\\"\",priority=\"4\",priority_raw=\"warning\",source=\"syscall\"} 3"));
  CHECK(has(text,
            "falcosecurity_falcosidekick_inputs_total{source=\"requests\",status=\"accepted\"} 3"));
}

TEST_CASE("falcod's own series: events, losses, outputs") {
  const std::string text = prometheus_text(identity(), sample(), {});
  CHECK(has(text, "falcod_events_read_total{type=\"openat\"} 100"));
  CHECK(has(text, "falcod_events_candidates_total{type=\"openat\"} 50"));
  CHECK(has(text, "falcod_events_evaluated_total{type=\"openat\"} 40"));
  CHECK(has(text, "falcod_events_matched_total{type=\"openat\"} 3"));
  CHECK(has(text, "falcod_events_lost_total{type=\"openat\",reason=\"ring_full\"} 5"));
  CHECK(has(text, "falcod_output_alerts_total{output=\"http\",outcome=\"delivered\"} 9"));
  CHECK(has(text, "falcod_output_alerts_total{output=\"http\",outcome=\"queue_full\"} 4"));
  CHECK(has(text, "falcod_rules_enabled 2"));
}

TEST_CASE("what filters in the kernel drop, and how long deliveries took") {
  MetricsSample more = sample();
  more.rejected.resize(falcoc::kEventKinds);
  more.rejected[falcoc::event_kinds_named("openat")->_Find_first()] = 17;
  DeliveryTimes& times = more.outputs[0].delivery;
  times.add(1'000'000'000, 1'000'000'000);  // at once
  times.add(1'000'000'000, 1'001'000'000);  // a millisecond: within its limit
  times.add(1'000'000'000, 1'600'000'000);
  times.add(2'000'000'000, 1'000'000'000);  // a clock that was set back
  times.add(0, 3'600'000'000'000);
  const std::string text = prometheus_text(identity(), more, {});
  CAPTURE(text);
  CHECK(has(text, "falcod_events_filtered_total{type=\"openat\"} 17"));
  CHECK(has(text, "# TYPE falcod_output_delivery_seconds histogram"));
  const std::string bucket = "falcod_output_delivery_seconds_bucket{output=\"http\",le=";
  CHECK(has(text, bucket + "\"0.001\"} 3"));
  CHECK(has(text, bucket + "\"0.5\"} 3"));
  CHECK(has(text, bucket + "\"1\"} 4"));
  CHECK(has(text, bucket + "\"60\"} 4"));
  CHECK(has(text, bucket + "\"+Inf\"} 5"));
  CHECK(has(text, "falcod_output_delivery_seconds_sum{output=\"http\"} 3600.601"));
  CHECK(has(text, "falcod_output_delivery_seconds_count{output=\"http\"} 5"));
}

TEST_CASE("each switch of metrics takes its series away") {
  struct Case {
    bool MetricsConfig::* member;
    const char* series;
    const char* field;
  };
  for (const auto& [member, series, field] :
       {Case{&MetricsConfig::rules_counters_enabled, "rules_matches_total",
             "falco.rules.matches_total"},
        Case{&MetricsConfig::resource_utilization_enabled, "memory_rss_bytes",
             "falco.memory_rss_mb"},
        Case{&MetricsConfig::state_counters_enabled, "n_threads_total", "falco.n_threads"},
        Case{&MetricsConfig::kernel_event_counters_enabled, "scap_n_evts_total", "scap.n_evts"}}) {
    CAPTURE(series);
    MetricsConfig config;
    CHECK(prometheus_text(identity(), sample(), config).find(series) != std::string::npos);
    CHECK(snapshot_fields(identity(), sample(), nullptr, config).contains(field));
    config.*member = false;
    CHECK(prometheus_text(identity(), sample(), config).find(series) == std::string::npos);
    CHECK_FALSE(snapshot_fields(identity(), sample(), nullptr, config).contains(field));
  }
}

TEST_CASE("snapshots: units in names, rates since the one before, no zeros unless asked for") {
  MetricsConfig config;
  MetricsSample before = sample();
  before.time_ns -= 5'000'000'000;
  before.engine.events = 900;
  before.losses.clear();
  const auto fields = snapshot_fields(identity(), sample(), &before, config);
  CHECK(fields["falco.memory_rss_mb"] == 2.0);
  CHECK(fields["falco.cpu_usage_perc"] == 12.5);
  CHECK(fields["falco.num_evts"] == 1000);
  CHECK(fields["falco.num_evts_prev"] == 900);
  CHECK(fields["falco.evts_rate_sec"] == 20.0);
  CHECK(fields["scap.n_drops_prev"] == 0);
  CHECK(fields["scap.evts_drop_rate_sec"] == 1.4);
  CHECK(fields["falco.rules.Read_a__file_"] == 3);
  CHECK(fields["falco.rules.matches_total"] == 3);
  CHECK(fields["falco.sha256_config_file.falco"] == "123");
  CHECK(fields["falco.duration_sec"] == 10);
  CHECK_FALSE(fields.contains("scap.n_drops_buffer_execve_exit"));
  config.include_empty_values = true;
  config.convert_memory_to_mb = false;
  const auto all = snapshot_fields(identity(), sample(), nullptr, config);
  CHECK(all["scap.n_drops_buffer_execve_exit"] == 0);
  CHECK(all["falco.memory_rss_kb"] == 2048);
}

TEST_CASE("resources are those of this process and host") {
  const Resources used = read_resources();
  CHECK(used.rss_kb > 100);
  CHECK(used.vsz_kb >= used.rss_kb);
  CHECK(used.host_memory_used_kb > 1000);
  CHECK(used.host_procs_running >= 1);
  CHECK(used.host_open_fds > 0);
  CHECK(used.cpu_percent >= 0);
  CHECK(boot_time_ns() > 1'000'000'000'000'000'000);
}

TEST_CASE("promtool accepts the page; all it dislikes is Falco's own naming") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: promtool is not installed (tools/setup)");
    return;
  }
  std::string name = (std::filesystem::temp_directory_path() / "falcod-metrics-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(name) << prometheus_text(identity(), sample(), {});
  std::FILE* tool = ::popen(("promtool check metrics <" + name + " 2>&1").c_str(), "r");
  REQUIRE(tool != nullptr);
  std::string complaints;
  for (int c = 0; (c = std::fgetc(tool)) != EOF;) complaints += static_cast<char>(c);
  const int status = ::pclose(tool);
  std::filesystem::remove(name);
  CAPTURE(complaints);
  // 0: nothing to say; 3: naming; 1: it cannot be read.
  const bool readable = WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3;
  CHECK(readable);
  CHECK(complaints.find("falcod_") == std::string::npos);
}
