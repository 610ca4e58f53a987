// `falcoc docs`: what the catalogue says, and that texts of rules stay texts.
#include <doctest/doctest.h>

#include <string>

#include "tests/tools/falcoc/sandbox.h"

using falcoc::test::Result;
using falcoc::test::Sandbox;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string rule(const std::string& name, const std::string& tags) {
  return "- rule: " + name +
         "\n  desc: >\n    Somebody ran\n    a cat\n  condition: evt.type in (execve, execveat) "
         "and proc.name = cat\n"
         "  output: Ran (command=%proc.cmdline)\n  priority: INFO\n  tags: " +
         tags + "\n";
}

}  // namespace

TEST_CASE("docs: rules, their events, tactics and techniques") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("Cat ran", "[process, mitre_credential_access, T1059.004]") +
                             rule("Other cat", "[process]"));
  const Result result = sandbox.run("docs r.yaml");
  CAPTURE(result.out);
  CHECK(result.status == 0);
  CHECK(has(result.out, "2 rules."));
  CHECK(has(result.out,
            "| Credential access | [T1059.004](https://attack.mitre.org/techniques/T1059/004/) | "
            "[Cat ran](#rule-1-cat-ran) |\n"));
  CHECK(has(result.out,
            "<a id=\"rule-1-cat-ran\"></a>\n\n### Cat ran\n\nSomebody ran a cat\n\n* priority: "
            "Informational\n* events: execve, execveat\n"));
  CHECK(has(result.out, "* defined in: r.yaml:1\n"));
  CHECK(has(result.out,
            "\ncondition:\n\n```\nevt.type in (execve, execveat) and proc.name = cat\n```\n"));
  CHECK_FALSE(has(result.out, "| Other"));
}

TEST_CASE("docs: the matrix has a column for each tactic, in the order of ATT&CK") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("One", "[mitre_persistence, T1053, T1059.004]") +
                             rule("Two", "[mitre_persistence, mitre_own, T1053]") +
                             rule("Three", "[mitre_execution]"));
  const std::string html = sandbox.run("docs --format html r.yaml").out;
  CAPTURE(html);
  CHECK(count(html, "<th scope=\"col\"") == 15);  // ATT&CK's, and one that only a rule knows
  CHECK(html.find(">Execution<") < html.find(">Persistence<"));
  CHECK(html.find(">Impact<") < html.find(">Own<"));
  CHECK(has(html, "<th scope=\"col\" class=\"none\">Impact</th>"));
  CHECK(has(html, "<td>no technique<ul><li><a href=\"#rule-3-three\">Three</a></li></ul></td>"));
  CHECK(has(html,
            "<td><a href=\"https://attack.mitre.org/techniques/T1053/\">T1053</a><ul><li><a "
            "href=\"#rule-1-one\">One</a></li><li><a href=\"#rule-2-two\">Two</a></li></ul></td>"));
  CHECK_FALSE(has(html, "<script"));
  sandbox.file("r.yaml", rule("None", "[process]"));
  CHECK_FALSE(has(sandbox.run("docs --format html r.yaml").out, "ATT"));
}

TEST_CASE("docs: references of fields and events, as list has them") {
  const Sandbox sandbox;
  const std::string fields = sandbox.run("docs --reference fields").out;
  CHECK(has(fields, "# Fields\n"));
  CHECK(has(fields, "\n## process\n"));
  CHECK(has(fields, "| proc.aname\\[ARG\\]? | "));
  CHECK(count(fields, "\n| ") - count(fields, "\n| field |") ==
        count(sandbox.run("list fields").out, "\n"));
  const std::string events = sandbox.run("docs --reference events --format html").out;
  CHECK(has(events, "<h1>Events</h1>"));
  CHECK(has(events, "<tr><td>openat</td><td>"));
  CHECK(count(events, "<tr><td>") == count(sandbox.run("list events").out, "\n"));
  CHECK(sandbox.run("docs --reference words").status == 2);
  CHECK(sandbox.run("docs").status == 2);
  sandbox.file("r.yaml", rule("One", "[process]"));
  CHECK(sandbox.run("docs --reference fields r.yaml").status == 2);
}

TEST_CASE("docs: texts of rules are no markup") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", rule("\"<script>alert('x')</script> & [a](javascript:b) `c`\"",
                              "['mitre_<b>', process]"));
  const std::string html = sandbox.run("docs --format html r.yaml").out;
  CAPTURE(html);
  CHECK_FALSE(has(html, "<script"));
  CHECK_FALSE(has(html, "<b>"));
  CHECK(has(html, "&lt;script&gt;alert('x')&lt;/script&gt; &amp; [a]"));
  for (const std::string tag : {"h2", "h3", "table", "tr", "td", "pre", "p", "div", "body"}) {
    CAPTURE(tag);
    CHECK(count(html, "<" + tag + ">") + count(html, "<" + tag + " ") ==
          count(html, "</" + tag + ">"));
  }
  const std::string markdown = sandbox.run("docs r.yaml").out;
  CAPTURE(markdown);
  CHECK_FALSE(has(markdown, "<script"));
  CHECK_FALSE(has(markdown, "[a](javascript"));
}

TEST_CASE("docs: rules with errors are no catalogue") {
  const Sandbox sandbox;
  sandbox.file("r.yaml", "- rule: R\n");
  CHECK(sandbox.run("docs r.yaml").status == 1);
  CHECK(sandbox.run("docs --format pdf r.yaml").status == 2);
  CHECK(sandbox.run("docs missing.yaml").status == 2);
}
