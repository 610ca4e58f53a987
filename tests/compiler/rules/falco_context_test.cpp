// Places of findings as Falco names them, and its schema against its recorded results.
#include "compiler/rules/falco_context.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compiler/rules/falco_schema.h"

using namespace falcoc;
using namespace falcoc::rules;

namespace {

const std::string kFile =
    "- required_plugin_versions:\n  - name: a\n    version: 0.1.0\n    alternatives:\n"
    "    - {name: b, version: x}\n"
    "- list: l\n  items: [one, two]\n"
    "- macro: m\n  condition: proc.name = cat\n"
    "- rule: R\n  desc: d\n  condition: evt.type = open and m\n  output: out %proc.nope\n"
    "  priority: LOW\n  exceptions:\n  - name: e\n    fields: [proc.name]\n    values: [[v]]\n"
    "- foo: bar\n";

/// "type 'name'" of every place, outermost first, for a finding at `text` in the file.
std::string stack(const std::string& text, Code code = Code::FIELD_UNKNOWN) {
  SourceMap sources;
  const FileId id = sources.add("f.yaml", kFile);
  const auto yaml = read_yaml(id, sources.file(id));
  REQUIRE(yaml.has_value());
  const size_t at = kFile.find(text);
  REQUIRE(at != std::string::npos);
  const auto begin = static_cast<uint32_t>(at);
  const Diagnostic finding = Diagnostic::at(code, {id, begin, begin + 1}, "m");
  std::string result;
  for (const FalcoLocation& place : falco_locations(finding, sources.file(id), &*yaml)) {
    result += (result.empty() ? "" : " > ") + std::string(place.item_type);
    if (!place.item_name.empty()) result += " '" + place.item_name + "'";
  }
  return result;
}

}  // namespace

TEST_CASE("a finding has the items around it, outermost first") {
  CHECK(stack("alternatives") ==
        "rules content > required plugin versions > required plugin versions entry 'a'");
  CHECK(stack("version: x") ==
        "rules content > required plugin versions > required plugin versions entry 'a' > "
        "required plugin versions alternative 'b'");
  CHECK(stack("two") == "rules content > list 'l' > list item");
  CHECK(stack("cat") == "rules content > macro 'm' > macro condition > condition expression");
  CHECK(stack("R\n") == "rules content > rule 'R'");
  CHECK(stack("open and") == "rules content > rule 'R' > rule condition > condition expression");
  CHECK(stack("open and", Code::NO_EVENT_TYPE) == "rules content > rule 'R'");
  CHECK(stack("%proc.nope") == "rules content > rule 'R' > rule output > rule output expression");
  CHECK(stack("LOW") == "rules content > rule 'R' > rule priority");
  CHECK(stack("LOW", Code::VALUE_TYPE) == "rules content > rule 'R' > value for 'priority'");
  CHECK(stack("d\n  condition") == "rules content > rule 'R' > value for 'desc'");
  CHECK(stack("fields: [") ==
        "rules content > rule 'R' > exceptions > exception 'e' > value for 'fields'");
  CHECK(stack("[v]") ==
        "rules content > rule 'R' > exceptions > exception 'e' > exception values > "
        "exception value");
  CHECK(stack("bar") == "rules content > rules content item");
}

TEST_CASE("positions are 0-based, and a condition expression is named by its text") {
  SourceMap sources;
  const FileId id = sources.add("f.yaml", kFile);
  const auto yaml = read_yaml(id, sources.file(id));
  const auto at = static_cast<uint32_t>(kFile.find("m\n  output"));
  const auto places = falco_locations(Diagnostic::at(Code::MACRO_UNDEFINED, {id, at, at + 1}, "m"),
                                      sources.file(id), &*yaml);
  REQUIRE(places.size() == 4);
  CHECK(places[0].position_name == "f.yaml");
  CHECK(places[0].offset == 0);
  CHECK(places[1].line == 9);
  CHECK(places[1].column == 2);
  CHECK(places[3].position_name == "\"evt.type = open a...\"");
  CHECK(places[3].offset == at);
  CHECK(places[3].line == 11);
  CHECK(places[3].column == 33);
}

TEST_CASE("a snippet is the line with a caret, cut where it is long") {
  CHECK(falco_snippet("one\ntwo\n", 5) == "two\n ^\n");
  CHECK(falco_snippet("one\ntwo\n", 8) == "two\n  ^\n");
  CHECK(falco_snippet("", 0) == "<No context>\n");
  const std::string cut = falco_snippet(std::string(200, 'x') + "y" + std::string(200, 'z'), 200);
  CHECK(cut == "..." + std::string(77, 'x') + "y" + std::string(76, 'z') + "...\n" +
                   std::string(80, ' ') + "^\n");
}

TEST_CASE("files follow Falco's schema or not, as recorded") {
  const auto path = std::filesystem::path(FALCOC_SHARED_DIR) / "spec" / "rulefile-vectors.jsonl";
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: no " << path.string());
    return;
  }
  std::ifstream in(path);
  size_t checked = 0;
  for (std::string line; std::getline(in, line);) {
    const auto record = nlohmann::json::parse(line);
    CAPTURE(record["id"].get<std::string>());
    for (size_t i = 0; i < record["files"].size(); ++i) {
      const auto& expected = record["expect"][i];
      if (!expected.contains("schema_valid") || expected["schema_valid"].is_null()) continue;
      SourceMap sources;
      const FileId id = sources.add("f", record["files"][i]["content"]);
      const auto yaml = read_yaml(id, sources.file(id));
      REQUIRE(yaml.has_value());
      const auto warnings = falco_schema_warnings(*yaml);
      CAPTURE(warnings.empty() ? std::string() : warnings.front());
      CHECK(warnings.empty() == expected["schema_valid"].get<bool>());
      ++checked;
    }
  }
  CHECK(checked > 100);
}
