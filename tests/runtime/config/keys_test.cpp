// Every key: that it changes what it names, that a wrong value is refused, and what is said of keys
// that falcod does not act upon.
#include "runtime/config/keys.h"

#include <fmt/format.h>

#include "tests/runtime/config/loading.h"

using namespace falcod;
using namespace falcod::config;
using falcoc::Code;

namespace {

/// Everything that a configuration says, as text: two that differ in a key differ in it.
std::string dump(const Config& c) {
  std::string out;
  const auto put = [&](const auto&... values) { (..., (out += fmt::format("{}|", values))); };
  put(c.watch_config_files, c.has_rules_files);
  for (const auto& file : c.rules_files) put(file.path);
  for (const auto& rule : c.rules) put(rule.enable, rule.by_tag, rule.pattern);
  for (const auto& each : c.append_output) {
    put(each.name, each.rule, each.source, each.extra_output, each.suggested_output);
    for (const auto& tag : each.tags) put(tag);
    for (const auto& field : each.extra_fields) put(field.key, field.format.value_or("-"));
  }
  for (const auto& [name, text] : c.static_fields) put(name, text);
  put(static_cast<int>(c.engine.kind), c.engine.capture_file, c.engine.buf_size_preset,
      c.engine.drop_failed_exit, c.engine.disable_iterators, c.engine.data_bytes);
  put(c.capture.enabled, c.capture.path_prefix, c.capture.all_rules, c.capture.default_duration,
      c.capture.max_file_size_mb);
  put(c.alerts.json, c.alerts.include_output, c.alerts.include_output_fields, c.alerts.include_tags,
      c.alerts.include_message, c.alerts.iso8601_time, c.alerts.base64_buffers, c.alerts.all_rules,
      static_cast<int>(c.alerts.minimum_priority));
  const OutputsConfig& o = c.outputs;
  put(o.stdout_output.enabled, o.syslog_output.enabled, o.buffered, o.queue_capacity,
      o.output_timeout);
  put(o.file_output.enabled, o.file_output.keep_alive, o.file_output.filename);
  put(o.program_output.enabled, o.program_output.keep_alive, o.program_output.program);
  const HttpOutputConfig& h = o.http_output;
  put(h.enabled, h.url, h.user_agent, h.insecure, h.ca_cert, h.ca_bundle, h.ca_path, h.mtls,
      h.client_cert, h.client_key, h.echo, h.compress_uploads, h.keep_alive,
      h.max_consecutive_timeouts);
  const WebServerConfig& w = c.webserver;
  put(w.enabled, w.threadiness, w.listen_port, w.listen_address, w.k8s_healthz_endpoint,
      w.prometheus_metrics_enabled, w.ssl_enabled, w.ssl_certificate);
  const MetricsConfig& m = c.metrics;
  put(m.enabled, m.interval.count(), m.output_rule, m.output_file, m.rules_counters_enabled,
      m.resource_utilization_enabled, m.state_counters_enabled, m.kernel_event_counters_enabled,
      m.convert_memory_to_mb, m.include_empty_values);
  put(c.drops.threshold, c.drops.rate, c.drops.max_burst, c.drops.simulate_drops,
      c.drops.actions.size());
  for (const DropAction action : c.drops.actions) put(static_cast<int>(action));
  put(c.log.to_stderr, c.log.to_syslog, c.log.level, c.sinks.entries.size());
  put(c.metadata.wait.count(), c.metadata.podman_storage.size(), c.metadata.kubernetes.enabled,
      c.metadata.kubernetes.kubeconfig, c.metadata.kubernetes.node, c.metadata.kubernetes.context);
  return out;
}

/// A value for each key that has an effect; what else its kind of value needs stands before it.
const std::map<std::string_view, std::string> kValues{
    {"append_output", "[{extra_output: x}]"},
    {"buffer_format_base64", "true"},
    {"buffered_outputs", "true"},
    {"capture.enabled", "true"},
    {"capture.path_prefix", "a"},
    {"capture.mode", "all_rules"},
    {"capture.default_duration", "7"},
    {"capture.max_file_size_mb", "7"},
    {"engine.kind", "replay"},
    {"engine.modern_ebpf.buf_size_preset", "5"},
    {"engine.modern_ebpf.drop_failed_exit", "true"},
    {"engine.modern_ebpf.disable_iterators", "true"},
    {"engine.replay.capture_file", "a.scap"},
    {"falco_libs.snaplen", "200"},
    {"file_output.enabled", "true"},
    {"file_output.keep_alive", "true"},
    {"file_output.filename", "a"},
    {"http_output.enabled", "true"},
    {"http_output.url", "http://a"},
    {"http_output.user_agent", "a"},
    {"http_output.insecure", "true"},
    {"http_output.ca_cert", "a"},
    {"http_output.ca_bundle", "a"},
    {"http_output.ca_path", "a"},
    {"http_output.mtls", "true"},
    {"http_output.client_cert", "a"},
    {"http_output.client_key", "a"},
    {"http_output.echo", "true"},
    {"http_output.compress_uploads", "true"},
    {"http_output.keep_alive", "true"},
    {"http_output.max_consecutive_timeouts", "7"},
    {"json_include_message_property", "true"},
    {"json_include_output_fields_property", "false"},
    {"json_include_output_property", "false"},
    {"json_include_tags_property", "false"},
    {"json_output", "true"},
    {"load_plugins", ""},  // changes nothing but what is said; below
    {"log_level", "error"},
    {"log_stderr", "false"},
    {"log_syslog", "true"},
    {"metadata.kubernetes.context", "a"},
    {"metadata.kubernetes.enabled", "false"},
    {"metadata.kubernetes.kubeconfig", "a"},
    {"metadata.kubernetes.node", "a"},
    {"metadata.wait", "2s"},
    {"metadata.podman_storage", "[/a]"},
    {"metrics.enabled", "true"},
    {"metrics.interval", "1h30m"},
    {"metrics.output_rule", "true"},
    {"metrics.output_file", "a"},
    {"metrics.rules_counters_enabled", "false"},
    {"metrics.resource_utilization_enabled", "false"},
    {"metrics.state_counters_enabled", "false"},
    {"metrics.kernel_event_counters_enabled", "false"},
    {"metrics.convert_memory_to_mb", "false"},
    {"metrics.include_empty_values", "true"},
    {"output_timeout", "7"},
    {"outputs_queue.capacity", "7"},
    {"plugins", ""},  // as load_plugins
    {"priority", "error"},
    {"program_output.enabled", "true"},
    {"program_output.keep_alive", "true"},
    {"program_output.program", "a"},
    {"rule_matching", "all"},
    {"rules", "[{disable: {rule: x}}]"},
    {"rules_files", "[a.yaml]"},
    {"sinks", "{webhook: {address: http://a}}"},
    {"static_fields", "{env: prod}"},
    {"stdout_output.enabled", "false"},
    {"syscall_event_drops.actions", "[exit]"},
    {"syscall_event_drops.max_burst", "7"},
    {"syscall_event_drops.rate", "0.5"},
    {"syscall_event_drops.simulate_drops", "true"},
    {"syscall_event_drops.threshold", "0.5"},
    {"syslog_output.enabled", "true"},
    {"time_format_iso_8601", "true"},
    {"watch_config_files", "false"},
    {"webserver.enabled", "true"},
    {"webserver.threadiness", "3"},
    {"webserver.listen_port", "80"},
    {"webserver.listen_address", "::1"},
    {"webserver.k8s_healthz_endpoint", "/h"},
    {"webserver.prometheus_metrics_enabled", "true"},
    {"webserver.ssl_enabled", "true"},
    {"webserver.ssl_certificate", "a"},
    {"rule_files", "[a.yaml]"},
    {"rules_file", "[a.yaml]"},
};

}  // namespace

