// `falcoc diff` and the comparison of `falcoc ci` with a revision: what is printed, and the status.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/tools/falcoc/sandbox.h"

using falcoc::test::contents_of;
using falcoc::test::Result;
using falcoc::test::Sandbox;

namespace {

std::string rule(const std::string& name, const std::string& condition,
                 const std::string& priority = "WARNING") {
  return "- rule: " + name + "\n  desc: Somebody did it\n  condition: " + condition +
         "\n  output: Done (command=%proc.cmdline user=%user.name)\n  priority: " + priority +
         "\n  tags: [process]\n";
}

const std::string kRan = "evt.type in (execve, execveat) and proc.name in (cat, dog)";
const std::string kRanCat = "evt.type in (execve, execveat) and proc.name = cat";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int status(const Sandbox& sandbox, const std::string& arguments) {
  return sandbox.run("diff " + arguments).status;
}

}  // namespace

TEST_CASE("diff: rules that differ, with what tells them apart, and how many there are") {
  const Sandbox sandbox;
  sandbox.file("old.yaml", rule("Ran", kRan) + rule("Gone", kRan) + rule("Same", kRan));
  sandbox.file("new.yaml", rule("Ran", kRanCat, "ERROR") + rule("Same", kRan) + rule("New", kRan));
  const Result result = sandbox.run("diff old.yaml new.yaml");
  CHECK(result.status == 0);
  CHECK(result.out ==
        "stricter  Ran  new.yaml:1\n"
        "  only the old rule matches:\n"
        "    event: execve\n"
        "    fields: {proc.name: dog}\n"
        "  priority: Warning -> Error\n"
        "added     New  new.yaml:13\n"
        "removed   Gone  old.yaml:7\n"
        "1 stricter, 1 added, 1 removed, 1 equal\n");
}

TEST_CASE("diff: an example is an event for falcoc test") {
  const Sandbox sandbox;
  const std::pair<std::string, std::string> pairs[] = {
      {"evt.type = openat and fd.name startswith /etc",
       "evt.type = openat and fd.name = /etc/shadow"},
      {"evt.type = openat and not user.uid in (0, 1)", "evt.type = openat and user.uid > 7"},
      {"evt.type = connect and fd.snet = 10.0.0.0/8", "evt.type = connect and fd.sip = 10.0.0.1"},
      {"spawned and proc.aname in (a, 'b c')", "spawned and proc.aname = a"},
      {"spawned and proc.name = '\"x'", "spawned and proc.name = x"},
      {"evt.type = open and evt.failed = true", "evt.type = open and evt.rawres = -13"},
      {"evt.type = unlink and evt.res = EACCES", "evt.type = unlink and evt.res = ENOENT"},
      {"not evt.type in (open, close) and proc.name = a",
       "not evt.type in (open, close, execve) and proc.name = a"},
  };
  const std::string macro = "- macro: spawned\n  condition: evt.type in (execve, execveat)\n";
  for (const auto& [before, after] : pairs) {
    CAPTURE(before);
    CAPTURE(after);
    sandbox.file("old.yaml", macro + rule("R", before));
    sandbox.file("new.yaml", macro + rule("R", after));
    const auto json = nlohmann::json::parse(sandbox.run("diff --format json old.yaml new.yaml").out,
                                            nullptr, false);
    REQUIRE(json.is_object());
    const auto& found = json["rules"][0];
    for (const auto& [key, matching, other] :
         {std::tuple{"only_old", "old.yaml", "new.yaml"}, {"only_new", "new.yaml", "old.yaml"}}) {
      if (!found.contains(key)) continue;
      nlohmann::json test = found[key];
      test["test"] = "t";
      test["expect"] = "R";
      sandbox.file("t.test.yaml", nlohmann::json{{"tests", {test}}}.dump());
      CAPTURE(test.dump());
      CHECK(sandbox.run(std::string("test t.test.yaml -r ") + matching).status == 0);
      test["expect"] = "none";
      sandbox.file("t.test.yaml", nlohmann::json{{"tests", {test}}}.dump());
      CHECK(sandbox.run(std::string("test t.test.yaml -r ") + other).status == 0);
    }
    CHECK((found.contains("only_old") || found.contains("only_new")));
  }
}

