// Descriptions of rulesets: what a rule, a macro and a list say of themselves, and of what they
// name.
#include "compiler/describe/describe.h"

#include <doctest/doctest.h>

#include "compiler/bundle/bundle.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using nlohmann::json;

namespace {

constexpr const char* kRules = R"(
- required_engine_version: 0.31.0
- required_plugin_versions:
    - name: container
      version: 0.4.0
      alternatives: [{name: other, version: 1.0.0}]
- list: shells
  items: [bash, sh]
- list: programs
  items: [shells, vi, sh]
- list: nobody
  items: [x]
- macro: opening
  condition: evt.type in (open, openat)
- macro: by_program
  condition: opening and proc.name in (programs)
- macro: idle
  condition: proc.pid = 1
- rule: Opened
  desc: Something is opened
  condition: by_program and not fd.name startswith /tmp and proc.pname in (shells)
  output: opened %fd.name by %10proc.name
  priority: NOTICE
  tags: [b, a]
  exceptions:
    - name: known
      fields: [proc.name, fd.name]
      comps: [=, startswith]
      values: [[vi, /home]]
)";

json described() {
  const ir::Compilation compilation(kRules);
  REQUIRE_FALSE(compilation.diagnostics.has_errors());
  return describe::ruleset(compilation.program, &compilation.set);
}

json strings(std::vector<std::string> all) { return all; }

}  // namespace

TEST_CASE("a rule is described by what was written") {
  const json info = described()["rules"][0]["info"];
  CHECK(info ==
        json{{"name", "Opened"},
             {"condition", "by_program and not fd.name startswith /tmp and proc.pname in (shells)"},
             {"priority", "Notice"},
             {"output", "opened %fd.name by %10proc.name"},
             {"description", "Something is opened"},
             {"enabled", true},
             {"source", "syscall"},
             {"capture", false},
             {"capture_duration", 0},
             {"tags", {"a", "b"}}});
}

TEST_CASE("a rule's details name what it names and what that comes to") {
  const json details = described()["rules"][0]["details"];
  CHECK(details["macros"] == strings({"by_program"}));
  CHECK(details["lists"] == strings({"shells"}));
  CHECK(details["condition_operators"] == strings({"=", "in", "not", "startswith"}));
  CHECK(details["condition_fields"] == strings({"evt.type", "fd.name", "proc.name", "proc.pname"}));
  CHECK(details["output_fields"] == strings({"fd.name", "proc.name"}));
  CHECK(details["exception_names"] == strings({"known"}));
  CHECK(details["exception_fields"] == strings({"fd.name", "proc.name"}));
  CHECK(details["exception_operators"] == strings({"=", "startswith"}));
  CHECK(details["events"] == strings({"asyncevent", "open", "openat"}));
  CHECK(details["output_compiled"] == "opened %fd.name by %10proc.name");
  CHECK(details["condition_compiled"].get<std::string>().find("evt.type in (open, openat)") !=
        std::string::npos);
  CHECK(details["plugins"].empty());
  CHECK(details["extra_output_formatted_fields"].empty());
}

TEST_CASE("macros and lists say whether a rule uses them and what they stand for") {
  const json all = described();
  const json& by_program = all["macros"][1];
  CHECK(by_program["info"]["condition"] == "opening and proc.name in (programs)");
  CHECK(by_program["details"]["used"] == true);
  CHECK(by_program["details"]["macros"] == strings({"opening"}));
  CHECK(by_program["details"]["lists"] == strings({"programs"}));
  CHECK(by_program["details"]["condition_fields"] == strings({"evt.type", "proc.name"}));
  CHECK(by_program["details"]["events"] == strings({"asyncevent", "open", "openat"}));
  CHECK(all["macros"][2]["details"]["used"] == false);

  const json& programs = all["lists"][1];
  CHECK(programs["info"] == json{{"name", "programs"}, {"items", {"shells", "vi", "sh"}}});
  CHECK(programs["details"]["used"] == true);
  CHECK(programs["details"]["lists"] == strings({"shells"}));
  CHECK(programs["details"]["items_compiled"] == strings({"bash", "sh", "vi"}));
  CHECK(all["lists"][2]["details"]["used"] == false);
}

TEST_CASE("requirements are at the top") {
  const json all = described();
  CHECK(all["required_engine_version"] == "0.31.0");
  CHECK(all["required_plugin_versions"] == json::parse(R"([{"name": "container", "version": "0.4.0",
                         "alternatives": [{"name": "other", "version": "1.0.0"}]}])"));
}

TEST_CASE("one rule comes alone") {
  const ir::Compilation compilation(kRules);
  const json one = describe::rule(compilation.program, &compilation.set, "Opened");
  CHECK(one["rules"].size() == 1);
  CHECK(one.size() == 1);
  CHECK(describe::rule(compilation.program, &compilation.set, "Other")["rules"].empty());
}

TEST_CASE("of a bundle all is told but macros, lists and exceptions") {
  const ir::Compilation compilation(kRules);
  const auto program = bundle::read(bundle::write(compilation.program), "x");
  REQUIRE(program);
  json full = described()["rules"][0];
  const json all = describe::ruleset(*program, nullptr);
  for (const char* key :
       {"macros", "lists", "exception_names", "exception_fields", "exception_operators"}) {
    full["details"].erase(key);
  }
  CHECK(all["rules"][0] == full);
  CHECK_FALSE(all.contains("macros"));
}