TEST_CASE("every key with an effect changes the configuration, from a file and from -o") {
  const std::string before = dump(load_settings({}).config);
  for (const Key& key : keys()) {
    if (key.read == nullptr) continue;
    const std::string path(key.path);
    CAPTURE(path);
    const auto value = kValues.find(key.path);
    REQUIRE(value != kValues.end());
    if (value->second.empty()) continue;
    CHECK(dump(load_settings({path + "=" + value->second}).config) != before);
  }
}

TEST_CASE("a wrong value is an error that shows the place in the file and says what is expected") {
  for (const Key& key : keys()) {
    if (key.read == nullptr || key.free) continue;
    const std::string path(key.path);
    CAPTURE(path);
    const Loaded loaded = load_settings({path + "={a: b}"});
    CHECK(loaded.count(Code::OPTION_VALUE) == 1);
    CHECK(loaded.text().find("= help: use ") != std::string::npos);
  }
  const Loaded loaded = load_text("stdout_output: {enabled: maybe}\n");
  CHECK(loaded.text().find("falco.yaml:1:26: error[E0830]: stdout_output.enabled: `maybe`") !=
        std::string::npos);
  CHECK(loaded.text().find("^^^^^") != std::string::npos);
  CHECK(loaded.text().find("use true or false") != std::string::npos);
}

