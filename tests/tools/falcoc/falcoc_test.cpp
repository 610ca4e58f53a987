// The falcoc program as its users run it: arguments in, text and exit status out.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "compiler/bundle/bundle.h"
#include "tests/tools/falcoc/sandbox.h"

namespace {

namespace fs = std::filesystem;
using falcoc::test::contents_of;
using falcoc::test::Result;
using falcoc::test::Sandbox;

std::string rule(const std::string& name, const std::string& condition) {
  return "- rule: " + name + "\n  desc: d\n  condition: " + condition +
         "\n  output: x %proc.name\n  priority: INFO\n";
}

const std::string kGood = rule("Good", "evt.type=open and proc.name=cat");

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("clean rules are said to be so, with status 0") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kGood);
  const Result result = sandbox.run("check r.yaml");
  CHECK(result.status == 0);
  CHECK(result.out == "no problems: 1 rule, 0 macros, 0 lists in 1 file\n");
  CHECK(result.err.empty());
}

TEST_CASE("an error in a condition is shown in the file where it was written, with status 1") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("R", ">\n    evt.type=open and\n    proc.nam=cat"));
  const Result result = sandbox.run("check r.yaml");
  CHECK(result.status == 1);
  CHECK(contains(result.out, "r.yaml:5:5: error[E0301]: "));
  CHECK(contains(result.out, "   5 |     proc.nam=cat\n     |     ^^^^^^^^"));
  CHECK(contains(result.out, "\n1 error in 1 file\n"));
  CHECK_FALSE(contains(result.out, "\x1b"));
}

TEST_CASE("warnings alone are status 0, or 1 with --strict") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kGood + "  foo: 1\n");
  CHECK(sandbox.run("check r.yaml").status == 0);
  CHECK(sandbox.run("check --strict r.yaml").status == 1);
  CHECK(contains(sandbox.run("check r.yaml").out, "warning[W0011]"));
}

TEST_CASE("all findings of all files are reported, by file and position") {
  const Sandbox sandbox;
  sandbox.file("a.yaml", rule("A", "evt.type=open and proc.nam=1") + "- list: l\n");
  sandbox.file("b.yaml", "- macro: m\n" + rule("B", "evt.typ=open"));
  const std::string out = sandbox.run("check a.yaml b.yaml").out;
  const std::array places = {out.find("a.yaml:3:"), out.find("a.yaml:6:"), out.find("b.yaml:1:"),
                             out.find("b.yaml:4:")};
  for (size_t i = 0; i < places.size(); ++i) {
    CAPTURE(i);
    CHECK(places[i] != std::string::npos);
    if (i > 0) CHECK(places[i - 1] < places[i]);
  }
  CHECK(contains(out, "4 errors in 2 files"));
}

TEST_CASE("an item with an error makes no undefined or unused names elsewhere") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", "- macro: m\n- list: used_by_nobody\n  items: [a]\n" +
                             rule("R", "evt.type=open and m"));
  const std::string out = sandbox.run("check r.yaml").out;
  CHECK(contains(out, "1 error in 1 file"));
}

TEST_CASE("a directory stands for its rule files by name, and - for standard input") {
  const Sandbox sandbox;
  sandbox.file("rules/20-b.yml",
               "- macro: m\n  condition: or proc.name=b\n"
               "  override: {condition: append}\n");
  sandbox.file("rules/10-a.yaml",
               "- macro: m\n  condition: proc.name=a\n" + rule("R", "evt.type=open and m"));
  sandbox.file("rules/notes.txt", "not: rules\n");
  sandbox.file("rules/10-a.test.yaml", "rules: 10-a.yaml\ntests: []\n");
  sandbox.file("rules/sub/c.yaml", "not: rules\n");
  CHECK(contains(sandbox.run("check rules").out, "in 2 files"));
  CHECK(sandbox.run("check rules").status == 0);
  sandbox.file("bad.yaml", "rule: x\n");
  const Result piped = sandbox.run("check - < bad.yaml");
  CHECK(piped.status == 1);
  CHECK(contains(piped.out, "<stdin>:1:1: error[E0003]"));
}

TEST_CASE("unreadable paths and wrong usage are status 2") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kGood);
  sandbox.file("empty/notes.txt", "");
  CHECK(sandbox.run("check absent.yaml").status == 2);
  CHECK(contains(sandbox.run("check absent.yaml").out, "error[E0001]: absent.yaml: "));
  CHECK(sandbox.run("check empty").status == 2);
  for (const char* const arguments :
       {"", "check", "frobnicate", "check --format xml r.yaml", "check --no-such r.yaml",
        "compile r.yaml", "explain-code E9999", "list", "list things"}) {
    CAPTURE(arguments);
    const Result result = sandbox.run(arguments);
    CHECK(result.status == 2);
    CHECK_FALSE(result.err.empty());
  }
  CHECK(sandbox.run("--help").status == 0);
  CHECK(contains(sandbox.run("--version").out, "falcoc 0."));
}