TEST_CASE("diff: --fail-on says which differences count") {
  const Sandbox sandbox;
  sandbox.file("wide.yaml", rule("Ran", kRan));
  sandbox.file("narrow.yaml", rule("Ran", kRanCat));
  sandbox.file("other.yaml", rule("Ran", "evt.type = execve and proc.name = pig"));
  sandbox.file("none.yaml", "[]\n");
  sandbox.file("off.yaml", rule("Ran", kRan) + "  enabled: false\n");
  CHECK(status(sandbox, "wide.yaml narrow.yaml --fail-on looser --fail-on changed") == 0);
  CHECK(status(sandbox, "wide.yaml narrow.yaml --fail-on looser --fail-on stricter") == 1);
  CHECK(status(sandbox, "narrow.yaml wide.yaml --fail-on looser") == 1);
  CHECK(status(sandbox, "narrow.yaml wide.yaml --fail-on stricter") == 0);
  CHECK(status(sandbox, "wide.yaml other.yaml --fail-on changed") == 1);
  CHECK(status(sandbox, "wide.yaml none.yaml --fail-on removed") == 1);
  CHECK(status(sandbox, "wide.yaml off.yaml --fail-on removed") == 1);
  CHECK(status(sandbox, "off.yaml wide.yaml --fail-on looser") == 1);
  CHECK(status(sandbox, "wide.yaml off.yaml --fail-on stricter") == 0);
  CHECK(status(sandbox, "none.yaml wide.yaml --fail-on removed") == 0);
  CHECK(status(sandbox, "none.yaml wide.yaml --fail-on any") == 1);
  CHECK(status(sandbox, "wide.yaml wide.yaml --fail-on any") == 0);
}

TEST_CASE("diff: several files on either side, and what cannot be compared") {
  const Sandbox sandbox;
  sandbox.file("a/1.yaml", "- list: pets\n  items: [cat]\n");
  sandbox.file("a/2.yaml", rule("Ran", "evt.type = execve and proc.name in (pets)"));
  sandbox.file("b.yaml", "- list: pets\n  items: [cat, dog]\n");
  CHECK(has(sandbox.run("diff --old a --new b.yaml --new a/2.yaml").out, "looser    Ran"));
  sandbox.file("broken.yaml", "- rule: R\n");
  CHECK(status(sandbox, "a broken.yaml") == 1);
  CHECK(status(sandbox, "a missing.yaml") == 2);
  CHECK(status(sandbox, "a") == 2);
  CHECK(status(sandbox, "--old a") == 2);
  CHECK(status(sandbox, "a a --new b.yaml") == 2);
  CHECK(status(sandbox, "a a --fail-on nothing") == 2);
}

TEST_CASE("ci: --base compares with a revision of git") {
  const Sandbox sandbox;
  const auto git = [&](const std::string& arguments) {
    const std::string command = "cd '" + sandbox.path(".").string() +
                                "' && git -c user.name=t -c user.email=t@example.org " + arguments +
                                " >/dev/null 2>&1";
    return std::system(command.c_str());
  };
  if (std::system("git --version >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: no git");
    return;
  }
  sandbox.file("rules/a.yaml", rule("Ran", kRan));
  sandbox.file("rules/notes.txt", "no rules\n");
  sandbox.file("rules/a.test.yaml", "rules: a.yaml\ntests: []\n");
  REQUIRE(git("init -q") == 0);
  REQUIRE(git("add -A") == 0);
  REQUIRE(git("commit -q -m one") == 0);
  sandbox.file("rules/a.yaml", rule("Ran", kRanCat));
  sandbox.file("rules/b.yaml", rule("New", kRan));

  Result result = sandbox.run("ci rules --base HEAD --summary s.md");
  CAPTURE(result.out + result.err);
  CHECK(result.status == 0);
  CHECK(has(result.out, "== diff\nstricter  Ran  rules/a.yaml:1\n"));
  CHECK(has(result.out, "added     New"));
  const std::string summary = contents_of(sandbox.path("s.md"));
  CHECK(has(summary, "| diff | passed |"));
  CHECK(has(summary, "| Ran | stricter |"));
  CHECK(has(summary, "\"proc.name\":\"dog\""));
  CHECK(sandbox.run("ci rules --base HEAD --fail-on stricter").status == 1);
  CHECK(sandbox.run("ci rules --base HEAD --fail-on looser").status == 0);
  // a file that was not there, and one named directly
  CHECK(has(sandbox.run("ci rules/b.yaml --base HEAD").out, "added     New"));
  CHECK(has(sandbox.run("ci rules/a.yaml --base HEAD").out, "stricter  Ran"));
  result = sandbox.run("ci rules --base no-such-revision");
  CHECK(result.status == 2);
  CHECK(has(result.err, "error: git could not read the rules of the revision"));
  CHECK(sandbox.run("ci rules --fail-on looser").status == 2);
}