TEST_CASE("numbers and words outside their range are refused") {
  for (const std::string setting : {"priority=loud",
                                    "rule_matching=some",
                                    "outputs_queue.capacity=-1",
                                    "webserver.listen_port=0",
                                    "webserver.listen_port=65536",
                                    "engine.modern_ebpf.buf_size_preset=11",
                                    "engine.modern_ebpf.buf_size_preset=0",
                                    "http_output.max_consecutive_timeouts=256",
                                    "syscall_event_drops.threshold=1.5",
                                    "syscall_event_drops.rate=-1",
                                    "syscall_event_drops.max_burst=x",
                                    "metrics.interval=1",
                                    "metrics.interval=99ms",
                                    "metrics.interval=1s1h",
                                    "metrics.interval=",
                                    "engine.kind=nodriver",
                                    "falco_libs.snaplen=-1",
                                    "falco_libs.snaplen=65536",
                                    "engine.kind=gvisor",
                                    "engine.kind=x",
                                    "log_level=loud",
                                    "output_timeout=1.5",
                                    "syscall_event_drops.actions=panic",
                                    "syscall_event_drops.actions[0]=ignore"}) {
    CAPTURE(setting);
    CHECK(load_settings({setting}).count(Code::OPTION_VALUE) == 1);
  }
}

TEST_CASE("static_fields: names that rules can write, and texts") {
  const Loaded loaded =
      load_text("stdout_output: {enabled: true}\nstatic_fields: {env: prod, site.rack_7: 12}\n");
  CHECK(loaded.diagnostics.items().empty());
  CHECK(loaded.config.static_fields ==
        falcoc::ir::StaticFields{{"static.env", "prod"}, {"static.site.rack_7", "12"}});
  CHECK(load_settings({"static_fields.env=x"}).config.static_fields.at("static.env") == "x");
  for (const char* name : {"my-env", "7th", "a..b", "a.", ".a", "a b", "a[0]"}) {
    CAPTURE(name);
    CHECK(load_text(
              fmt::format("stdout_output: {{enabled: true}}\nstatic_fields: {{\"{}\": x}}\n", name))
              .count(Code::CONFIG_VALUE) == 1);
  }
  CHECK(load_text("stdout_output: {enabled: true}\nstatic_fields: {a: [b]}\n")
            .count(Code::CONFIG_VALUE) == 1);
  CHECK(
      load_text("stdout_output: {enabled: true}\nstatic_fields: [a]\n").count(Code::CONFIG_VALUE) ==
      1);
}

TEST_CASE("falco_libs.snaplen: 0 is the usual length, more than the probe keeps is told of") {
  CHECK(load_settings({"falco_libs.snaplen=0"}).config.engine.data_bytes == 80);
  CHECK(load_settings({"falco_libs.snaplen=1"}).config.engine.data_bytes == 1);
  const Loaded most = load_settings({"falco_libs.snaplen=8192"});
  CHECK(most.config.engine.data_bytes == 8192);
  CHECK(most.diagnostics.items().empty());
  const Loaded more = load_settings({"falco_libs.snaplen=8193"});
  CHECK(more.config.engine.data_bytes == 8192);
  CHECK(more.count(Code::CONFIG_KEY_UNSUPPORTED) == 1);
}

TEST_CASE("syscall_event_drops.actions: the list is set, changed or appended to") {
  using Actions = std::vector<DropAction>;
  const auto after = [](const std::vector<std::string>& settings) {
    const Loaded loaded = load_settings(settings);
    CAPTURE(loaded.text());
    CHECK(loaded.diagnostics.items().empty());
    return loaded.config.drops.actions;
  };
  CHECK(after({"syscall_event_drops.actions=exit"}) == Actions{DropAction::EXIT});
  CHECK(after({"syscall_event_drops.actions=ignore"}) == Actions{DropAction::IGNORE});
  CHECK(after({"syscall_event_drops.actions[1]=exit"}) ==
        Actions{DropAction::LOG, DropAction::EXIT});
  CHECK(after({"syscall_event_drops.actions[]=exit"}) ==
        Actions{DropAction::LOG, DropAction::ALERT, DropAction::EXIT});
}

TEST_CASE("durations: units from the largest to the smallest, each once") {
  std::chrono::milliseconds out{0};
  const auto is = [&](std::string_view text, int64_t ms) {
    return parse_duration(text, out) && out.count() == ms;
  };
  CHECK(is("100ms", 100));
  CHECK(is("1h", 3'600'000));
  CHECK(is("1d12h", 129'600'000));
  CHECK(is("1y2w3d4h5m6s7ms", 31'536'000'000 + 1'209'600'000 + 259'200'000 + 14'706'007));
  for (const char* text :
       {"", "1", "h", "1h1h", "1s1m", "-1s", "1.5h", "1 h", "1x", "999999999y"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text, out));
  }
}

