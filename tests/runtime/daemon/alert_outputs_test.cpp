// From keys of falco.yaml to outputs: which make an output another one, and what buffered_outputs
// and keep_alive do to it.
#include "runtime/daemon/alert_outputs.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

using namespace falcod;
namespace fs = std::filesystem;

namespace {

const Reporter& silent() {
  static const falcoc::SourceMap sources;
  static const Reporter reporter(sources, {.quiet = true});
  return reporter;
}

/// Every output of Falco's.
Config all_outputs() {
  Config config;
  config.outputs.stdout_output.enabled = true;
  config.outputs.syslog_output.enabled = true;
  config.outputs.file_output = {.enabled = true, .filename = "/tmp/a"};
  config.outputs.program_output = {.enabled = true, .program = "cat"};
  config.outputs.http_output.enabled = true;
  config.outputs.http_output.url = "http://127.0.0.1:1/";
  return config;
}

std::map<std::string, OutputSpec> specs(const Config& config) {
  std::map<std::string, OutputSpec> out;
  for (OutputSpec& spec : output_specs(config, {}, silent())) {
    const std::string name = spec.name;
    out.emplace(name, std::move(spec));
  }
  return out;
}

}  // namespace

TEST_CASE("buffered_outputs gathers alerts of standard output, file and program, as in Falco") {
  Config config = all_outputs();
  for (const auto& [name, spec] : specs(config)) CHECK(spec.limits.linger.count() == 0);
  config.outputs.buffered = true;
  for (const auto& [name, spec] : specs(config)) {
    CAPTURE(name);
    CHECK((spec.limits.linger.count() > 0) ==
          (name == "stdout" || name == "file" || name == "program"));
  }
}

TEST_CASE("outputs_queue.capacity is the bound of every queue") {
  Config config = all_outputs();
  config.outputs.queue_capacity = 7;
  for (const auto& [name, spec] : specs(config)) CHECK(spec.limits.messages == 7);
}

TEST_CASE("a key that changes what an output is makes it another one, and no other") {
  using Change = std::function<void(OutputsConfig&)>;
  const std::vector<std::pair<std::string, Change>> changes{
      {"file", [](OutputsConfig& o) { o.file_output.filename = "/tmp/b"; }},
      {"file", [](OutputsConfig& o) { o.file_output.keep_alive = true; }},
      {"program", [](OutputsConfig& o) { o.program_output.program = "tac"; }},
      {"program", [](OutputsConfig& o) { o.program_output.keep_alive = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.url = "http://127.0.0.1:2/"; }},
      {"http", [](OutputsConfig& o) { o.http_output.user_agent = "me"; }},
      {"http", [](OutputsConfig& o) { o.http_output.insecure = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.ca_cert = "a"; }},
      {"http", [](OutputsConfig& o) { o.http_output.ca_bundle = "a"; }},
      {"http", [](OutputsConfig& o) { o.http_output.ca_path = "a"; }},
      {"http", [](OutputsConfig& o) { o.http_output.mtls = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.client_cert = "a"; }},
      {"http", [](OutputsConfig& o) { o.http_output.client_key = "a"; }},
      {"http", [](OutputsConfig& o) { o.http_output.echo = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.compress_uploads = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.keep_alive = true; }},
      {"http", [](OutputsConfig& o) { o.http_output.max_consecutive_timeouts = 1; }},
  };
  const auto before = specs(all_outputs());
  for (const auto& [changed, change] : changes) {
    Config config = all_outputs();
    change(config.outputs);
    for (const auto& [name, spec] : specs(config)) {
      CHECK((spec.identity != before.at(name).identity) == (name == changed));
    }
  }
}

TEST_CASE("file_output.keep_alive: the file stays the same one, otherwise it is opened each time") {
  std::string folder = (fs::temp_directory_path() / "falcod-outputs-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  for (const bool keep : {false, true}) {
    const std::string path = folder + (keep ? "/kept" : "/opened");
    Config config = all_outputs();
    config.outputs.file_output = {.enabled = true, .keep_alive = keep, .filename = path};
    const auto sink = specs(config).at("file").make();
    const std::vector<Message> alerts{Message{.line = "alert", .rule = "r"}};
    CHECK(sink->write(alerts, stop).written == 1);
    fs::rename(path, path + ".1");
    CHECK(sink->write(alerts, stop).written == 1);
    CHECK(fs::exists(path) == !keep);
    CHECK(fs::file_size(path + ".1") == (keep ? 12 : 6));
  }
  ::close(stop);
  fs::remove_all(folder);
}