TEST_CASE("JSON is one object with counts and diagnostics, findings or not") {
  const Sandbox sandbox;
  sandbox.file("good.yaml", kGood);
  sandbox.file("bad.yaml", rule("R", "evt.type=open and proc.nam=1"));
  const auto good = nlohmann::json::parse(sandbox.run("check --format json good.yaml").out);
  CHECK(good["errors"] == 0);
  CHECK(good["rules"] == 1);
  CHECK(good["diagnostics"].empty());
  const Result result = sandbox.run("check --format json good.yaml bad.yaml");
  CHECK(result.status == 1);
  const auto bad = nlohmann::json::parse(result.out);
  CHECK(bad["files"] == std::vector<std::string>{"good.yaml", "bad.yaml"});
  CHECK(bad["errors"] == 1);
  REQUIRE(bad["diagnostics"].size() == 1);
  CHECK(bad["diagnostics"][0]["code"] == "E0301");
  CHECK(bad["diagnostics"][0]["line"] == 3);
  CHECK(bad["diagnostics"][0]["falco_code"] == "LOAD_ERR_COMPILE_CONDITION");
}

TEST_CASE("falco-json has a result per file in the order given, in Falco's shape") {
  const Sandbox sandbox;
  sandbox.file("bad.yaml", rule("R", "evt.type=open and proc.nam=1"));
  sandbox.file("good.yaml", kGood + "  foo: 1\n- list: l\n  items: []\n");
  const Result result = sandbox.run("check --format falco-json good.yaml absent.yaml bad.yaml");
  CHECK(result.status == 2);
  const auto all = nlohmann::json::parse(result.out);
  REQUIRE(all.size() == 1);
  const auto& files = all["falco_load_results"];
  REQUIRE(files.size() == 3);
  CHECK(files[0]["name"] == "good.yaml");
  CHECK(files[0]["successful"] == true);
  CHECK(files[0]["schema_valid"] == false);
  CHECK(files[0]["schema_warnings"].size() == 1);
  CHECK(files[0]["errors"].empty());
  REQUIRE(files[0]["warnings"].size() == 1);  // unused names are unknown as long as a file is
  CHECK(files[0]["warnings"][0]["code"] == "LOAD_UNKNOWN_KEY");

  CHECK(files[1]["successful"] == false);
  CHECK_FALSE(files[1].contains("schema_valid"));
  CHECK(files[1]["errors"][0]["code"] == "LOAD_ERR_FILE_READ");

  const auto& entry = files[2]["errors"][0];
  CHECK(entry["code"] == "LOAD_ERR_COMPILE_CONDITION");
  CHECK(entry["codedesc"] == "Error compiling condition");
  CHECK(contains(entry["message"], "proc.nam"));
  const auto& locations = entry["context"]["locations"];
  REQUIRE(locations.size() == 4);
  CHECK(locations[0] == nlohmann::json::parse(R"({"item_type": "rules content", "item_name": "",
      "position": {"name": "bad.yaml", "line": 0, "column": 0, "offset": 0}})"));
  CHECK(locations[1]["item_type"] == "rule");
  CHECK(locations[1]["item_name"] == "R");
  CHECK(locations[3]["item_type"] == "condition expression");
  CHECK(locations[3]["position"]["line"] == 2);
  CHECK(entry["context"]["snippet"] ==
        "  condition: evt.type=open and proc.nam=1\n" + std::string(31, ' ') + "^\n");
}

TEST_CASE("falco-json names deprecated fields, and findings of our own by their code") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("R", "evt.type=open and evt.dir=< and proc.name in nolist"));
  const auto all = nlohmann::json::parse(sandbox.run("check --format falco-json r.yaml").out);
  const auto& warnings = all["falco_load_results"][0]["warnings"];
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0]["code"] == "LOAD_DEPRECATED_ITEM");
  CHECK(warnings[0]["deprecated_field"] == "evt.dir");
  CHECK(warnings[1]["code"] == "LOAD_WARNING_EXTENSION");
  CHECK(contains(warnings[1]["message"], "W0156: "));
}

