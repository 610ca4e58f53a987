// `falcoc lint`: the examples on the pages are true; comments, settings, baselines and mending.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/tools/falcoc/sandbox.h"
#include "tools/falcoc/pages.h"

using namespace falcoc;
using namespace falcoc::cli;
using falcoc::test::Result;
using falcoc::test::Sandbox;

namespace {

/// What doctest can print.
std::string joined(const std::set<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) text += code + " ";
  return text;
}

/// Codes found in a rule file, notes included.
std::set<std::string> codes_of(const Sandbox& sandbox, const std::string& text,
                               const std::string& options = {}) {
  sandbox.file("r.yaml", text);
  const Result result = sandbox.run("lint --format json " + options + " r.yaml");
  INFO(result.out << result.err);
  const auto json = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(json.is_object());
  std::set<std::string> codes;
  for (const auto& finding : json["diagnostics"]) codes.insert(finding["code"].get<std::string>());
  return codes;
}

std::string rule(const std::string& condition, const std::string& before = {}) {
  return before + "- rule: Cat\n  desc: Somebody ran it\n  condition: " + condition +
         "\n  output: Ran (command=%proc.cmdline user=%user.name)\n  priority: INFO\n  tags: "
         "[process]\n";
}

const std::string kNever = "evt.type = execve and proc.name = cat and proc.name = dog";
const std::string kFine = "evt.type in (execve, execveat) and proc.name = cat";

}  // namespace

TEST_CASE("lint: a bad example gives its code, a good one does not") {
  const Sandbox sandbox;
  size_t count = 0;
  for (const Page& page : pages()) {
    if (!page.is_lint) continue;
    const std::string id(code_info(page.code).id);
    CAPTURE(id);
    ++count;
    const auto found = codes_of(sandbox, example_file(page, page.bad));
    CAPTURE(joined(found));
    CHECK(found.contains(id));
    CHECK_FALSE(codes_of(sandbox, example_file(page, page.good)).contains(id));
  }
  CHECK(count >= 45);
}

TEST_CASE("lint: a rule without fault has no finding, and status 0") {
  const Sandbox sandbox;
  CHECK(joined(codes_of(sandbox, rule(kFine))) == joined({}));
  CHECK(sandbox.run("lint r.yaml").status == 0);
  CHECK(codes_of(sandbox, rule(kNever)).contains("W1001"));
  CHECK(sandbox.run("lint r.yaml").status == 1);
}

TEST_CASE("lint: what one check says of another") {
  const Sandbox sandbox;
  const auto codes = [&](const std::string& condition) {
    auto found = codes_of(sandbox, rule("evt.type in (execve, execveat) and " + condition));
    found.erase("N1016");
    return found;
  };
  CHECK(joined(codes("proc.pid > 5 and proc.pid < 3")) == joined({"W1001"}));
  CHECK(joined(codes("proc.pid > 5 and proc.pid < 7")) == joined({}));
  CHECK(joined(codes("proc.pid > 5 and proc.pid > 3")) == joined({"W1003"}));
  CHECK(joined(codes("proc.pid != 5 and proc.pid != 7")) == joined({}));
  CHECK(joined(codes("(proc.pid != 5 or proc.pid != 7)")) == joined({"W1004"}));
  CHECK(joined(codes("proc.name startswith a and proc.name endswith b")) == joined({}));
  CHECK(joined(codes("proc.name startswith a and not proc.name startswith ab")) == joined({}));
  CHECK(joined(codes("proc.name startswith ab and not proc.name startswith a")) ==
        joined({"W1001"}));
  CHECK(joined(codes("proc.name in (a, b) and proc.name in (b, c)")) == joined({}));
  CHECK(joined(codes("proc.name in (a, b) and not proc.name in (c, d)")) == joined({"W1003"}));
  CHECK(joined(codes("proc.aname = a and proc.aname = b")) == joined({}));
  CHECK(joined(codes("proc.args[1] = a and proc.args[2] = b")) == joined({}));
  CHECK(joined(codes("not (proc.name = a or proc.pname = b) and proc.name in (a, c)")) ==
        joined({}));
  CHECK(joined(codes("not (proc.name = a or proc.pname = b) and proc.name = a")) ==
        joined({"W1001"}));
  CHECK(joined(codes("proc.name exists and proc.name != a")) == joined({"W1003"}));
  CHECK(joined(codes("not proc.name exists and proc.name = a")) == joined({"W1001"}));
  CHECK(joined(codes("proc.exepath contains cat and proc.exepath = /usr/bin/cat")) ==
        joined({"W1003"}));
  CHECK(joined(codes("proc.name glob 'a*b' and proc.name = adb")) == joined({"W1003"}));
  CHECK(joined(codes("proc.name glob 'a*b' and proc.name = cdb")) == joined({"W1001"}));
  CHECK(joined(codes("proc.name regex 'a[cd]' and proc.name = ae")) == joined({"W1001"}));
}

TEST_CASE("lint: macros are looked through, and told of once") {
  const Sandbox sandbox;
  const std::string macro = "- macro: is_cat\n  condition: proc.name = cat\n";
  CHECK(
      joined(codes_of(sandbox, rule("evt.type in (execve, execveat) and is_cat and proc.name = dog",
                                    macro))) == joined({"W1001"}));
  // an alternative of a macro that one of its uses does not need is none of the use's business
  const std::string wide = "- macro: is_pet\n  condition: proc.name in (cat, dog)\n";
  CHECK(
      joined(codes_of(sandbox, rule("evt.type in (execve, execveat) and is_pet and proc.name = dog",
                                    wide))) == joined({}));
}