TEST_CASE("unknown keys in a file are warnings with a suggestion, and everything else counts") {
  const Loaded loaded = load_text(
      "stdout_output: {enabled: true}\njson_ouput: true\nwebserver: {listen_prot: 80, enabled: "
      "true}\n"
      "append_output: [{extra_outputs: x}]\nxyzzy: 1\n");
  CAPTURE(loaded.text());
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK(loaded.count(Code::CONFIG_KEY_UNKNOWN) == 4);
  CHECK(loaded.text().find("falco.yaml:2:1: warning[W0833]: json_ouput is not a known key") !=
        std::string::npos);
  CHECK(loaded.text().find("did you mean json_output?") != std::string::npos);
  CHECK(loaded.text().find("did you mean listen_port?") != std::string::npos);
  CHECK(loaded.text().find("append_output[0].extra_outputs") != std::string::npos);
  CHECK(loaded.config.webserver.enabled);
}

TEST_CASE("a map where a value belongs, and the reverse, are errors") {
  CHECK(load_text("webserver: 80\n").count(Code::CONFIG_VALUE) == 1);
  CHECK(load_text("json_output: [true]\n").count(Code::CONFIG_VALUE) == 1);
  CHECK(load_text("rules: {a: b}\n").count(Code::CONFIG_VALUE) == 1);
  CHECK(load_text("rules: [{disable: x}]\n").count(Code::CONFIG_VALUE) == 1);
}

TEST_CASE("keys without a meaning here are noted, keys of earlier versions warned of") {
  for (const Key& key : keys()) {
    const std::string path(key.path);
    CAPTURE(path);
    if (key.kind == KeyKind::INERT) {
      CHECK(load_settings({path + "=1"}).count(Code::CONFIG_KEY_INERT) == 1);
      CHECK_FALSE(key.text.empty());
    } else if (key.kind == KeyKind::LEGACY) {
      const Loaded loaded = load_settings({path + "=1"});
      CHECK(loaded.count(Code::CONFIG_KEY_LEGACY) == 1);
      CHECK(loaded.text().find(key.text) != std::string::npos);
    }
  }
}

TEST_CASE("an old falco.yaml starts: legacy sections are told of once each, whatever is in them") {
  const Loaded loaded = load_text(R"(stdout_output: {enabled: true}
rules_file: [/etc/falco/falco_rules.yaml]
grpc: {enabled: true, bind_address: "unix:///run/falco/falco.sock", threadiness: 0}
grpc_output: {enabled: false}
engine: {kind: ebpf, ebpf: {probe: /root/.falco/falco-bpf.o}}
outputs: {rate: 1, max_burst: 1000}
syscall_buf_size_preset: 4
)");
  CAPTURE(loaded.text());
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK(loaded.count(Code::CONFIG_KEY_LEGACY) == 7);
  CHECK(loaded.config.rules_files.size() == 1);
}

TEST_CASE("rules_files and its older name together are an error") {
  CHECK(load_text("stdout_output: {enabled: true}\nrules_files: [a]\nrules_file: [b]\n")
            .count(Code::CONFIG_FILES) == 1);
}

TEST_CASE("what is enabled without its target is an error") {
  for (const char* setting : {"file_output.enabled=true", "program_output.enabled=true",
                              "http_output.enabled=true", "metrics.enabled=true"}) {
    CAPTURE(setting);
    CHECK(load_settings({setting}).count(Code::CONFIG_INCOMPLETE) == 1);
  }
  CHECK(load_settings({"metrics.enabled=true", "metrics.output_rule=true"})
            .count(Code::CONFIG_INCOMPLETE) == 1);
  CHECK(load_settings({"metrics.enabled=true", "metrics.output_rule=true", "metrics.interval=1s"})
            .diagnostics.items()
            .empty());
  CHECK(load_settings({"stdout_output.enabled=false"}).count(Code::CONFIG_INCOMPLETE) == 1);
}