TEST_CASE("no field is without a value in falcod") {
  const Sandbox sandbox;
  for (const char* field : {"k8smeta.pod.name", "k8s.deployment.name", "container.healthcheck",
                            "container.image.digest", "proc.is_container_liveness_probe"}) {
    CAPTURE(field);
    sandbox.file("a.yaml", rule("A", std::string("evt.type=open and ") + field + " exists"));
    const Result result = sandbox.run("check --strict a.yaml");
    CHECK(result.status == 0);
    CHECK_FALSE(contains(result.out, "N0323"));
  }
  CHECK_FALSE(contains(sandbox.run("list fields").out, "[not supplied yet]"));
}

TEST_CASE("every format can be chosen") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("R", "evt.type=open and proc.nam=1"));
  const auto out = [&](const std::string& format) {
    return sandbox.run("check --format " + format + " r.yaml").out;
  };
  CHECK(nlohmann::json::parse(out("sarif"))["runs"][0]["results"].size() == 1);
  CHECK(contains(out("github"), "::error file=r.yaml,line=3,endLine=3,col="));
  CHECK(contains(out("junit"), "<failure type=\"E0301\""));
  CHECK(contains(out("text"), "r.yaml:3:"));
}

TEST_CASE("compile writes a bundle of the rules, that is no rule file") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kGood);
  const Result result = sandbox.run("compile -o r.bundle r.yaml");
  CHECK(result.status == 0);
  CHECK(result.out.empty());
  const auto program = falcoc::bundle::read(contents_of(sandbox.path("r.bundle")), "r.bundle");
  REQUIRE(program.has_value());
  REQUIRE(program->rules.size() == 1);
  CHECK(program->rules[0].name == "Good");
  CHECK(program->rules[0].origin.file == "r.yaml");
  CHECK_FALSE(fs::exists(sandbox.path("r.bundle.new")));
  CHECK(sandbox.run("compile -o - r.yaml").out == contents_of(sandbox.path("r.bundle")));

  const Result again = sandbox.run("check r.bundle");
  CHECK(again.status == 1);
  CHECK(contains(again.out, "is a bundle of compiled rules"));
}

TEST_CASE("compile leaves the old bundle alone if there are errors") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kGood + "- list: l\n");
  sandbox.file("r.bundle", "old");
  CHECK(sandbox.run("compile -o r.bundle r.yaml").status == 1);
  CHECK(contents_of(sandbox.path("r.bundle")) == "old");
  sandbox.file("good.yaml", kGood);
  CHECK(sandbox.run("compile -o no/such/place good.yaml").status == 2);
}

TEST_CASE("a required plugin that is not built in is an error, container is built in") {
  const Sandbox sandbox;
  sandbox.file("c.yaml", "- required_plugin_versions: [{name: container, version: 0.4.0}]\n");
  sandbox.file("k.yaml", "- required_plugin_versions: [{name: k8saudit, version: 0.7.0}]\n");
  CHECK(sandbox.run("check c.yaml").status == 0);
  CHECK(contains(sandbox.run("check k.yaml").out, "error[E0110]"));
}

TEST_CASE("codes are explained with a bad and a good example") {
  const Sandbox sandbox;
  CHECK(sandbox.run("explain-code E0203").out ==
        "E0203 (error): no operator behind a field\n"
        "Falco reports it as LOAD_ERR_COMPILE_CONDITION.\n\n"
        "Behind a field stands an operator, such as `=`, `in` or `exists`. `not` stands\n"
        "before the field.\n\n"
        "Bad:\n\n    condition: proc.name not in (cat, less)\n\n"
        "Good:\n\n    condition: not proc.name in (cat, less)\n");
  CHECK(contains(sandbox.run("explain-code E0502").out, "Compile the rules again."));
}

TEST_CASE("the vocabulary is listed") {
  const Sandbox sandbox;
  const std::string fields = sandbox.run("list fields").out;
  CHECK(contains(fields, "\nproc.name "));
  const std::string events = sandbox.run("list events").out;
  CHECK(contains(events, "\nopenat "));
  CHECK(contains(events, "FD fd, "));
}

TEST_CASE("Falco's stable rules have no problems") {
  const fs::path rules = fs::path(FALCOC_SHARED_DIR) / "corpus/falco_rules-stable.yaml";
  if (!fs::exists(rules)) {
    MESSAGE("SKIPPED: no " << rules.string());
    return;
  }
  const Sandbox sandbox;
  const Result result = sandbox.run("check '" + rules.string() + "'");
  CAPTURE(result.out);
  CHECK(result.status == 0);
  CHECK_FALSE(contains(result.out, "error["));
}
