// Reports in the formats of other tools: what those require of them.
#include "compiler/source/report.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace falcoc;
using Json = nlohmann::json;

namespace {

struct Findings {
  SourceMap sources;
  Diagnostics diagnostics;

  Findings() {
    const FileId file = sources.add("dir/ä b.yaml", "one\nzwö drei: x\nfour\n");
    sources.add("clean.yaml", "");
    // `drei` behind a character of two bytes.
    Diagnostic error = Diagnostic::at(Code::FIELD_UNKNOWN, {file, 9, 13}, "bad <a> & 50%", "do: x");
    error.related.push_back({.span = {file, 0, 3}, .text = "because"});
    diagnostics.add(std::move(error));
    diagnostics.add(Diagnostic::at(Code::UNKNOWN_KEY, {file, 4, 20}, "two lines"));
    diagnostics.add(Diagnostic::at(Code::FIELD_UNKNOWN, {file, 0, 0}, "a\xFF position"));
    diagnostics.add(Diagnostic::global(Code::FILE_UNREADABLE, "gone"));
  }
  Report report(bool warnings_fail = false) const {
    return {.diagnostics = diagnostics,
            .sources = sources,
            .tool_version = "1.2",
            .warnings_fail = warnings_fail};
  }
};

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("SARIF has the properties that its schema requires") {
  const Findings findings;
  const Json log = Json::parse(render_sarif(findings.report()));
  CHECK(log["version"] == "2.1.0");
  CHECK(log["$schema"].get<std::string>().ends_with("sarif-schema-2.1.0.json"));
  REQUIRE(log["runs"].size() == 1);
  const Json& run = log["runs"][0];
  const Json& driver = run["tool"]["driver"];
  CHECK(driver["name"] == "falcoc");
  CHECK(driver["version"] == "1.2");
  CHECK(run["columnKind"] == "unicodeCodePoints");
  REQUIRE(run["artifacts"].size() == 2);
  REQUIRE(run["results"].size() == 4);
  for (const Json& result : run["results"]) {
    REQUIRE(result["message"]["text"].is_string());
    CHECK_FALSE(result["message"]["text"].get<std::string>().empty());
    const size_t index = result["ruleIndex"];
    REQUIRE(index < driver["rules"].size());
    CHECK(driver["rules"][index]["id"] == result["ruleId"]);
    CHECK(driver["rules"][index]["shortDescription"]["text"].is_string());
    const std::string level = result["level"];
    CHECK((level == "error" || level == "warning" || level == "note"));
    for (const Json& location : result.value("locations", Json::array())) {
      const Json& place = location["physicalLocation"];
      const size_t artifact = place["artifactLocation"]["index"];
      CHECK(run["artifacts"][artifact]["location"]["uri"] == place["artifactLocation"]["uri"]);
      const Json& region = place["region"];
      CHECK(region["startLine"] >= 1);
      CHECK(region["startColumn"] >= 1);
      CHECK(region["endLine"] >= region["startLine"]);
      if (region["endLine"] == region["startLine"]) {
        CHECK(region["endColumn"] >= region["startColumn"]);
      }
    }
  }
  CHECK(driver["rules"].size() == 3);  // one per code, not per finding
}

TEST_CASE("SARIF regions count characters, and its addresses are URIs") {
  const Findings findings;
  const Json log = Json::parse(render_sarif(findings.report()));
  const Json& results = log["runs"][0]["results"];
  CHECK_FALSE(results[0].contains("locations"));  // without a place
  const Json& result = results[3];
  const Json& place = result["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "dir/%C3%A4%20b.yaml");
  CHECK(place["region"] == Json::parse(R"({"startLine": 2, "startColumn": 5, "endLine": 2,
                                           "endColumn": 9, "byteOffset": 9, "byteLength": 4})"));
  REQUIRE(result["relatedLocations"].size() == 1);
  CHECK(result["relatedLocations"][0]["message"]["text"] == "because");

  SourceMap absolute;
  const FileId file = absolute.add("/etc/r.yaml", "x");
  Diagnostics diagnostics;
  diagnostics.add(Diagnostic::at(Code::UNKNOWN_KEY, {file, 0, 1}, "m"));
  const Json other = Json::parse(
      render_sarif({.diagnostics = diagnostics, .sources = absolute, .tool_version = {}}));
  CHECK(other["runs"][0]["artifacts"][0]["location"]["uri"] == "file:///etc/r.yaml");
}

TEST_CASE("GitHub annotations are one escaped command per finding") {
  const Findings findings;
  const std::string text = render_github(findings.report());
  CHECK(count(text, "\n") == 4);
  CHECK(count(text, "::error title=E0001 file cannot be read::gone\n") == 1);
  CHECK(count(text,
              "::error file=dir/ä b.yaml,line=2,endLine=2,col=5,endColumn=8,"
              "title=E0301 unknown field::bad <a> & 50%25; do: x%0Adir/ä b.yaml:1: "
              "because\n") == 1);
  CHECK(count(text, "::warning file=dir/ä b.yaml,line=2,endLine=3,title=") == 1);
}

TEST_CASE("JUnit has a suite per file, and a finding is a case that fails or not") {
  const Findings findings;
  const std::string text = render_junit(findings.report());
  CHECK(count(text, "<testsuites name=\"falcoc\" tests=\"5\" failures=\"3\">") == 1);
  CHECK(count(text, "<testsuite name=\"dir/ä b.yaml\" tests=\"3\" failures=\"2\">") == 1);
  CHECK(count(text, "<testsuite name=\"clean.yaml\" tests=\"1\" failures=\"0\">") == 1);
  CHECK(count(text, "<testsuite name=\"falcoc\" tests=\"1\" failures=\"1\">") == 1);
  CHECK(count(text, "name=\"E0301 unknown field at 2:5\"") == 1);
  CHECK(count(text, "message=\"bad &lt;a&gt; &amp; 50%; do: x\"") == 1);
  CHECK(count(text, "<system-out>") == 1);
  CHECK(count(text, "<testcase ") == 5);
  CHECK(count(text, "\xFF") == 0);
  CHECK(count(render_junit(findings.report(true)), "<failure ") == 4);
}

TEST_CASE("reports without findings are complete documents") {
  const SourceMap sources;
  const Diagnostics none;
  const Report report{.diagnostics = none, .sources = sources, .tool_version = "1"};
  CHECK(Json::parse(render_sarif(report))["runs"][0]["results"] == Json::array());
  CHECK(render_github(report).empty());
  CHECK(count(render_junit(report), "tests=\"0\" failures=\"0\"") == 1);
}
