// What falcod prints instead of running: the shapes that Falco's users' programs read.
#include "runtime/daemon/inform.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/daemon/describe.h"

using namespace falcod;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct File {
  std::string path = (fs::temp_directory_path() / "falcod-inform-XXXXXX").string();
  explicit File(const std::string& text) {
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    std::ofstream(path) << text;
  }
  ~File() { fs::remove(path); }
};

constexpr const char* kGood =
    "- rule: A rule\n  desc: d\n  condition: evt.type = openat\n  output: o %proc.name\n  "
    "priority: "
    "WARNING\n";
constexpr const char* kWarned =
    "- list: unused\n  items: [a]\n- rule: A rule\n  desc: d\n  condition: evt.type = openat\n  "
    "output: o\n  priority: WARNING\n";
constexpr const char* kBad =
    "- rule: A rule\n  desc: d\n  condition: no.such.field = 1\n  output: o\n  priority: WARNING\n";

}  // namespace

TEST_CASE("-V: a verdict for each file, findings below it") {
  const File good(kGood);
  const File bad(kBad);
  const Validation both = validate({good.path, bad.path}, false, false);
  CHECK_FALSE(both.valid);
  CHECK(both.text.find(good.path + ": Ok\n") != std::string::npos);
  CHECK(both.text.find(bad.path + ": Invalid\n") != std::string::npos);
  CHECK(both.text.find("no.such.field") != std::string::npos);
  const File warned(kWarned);
  const Validation one = validate({warned.path}, false, false);
  CHECK(one.valid);
  CHECK(one.text.starts_with(warned.path + ": Ok, with warnings\n"));
  const Validation missing = validate({"/nonexistent.yaml"}, false, false);
  CHECK_FALSE(missing.valid);
  CHECK(missing.text.starts_with("/nonexistent.yaml: Invalid\n"));
}

TEST_CASE("-V as JSON: Falco's load results, and with -L the description of what loads") {
  const File bad(kBad);
  const Validation invalid = validate({bad.path}, true, true);
  const json result = json::parse(invalid.text);
  CHECK(result["falco_load_results"][0]["name"] == bad.path);
  CHECK(result["falco_load_results"][0]["successful"] == false);
  CHECK(result["falco_load_results"][0]["errors"][0]["code"] == "LOAD_ERR_COMPILE_CONDITION");
  CHECK_FALSE(result.contains("falco_describe_results"));
  const File good(kGood);
  const json described = json::parse(validate({good.path}, true, true).text);
  CHECK(described["falco_describe_results"]["rules"][0]["info"]["name"] == "A rule");
  CHECK_FALSE(
      json::parse(validate({good.path}, true, false).text).contains("falco_describe_results"));
}

TEST_CASE("--list-events in three forms") {
  CHECK(list_events(ListFormat::TEXT).find("\n< openat(") != std::string::npos);
  CHECK(list_events(ListFormat::MARKDOWN).find("| `openat` |") != std::string::npos);
  const json all = json::parse(list_events(ListFormat::JSON));
  bool found = false;
  for (const json& event : all) {
    if (event["name"] == "openat") found = event["params"].size() > 3;
  }
  CHECK(found);
}

TEST_CASE("--list in three forms") {
  const json all = json::parse(*list_fields("", false, ListFormat::JSON));
  CHECK(all["fieldclasses"].size() > 5);
  CHECK(all["fieldclasses"][0]["fields"][0].contains("desc"));
  CHECK(list_fields("", false, ListFormat::MARKDOWN)->find("`proc.cmdline` | CHARBUF |") !=
        std::string::npos);
  CHECK(list_fields("", true, ListFormat::JSON)
            ->starts_with(list_fields("", true, ListFormat::TEXT)->substr(0, 20)));
}

TEST_CASE("plugins: the built-in one is told of, others are not there") {
  CHECK(list_plugins().find("Name: container") != std::string::npos);
  CHECK(plugin_info("container"));
  CHECK_FALSE(plugin_info("json"));
}

TEST_CASE("--support holds the configuration and the rules that count") {
  const File rules(kGood);
  Options options;
  options.rule_paths = {rules.path};
  const char* arguments[] = {"falcod", "--support"};
  const json report = json::parse(support_report(options, 2, arguments));
  CHECK(report["cmdline"] == "falcod --support");
  CHECK(report["rules_files"][0]["content"] == kGood);
  CHECK(report["engine_info"]["engine_version"] == "0.63.0");
  CHECK_FALSE(report["system_info"]["release"].get<std::string>().empty());
}

TEST_CASE("versions: the minor number of the engine by itself, as falcoctl reads it") {
  const json versions = json::parse(versions_json());
  CHECK(versions["engine_version"] == "63");
  CHECK(versions["engine_version_semver"] == "0.63.0");
  CHECK(versions["plugin_versions"]["container"] == "0.7.1");
  CHECK(json::parse(version_text(true))["engine_version"] == "63");
}