TEST_CASE("plugin container: what it is told of engines counts") {
  const auto after = [](const std::string& settings) {
    return load_text(
        "stdout_output: {enabled: true}\nplugins: [{name: container, library_path: c.so, "
        "init_config: " +
        settings + "}]\n");
  };
  const Loaded loaded = after(
      "{label_max_len: 7, hooks: [start], engines: {docker: {enabled: false}, podman: {sockets: "
      "[/p.sock]}, cri: {enabled: true, sockets: [/c.sock, /d.sock]}, lxc: {enabled: true}}}");
  CHECK(loaded.count(Code::CONFIG_VALUE) == 0);
  const MetadataSettings& metadata = loaded.config.metadata;
  CHECK(metadata.label_max_len == 7);
  CHECK_FALSE(metadata.on_create);
  CHECK(metadata.on_start);
  CHECK_FALSE(metadata.docker.enabled);
  CHECK(metadata.podman.sockets == std::vector<std::string>{"/p.sock"});
  CHECK(metadata.cri.sockets.size() == 2);
  CHECK(after("{label_max_len: many}").count(Code::CONFIG_VALUE) == 1);
  CHECK(after("{hooks: [stop]}").count(Code::CONFIG_VALUE) == 1);
  CHECK(after("{engines: {cri: {sockets: /a}}}").count(Code::CONFIG_VALUE) == 1);
  CHECK(after("{engines: {rkt: {}}}").count(Code::CONFIG_KEY_UNSUPPORTED) == 1);
  CHECK(after("{engines: {bpm: {enabled: false}}}").count(Code::CONFIG_KEY_INERT) == 2);
  CHECK(after("{colour: red}").count(Code::CONFIG_KEY_UNKNOWN) == 1);
}

TEST_CASE("plugin k8smeta: the node's name counts, its collector does not") {
  const auto after = [](const std::string& settings, const std::string& more = "") {
    return load_text(
        "stdout_output: {enabled: true}\nplugins: [{name: k8smeta, library_path: k.so, "
        "init_config: " +
        settings + "}]\n" + more);
  };
  const Loaded loaded =
      after("{nodeName: n-1, collectorHostname: h, collectorPort: 45000, verbosity: info}");
  CHECK(loaded.config.metadata.kubernetes.node == "n-1");
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK(loaded.count(Code::CONFIG_KEY_UNSUPPORTED) == 2);
  CHECK(loaded.count(Code::CONFIG_KEY_INERT) == 2);
  CHECK(after("{nodeName: n-1}", "metadata: {kubernetes: {node: n-2}}\n")
            .config.metadata.kubernetes.node == "n-2");
  CHECK(after("{nodeName: [a]}").count(Code::CONFIG_VALUE) == 1);
  CHECK(after("{colour: red}").count(Code::CONFIG_KEY_UNKNOWN) == 1);
}

TEST_CASE("plugins: the container plugin is built in, others are told of, unknown names refused") {
  const std::string plugins =
      "stdout_output: {enabled: true}\nplugins: [{name: container, library_path: c.so}, {name: "
      "json, "
      "library_path: j.so}]\n";
  const Loaded all = load_text(plugins);
  CHECK(all.count(Code::CONFIG_KEY_INERT) == 1);
  CHECK(all.count(Code::CONFIG_KEY_UNSUPPORTED) == 1);
  const Loaded one = load_text(plugins + "load_plugins: [container]\n");
  CHECK(one.count(Code::CONFIG_KEY_UNSUPPORTED) == 0);
  CHECK(one.count(Code::CONFIG_KEY_INERT) == 1);
  CHECK(load_text(plugins + "load_plugins: [k8saudit]\n").count(Code::CONFIG_VALUE) == 1);
  CHECK(load_text("stdout_output: {enabled: true}\nplugins: [{library_path: x}]\n")
            .count(Code::CONFIG_VALUE) == 1);
  // What the package drops into config.d.
  CHECK_FALSE(load_text("stdout_output: {enabled: true}\nload_plugins: [container]\n")
                  .diagnostics.has_errors());
}

TEST_CASE("a falco.yaml with all keys is read without an error or warning") {
  const Loaded loaded = load_files(FALCO_YAML);
  CAPTURE(loaded.text());
  CHECK(loaded.count(Code::CONFIG_KEY_UNKNOWN) == 0);
  CHECK_FALSE(loaded.diagnostics.has_errors());
  CHECK(loaded.diagnostics.count(falcoc::Severity::WARNING) == 0);
}

TEST_CASE("the specification's keys are all in the table") {
  std::ifstream spec(SPECIFICATION);
  if (!spec) {
    MESSAGE("SKIPPED: the specification is not here");
    return;
  }
  size_t seen = 0;
  bool in_keys = false;
  for (std::string line; std::getline(spec, line);) {
    if (line.starts_with("### (")) in_keys = true;
    if (line.starts_with("### Config file mechanics")) break;
    if (!in_keys || !line.starts_with("| `")) continue;
    const std::string path = line.substr(3, line.find('`', 3) - 3);
    CAPTURE(path);
    CHECK(find_key(path) != nullptr);
    ++seen;
  }
  CHECK(seen > 100);
}
