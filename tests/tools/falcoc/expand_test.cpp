// `falcoc expand` says where each part of a rule is from, `falcoc ci` runs all that looks at rules.
#include <doctest/doctest.h>

#include <string>

#include "tests/tools/falcoc/sandbox.h"

using falcoc::test::contents_of;
using falcoc::test::Result;
using falcoc::test::Sandbox;

namespace {

const std::string kRules =
    "- list: pets\n  items: [cat, dog]\n\n"
    "- macro: is_pet\n  condition: (proc.name in (pets))\n\n"
    "- rule: Pet ran\n  desc: Somebody ran a pet\n"
    "  condition: evt.type in (execve, execveat) and is_pet\n"
    "  output: Pet ran (command=%proc.cmdline user=%user.name)\n  priority: INFO\n  tags: "
    "[process]\n";

const std::string kTests =
    "rules: r.yaml\ntests:\n- test: a cat\n  event: execve\n  process: [sh, cat]\n  expect: Pet "
    "ran\n";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("expand: each part is shown with the file that wrote it") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kRules);
  sandbox.file(
      "mine.yaml",
      "- list: pets\n  items: [cow]\n  override: {items: append}\n"
      "- rule: Pet ran\n  condition: and not proc.pname = vet\n  override: {condition: append}\n"
      "- rule: Pet ran\n  condition: and user.uid = 0\n  override: {condition: append}\n");
  const Result result = sandbox.run("expand r.yaml mine.yaml");
  CAPTURE(result.out);
  CHECK(result.status == 0);
  CHECK(has(result.out,
            "    r.yaml:9  evt.type in (execve, execveat) and is_pet\n"
            "    mine.yaml:5  and not proc.pname = vet\n"
            "    mine.yaml:8  and user.uid = 0\n"));
  CHECK(has(result.out, "  macro is_pet\n    r.yaml:5  (proc.name in (pets))\n"));
  CHECK(has(result.out, "  list pets\n    r.yaml:2  cat, dog\n    mine.yaml:2  cow\n"));
  CHECK(has(result.out, "proc.name in (cat, dog, cow)"));
  CHECK(has(result.out, "    r.yaml:10  Pet ran (command=%proc.cmdline user=%user.name)\n"));
}

TEST_CASE("expand: one rule by name, and a name that is nearly one") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kRules);
  CHECK(sandbox.run("expand r.yaml -r 'Pet ran'").status == 0);
  const Result result = sandbox.run("expand r.yaml -r 'Pet ram'");
  CHECK(result.status == 2);
  CHECK(has(result.err, "did you mean 'Pet ran'?"));
  sandbox.file("r.yaml", "- rule: R\n");
  CHECK(sandbox.run("expand r.yaml").status == 1);
}

TEST_CASE("ci: every step runs, whatever the others find, and the worst decides") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", kRules);
  sandbox.file("t.test.yaml", kTests);
  Result result = sandbox.run("ci r.yaml --tests t.test.yaml --summary s.md");
  CAPTURE(result.out);
  CHECK(result.status == 0);
  CHECK(has(contents_of(sandbox.path("s.md")), "| test | passed |"));

  sandbox.file("r.yaml",
               "- list: more\n  items: [x]\n" + kRules);  // unused, and no empty line behind it
  result = sandbox.run("ci r.yaml --tests t.test.yaml");
  CHECK(result.status == 1);
  CHECK(has(result.out, "check  findings\nlint   findings\nfmt    findings\ntest   passed\n"));

  result = sandbox.run("ci r.yaml --tests missing.test.yaml");
  CHECK(result.status == 2);
  CHECK(has(result.out, "test   could not run\n"));
  CHECK(sandbox.run("ci r.yaml --summary /missing/s.md").status == 2);
}

TEST_CASE("list: operators and lints are named") {
  const Sandbox sandbox;
  CHECK(has(sandbox.run("list operators").out, "pmatch"));
  const Result lints = sandbox.run("list lints");
  CHECK(has(lints.out, "W1001"));
  CHECK_FALSE(has(lints.out, "E0301"));
}