TEST_CASE("lint: comments silence an item, a line, or what they stand behind") {
  const Sandbox sandbox;
  CHECK(joined(codes_of(sandbox, rule(kNever, "# falcoc-disable W1001, W1030: as a test\n"))) ==
        joined({}));
  std::string inside = rule(kNever);
  inside.insert(inside.find("  condition"), "  # falcoc-disable W1001, W1030: as a test\n");
  CHECK(joined(codes_of(sandbox, inside)) == joined({}));
  std::string behind = rule(kNever);
  behind.insert(behind.find("\n  output"), " # falcoc-disable W1001, W1030: as a test");
  CHECK(joined(codes_of(sandbox, behind)) == joined({}));
  std::string elsewhere = rule(kNever);
  elsewhere.insert(elsewhere.find("  output"), "  # falcoc-disable W1001: as a test\n");
  CHECK(joined(codes_of(sandbox, elsewhere)) == joined({"W1001", "W1030", "W1063"}));
}

TEST_CASE("lint: settings choose lints and say what the house asks for") {
  const Sandbox sandbox;
  sandbox.file("p.yaml", "disable: [W1001, W1030]\n");
  CHECK(joined(codes_of(sandbox, rule(kNever), "--config p.yaml")) == joined({}));
  sandbox.file(".falcoc-lint.yaml",
               "rule_name: '[A-Z].* by .*'\nrequired_tags: ['team_.*']\npriorities: [CRITICAL]\n"
               "required_output: [proc.pid]\nforbidden_fields: [proc.name]\n");
  CHECK(joined(codes_of(sandbox, rule(kFine))) ==
        joined({"W1057", "W1058", "W1059", "W1060", "W1061"}));
  sandbox.file(".falcoc-lint.yaml", "disabled: [W1001]\n");
  const Result result = sandbox.run("lint r.yaml");
  CHECK(result.status == 2);
  CHECK(result.err.find("did you mean `disable`?") != std::string::npos);
  for (const std::string text :
       {"[a]", "disable: W1", "disable: [W9999]", "rule_name: '('", "priorities: [BAD]", "a: ["}) {
    CAPTURE(text);
    sandbox.file(".falcoc-lint.yaml", text);
    CHECK(sandbox.run("lint r.yaml").status == 2);
  }
}

TEST_CASE("lint: a baseline holds what is known, and no more") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule(kNever));
  CHECK(sandbox.run("lint --write-baseline b.json r.yaml").status == 0);
  CHECK(sandbox.run("lint --baseline b.json r.yaml").status == 0);
  CHECK(joined(codes_of(sandbox, "\n\n" + rule(kNever + " and proc.pname = systemd-journald"),
                        "--baseline b.json")) == joined({"W1007"}));
  sandbox.file("b.json", "{");
  CHECK(sandbox.run("lint --baseline b.json r.yaml").status == 2);
  CHECK(sandbox.run("lint --baseline missing.json r.yaml").status == 2);
}

TEST_CASE("lint: what is mended is mended, and nothing else") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("evt.type in (execve, execveat) and proc.name glob ba*\n    "
                              "and (proc.pname = a or proc.pname = b) # why"));
  CHECK(sandbox.run("lint --fix r.yaml").status == 0);
  const std::string text = test::contents_of(sandbox.path("r.yaml"));
  CAPTURE(text);
  CHECK(text.find("proc.name startswith ba\n    and (proc.pname in (a, b)) # why\n") !=
        std::string::npos);
  CHECK(codes_of(sandbox, text).empty());
}

TEST_CASE("lint: a chain becomes a list only where nothing can be lost") {
  const Sandbox sandbox;
  const std::string begin = "evt.type in (execve, execveat) and ";
  const std::string list = "- list: one\n  items: ['a,c']\n";
  const auto mended = [&](const std::string& condition, const std::string& above = {}) {
    const std::string before = rule(begin + condition, above);
    sandbox.file("r.yaml", before);
    const Result result = sandbox.run("lint --fix r.yaml");
    CAPTURE(result.out + result.err);
    CHECK(result.status == 0);
    return test::contents_of(sandbox.path("r.yaml")) != before;
  };
  CHECK(mended("(proc.pname = a or proc.pname = b)"));
  CHECK_FALSE(mended("((proc.pname = a) or (proc.pname = b))"));
  CHECK_FALSE(mended("(proc.pname = one or proc.pname = b)", list));
}

TEST_CASE("lint: notes that make the exit status 1 are counted as problems") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule(kFine + " and (proc.pname = a or proc.pname = b)"));
  Result result = sandbox.run("lint r.yaml");
  CHECK(result.status == 0);
  CHECK(result.out.find("no problems") != std::string::npos);
  result = sandbox.run("lint --strict r.yaml");
  CHECK(result.status == 1);
  CHECK(result.out.ends_with("\n1 note in 1 file\n"));
}

TEST_CASE("lint: descriptors in outputs of events that have none") {
  const Sandbox sandbox;
  const auto shown = [&](const std::string& condition) {
    std::string text = rule(condition);
    text.insert(text.find(" user="), " file=%fd.name");
    return joined(codes_of(sandbox, text));
  };
  CHECK(shown("evt.type in (execve, execveat) and proc.name = cat") == "W1043 ");
  CHECK(shown("evt.type in (open, openat, openat2) and proc.name = cat") == "");
  CHECK(shown("evt.type in (execve, execveat, close) and proc.name = cat") == "");
}
