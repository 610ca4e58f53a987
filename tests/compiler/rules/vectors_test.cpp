// The recorded results of Falco's loader, as far as they concern reading files, and Falco's own
// rules.
#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "compiler/catalog/catalog.h"
#include "compiler/rules/scalar_map.h"
#include "compiler/rules/yaml.h"
#include "tests/compiler/rules/loading.h"

using namespace falcoc;
using namespace falcoc::rules;

namespace {

const std::filesystem::path kShared = FALCOC_SHARED_DIR;

bool shared_is_missing() {
  if (std::filesystem::exists(kShared / "spec")) return false;
  MESSAGE("SKIPPED: no " << kShared.string());
  return true;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Codes that the loader alone decides; those of conditions and outputs are found when compiling.
const std::set<std::string_view> kLoaderCodes = {"LOAD_ERR_YAML_PARSE",
                                                 "LOAD_ERR_YAML_VALIDATE",
                                                 "LOAD_UNKNOWN_ITEM",
                                                 "LOAD_APPEND_NO_VALUES",
                                                 "LOAD_EXCEPTION_NAME_NOT_UNIQUE",
                                                 "LOAD_INVALID_MACRO_NAME",
                                                 "LOAD_INVALID_LIST_NAME",
                                                 "LOAD_UNKNOWN_KEY"};

/// Records in which LOAD_ERR_VALIDATE or LOAD_DEPRECATED_ITEM is about a condition or an output.
const std::set<std::string_view> kFoundWhenCompiling = {"macro-loop",     "macro-undefined",
                                                        "macro-listname", "ex-badfield-arg",
                                                        "container-info", "evt-dir-output"};

std::set<std::string> loader_codes(const nlohmann::json& expected, bool compiling_decides) {
  std::set<std::string> codes;
  for (const char* const kind : {"errors", "warnings"}) {
    for (const auto& code : expected.value(kind, nlohmann::json::array())) {
      const auto text = code.get<std::string>();
      const bool shared_code = text == "LOAD_ERR_VALIDATE" || text == "LOAD_DEPRECATED_ITEM";
      if (kLoaderCodes.contains(text) || (shared_code && !compiling_decides)) codes.insert(text);
    }
  }
  return codes;
}

}  // namespace

TEST_CASE("files load with the findings that Falco's loader has") {
  if (shared_is_missing()) return;
  std::ifstream in(kShared / "spec/rulefile-vectors.jsonl");
  size_t checked = 0;
  for (std::string line; std::getline(in, line);) {
    const auto record = nlohmann::json::parse(line);
    const auto id = record["id"].get<std::string>();
    CAPTURE(id);
    Loading loading;
    size_t seen = 0;
    for (size_t i = 0; i < record["files"].size(); ++i) {
      const auto& file = record["files"][i];
      loading.load(file["name"], file["content"]);
      std::set<std::string> codes;
      for (; seen < loading.diagnostics.items().size(); ++seen) {
        const std::string_view code = code_info(loading.diagnostics.items()[seen].code).falco_code;
        // Nesting of exception values is found here, but by Falco only when it compiles.
        if (!code.empty() && code != "LOAD_ERR_COMPILE_CONDITION") codes.emplace(code);
      }
      CHECK(codes == loader_codes(record["expect"][i], kFoundWhenCompiling.contains(id)));
      ++checked;
    }
    if (!record["rules"].is_object()) continue;
    for (const auto& [name, expected] : record["rules"].items()) {
      CAPTURE(name);
      const auto found = std::ranges::find_if(
          loading.set.rules, [&](const Rule& rule) { return rule.name.str() == name; });
      REQUIRE(found != loading.set.rules.end());
      CHECK(found->enabled == expected["enabled"].get<bool>());
      CHECK(found->tags == expected["tags"].get<std::vector<std::string>>());
      if (id != "container-info")
        CHECK(found->output.text() == expected["output"].get<std::string>());
      CHECK(priority_name(found->priority) == expected["priority"].get<std::string>());
    }
  }
  CHECK(checked >= 123);
}

TEST_CASE("published rules load without an error and every scalar of them is mapped exactly") {
  if (shared_is_missing()) return;
  for (const char* const name : {"falco_rules-stable.yaml", "tutorial_rules.yaml"}) {
    CAPTURE(name);
    Loading loading;
    CHECK(loading.load(name, read(kShared / "corpus" / name)));
    CHECK(loading.diagnostics.items().empty());
    CHECK_FALSE(loading.set.rules.empty());

    const SourceFile& file = loading.sources.file(FileId{0});
    const auto stream = read_yaml(FileId{0}, file);
    REQUIRE(stream.has_value());
    size_t scalars = 0;
    for (const YamlNode& node : stream->nodes) {
      if (!node.is_scalar()) continue;
      const MappedScalar scalar =
          map_scalar(FileId{0}, file.text(), node.span.begin, node.text.text());
      CHECK(scalar.exact);
      ++scalars;
    }
    CHECK(scalars > 20);
  }
}

TEST_CASE("Falco's stable rules have the numbers of lists, macros and rules they are known for") {
  if (shared_is_missing()) return;
  Loading loading(read(kShared / "corpus/falco_rules-stable.yaml"));
  CHECK(loading.set.lists.size() == 49);
  CHECK(loading.set.macros.size() == 87);
  CHECK(loading.set.rules.size() == 25);
  CHECK(loading.set.required_engine_version == "0.57.0");
  CHECK(loading.set.required_plugins.size() == 1);
}
