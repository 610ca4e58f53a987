// What is said of two versions of a rule: pairs of conditions with their verdicts, examples, and
// what else of a rule can change.
#include <doctest/doctest.h>

#include "compiler/diff/rule_diff.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::diff;
using falcoc::ir::Compilation;
using falcoc::ir::rule_yaml;

namespace {

std::vector<RuleDiff> compared(const Compilation& before, const Compilation& after,
                               const DiffOptions& options = {}) {
  return compare({before.set, before.program}, {after.set, after.program}, options);
}

/// "stricter", or "stricter, no example"; "changed" has two.
std::string verdict(const std::string& old_condition, const std::string& new_condition,
                    const std::string& both = {}) {
  const Compilation before(both + rule_yaml(old_condition));
  const Compilation after(both + rule_yaml(new_condition));
  REQUIRE_FALSE(before.program.rules.empty());
  REQUIRE_FALSE(after.program.rules.empty());
  const auto diffs = compared(before, after);
  REQUIRE(diffs.size() == 1);
  const ConditionDiff& diff = diffs[0].condition;
  std::string text(verdict_name(diffs[0]));
  if (!diff.is_decided) text += ", not decided";
  const bool wants_old = diff.verdict == Verdict::STRICTER || diff.verdict == Verdict::CHANGED;
  const bool wants_new = diff.verdict == Verdict::LOOSER || diff.verdict == Verdict::CHANGED;
  if (wants_old != diff.only_old.has_value() || wants_new != diff.only_new.has_value())
    text += ", no example";
  const auto is_told_apart = [](const std::optional<testing::Facts>& facts,
                                const ir::Program& matching, const ir::Program& other) {
    return !facts || (matches(matching, matching.rules[0].condition, *facts) &&
                      !matches(other, other.rules[0].condition, *facts));
  };
  CHECK(is_told_apart(diff.only_old, before.program, after.program));
  CHECK(is_told_apart(diff.only_new, after.program, before.program));
  return text;
}

/// Of an event of one type.
std::string open_and(const std::string& condition) {
  return "evt.type = open and (" + condition + ")";
}

}  // namespace

TEST_CASE("diff: conditions that say the same in other words are equal") {
  const std::pair<std::string, std::string> rows[] = {
      {"proc.name = a and fd.name = /b", "fd.name = /b and proc.name = a"},
      {"proc.name = a or proc.name = b", "proc.name in (b, a)"},
      {"proc.name in (a, b, c)", "(proc.name in (a, b) or proc.name in (b, c))"},
      {"not (proc.name = a or fd.name = /b)", "not proc.name = a and not fd.name = /b"},
      {"proc.name != a", "proc.name exists and not proc.name = a"},
      {"proc.name = a", "proc.name = a and proc.name != b"},
      {"fd.name startswith /etc/", "fd.name glob /etc/*"},
      {"fd.name contains x", "fd.name glob *x*"},
      {"fd.name startswith /etc or fd.name startswith /etc/ssh", "fd.name startswith /etc"},
      {"fd.name pmatch (/etc, /etc/ssh)", "fd.name pmatch (/etc)"},
      {"proc.pid > 5 and proc.pid < 7", "proc.pid = 6"},
      {"proc.pid >= 5 or proc.pid < 5", "proc.pid exists"},
      {"proc.pid != 5", "(proc.pid < 5 or proc.pid > 5)"},
      {"user.uid >= 0", "user.uid exists"},
      {"evt.failed = true", "evt.failed exists and not evt.failed = false"},
      {"proc.aname in (a, b)", "(proc.aname = a or proc.aname = b)"},
      {"fd.port in (22, 23)", "(fd.port = 22 or fd.port = 23)"},
      {"fd.snet in (10.0.0.0/8, 10.1.0.0/16)", "fd.snet = 10.0.0.0/8"},
      {"proc.name = anyof (a, b)", "proc.name in (a, b)"},
      {"proc.name != allof (a, b)", "proc.name exists and not proc.name in (a, b)"},
      {"proc.name = cat and tolower(proc.name) = cat", "proc.name = cat"},
      {"proc.name = abc and len(proc.name) = 3", "proc.name = abc"},
      {"fd.name icontains X", "fd.name iglob *X*"},
      {"proc.name startswith ''", "proc.name exists"},
      // an event that has no such argument cannot make a difference
      {"evt.arg.flags contains O_CREAT", "evt.type = open and evt.arg.flags contains O_CREAT"},
  };
  for (const auto& [a, b] : rows) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(verdict(open_and(a), open_and(b)) == "equal");
  }
}

TEST_CASE("diff: what is stricter one way is looser the other way, with an example") {
  const std::pair<std::string, std::string> rows[] = {
      // the second matches less
      {"proc.name in (a, b)", "proc.name = a"},
      {"proc.name = a", "proc.name = a and fd.name = /b"},
      {"not proc.name = a", "not proc.name in (a, b)"},
      {"not proc.name = a", "proc.name != a"},  // which needs a name
      {"fd.name exists", "fd.name != /a"},
      {"fd.name startswith /etc", "fd.name startswith /etc/"},
      {"fd.name startswith /etc", "fd.name = /etc/shadow"},
      {"fd.name pmatch (/etc)", "fd.name startswith /etc/"},
      {"fd.name endswith w", "fd.name endswith shadow"},
      {"fd.name contains /etc", "fd.name startswith /etc/"},
      {"fd.name regex '/tmp/[a-c]+'", "fd.name = /tmp/abba"},
      {"fd.name regex '/(tmp|var)/x?y{2}'", "fd.name regex '/(tmp|var)/x?y{2}' and proc.name = a"},
      {"fd.name glob '/a*/[bc]?'", "fd.name glob '/a*/[bc]?' and not fd.name = /ab/cd"},
      {"proc.pid > 5", "proc.pid > 6"},
      {"proc.pid in (1, 2, 3)", "proc.pid > 1 and proc.pid <= 3"},
      {"proc.aname = a", "proc.aname = a and proc.aname = b"},
      {"proc.aname startswith a", "proc.aname in (ab, ac)"},
      {"fd.sport = 22 or fd.sport = 23", "fd.sport = 22"},
      {"fd.sip = 10.0.0.1 or fd.sip = 10.0.0.2", "fd.sip = 10.0.0.1"},
      {"fd.snet = 10.0.0.0/8", "fd.snet = 10.1.0.0/16"},
      {"fd.ip exists", "fd.ip != 1.2.3.4"},
      {"user.uid != 0", "user.uid > 1000"},
      {"tolower(proc.name) in (a, b)", "tolower(proc.name) = a"},
      {"len(proc.name) > 3", "len(proc.name) > 4"},
      {"proc.name exists and proc.pname exists", "proc.name = val(proc.pname)"},
      {"proc.name = oneof (a, b)", "proc.name = a"},
      {"evt.failed exists", "evt.failed = true"},
      {"(fd.name = /a or fd.name = /b)", "fd.name = /a"},
  };
  for (const auto& [a, b] : rows) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(verdict(open_and(a), open_and(b)) == "stricter");
    CHECK(verdict(open_and(b), open_and(a)) == "looser");
  }
  CHECK(verdict("evt.type in (open, openat)", "evt.type = open") == "stricter");
  CHECK(verdict("evt.type = open", "evt.type in (open, openat)") == "looser");
  CHECK(verdict("not evt.type in (open, openat)", "not evt.type = open") == "looser");
}

TEST_CASE("diff: conditions of which each matches what the other does not are changed") {
  const std::pair<std::string, std::string> rows[] = {
      {"proc.name = a", "proc.name = b"},   {"proc.name in (a, b)", "proc.name in (b, c)"},
      {"proc.name = a", "fd.name = /a"},    {"fd.name startswith /etc", "fd.name endswith shadow"},
      {"proc.pid > 5", "proc.pid < 7"},     {"not proc.name = a", "proc.name = a"},
      {"proc.aname = a", "proc.pname = a"},
  };
  for (const auto& [a, b] : rows) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(verdict(open_and(a), open_and(b)) == "changed");
  }
}

TEST_CASE("diff: macros, lists and exceptions are looked through") {
  const std::string macro =
      "- list: names\n  items: [a, b]\n- macro: m\n  condition: proc.name in (names)\n";
  CHECK(verdict("evt.type = open and m", "evt.type = open and proc.name in (b, a)", macro) ==
        "equal");
  const std::string exception =
      "  exceptions:\n    - name: e\n      fields: [proc.name]\n      comps: [in]\n      values: "
      "[[[x, y]]]\n";
  const Compilation before(rule_yaml("evt.type = open") + exception);
  const Compilation after(rule_yaml("evt.type = open and not proc.name in (y, x)"));
  const auto diffs = compared(before, after);
  CHECK(verdict_name(diffs[0]) == "equal");
  REQUIRE(diffs[0].changes.size() == 1);
  CHECK(diffs[0].changes[0].what == "exceptions");
  CHECK(diffs[0].changes[0].before == "e: [proc.name] [in] [[(x, y)]]");
  CHECK_FALSE(diffs[0].is_same());
}

TEST_CASE("diff: an example is as small as it can be") {
  const Compilation before(
      rule_yaml("evt.type = open and proc.name in (a, b) and fd.name = /x and not proc.pname = q"));
  const Compilation after(
      rule_yaml("evt.type = open and proc.name in (a) and fd.name = /x and not proc.pname = q"));
  const auto diffs = compared(before, after);
  REQUIRE(diffs[0].condition.only_old);
  std::string facts;
  for (const auto& [name, fact] : diffs[0].condition.only_old->all())
    facts += name + "=" + fact.items.front() + " ";
  CHECK(facts == "evt.type=open fd.name=/x proc.name=b ");
}

TEST_CASE("diff: an example is looked for among events that there can be") {
  // The name and what is made of it cannot be as any solver likes.
  CHECK(
      verdict(open_and("fd.name startswith /a and (basename(fd.name) in (x, y) or proc.name = q)"),
              open_and("fd.name startswith /a")) == "looser");
  CHECK(verdict(open_and("proc.aname = a and proc.aname[1] = b"), open_and("proc.aname = a")) ==
        "looser");
}

TEST_CASE("diff: what every event has is never absent in an example") {
  const Compilation before(rule_yaml("evt.type = open and not user.uid = 5"));
  const Compilation after(rule_yaml("evt.type = open and not user.uid in (5, 7)"));
  DiffOptions options;
  options.complete = [](testing::Facts& facts) {
    if (facts.find("user.uid") == nullptr) facts.set("user.uid", "0");
  };
  const auto diffs = compared(before, after, options);
  REQUIRE(diffs[0].condition.only_old);
  CHECK(diffs[0].condition.only_old->find("user.uid")->items.front() == "7");
}

TEST_CASE("diff: a budget that does not suffice is said, and nothing is claimed") {
  // The pigeonhole principle, of which resolution has no short proof: one process more than places.
  // The two conditions are about different arguments, and neither can hold.
  constexpr int kPlaces = 7;
  const auto none = [](int first) {
    const auto in_place = [first](int who, int place) {
      return "proc.args[" + std::to_string(first + who) + "] contains p" + std::to_string(place);
    };
    std::string all = "evt.type = open";
    for (int who = 0; who <= kPlaces; ++who) {
      all += " and (";
      for (int place = 0; place < kPlaces; ++place)
        all += (place == 0 ? "" : " or ") + in_place(who, place);
      all += ")";
    }
    for (int place = 0; place < kPlaces; ++place) {
      for (int a = 0; a <= kPlaces; ++a) {
        for (int b = 0; b < a; ++b)
          all += " and not (" + in_place(a, place) + " and " + in_place(b, place) + ")";
      }
    }
    return Compilation(rule_yaml(all));
  };
  const Compilation before = none(0);
  const Compilation after = none(20);
  const auto limited = compared(before, after, {.conflicts = 50});
  CHECK(verdict_name(limited[0]) == "changed");
  CHECK_FALSE(limited[0].condition.is_decided);
  const auto decided = compared(before, after);
  CHECK(verdict_name(decided[0]) == "equal");
}

TEST_CASE("diff: rules that are there once, and what else of a rule changes") {
  const Compilation before(
      "- rule: Gone\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n"
      "- rule: Kept\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n  "
      "tags: [a]\n");
  const Compilation after(
      "- rule: New\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n"
      "- rule: Kept\n  desc: e\n  condition: evt.type = open\n  output: p\n  priority: ERROR\n  "
      "tags: [b]\n"
      "  enabled: false\n  capture: true\n");
  const auto diffs = compared(before, after);
  REQUIRE(diffs.size() == 3);
  CHECK(diffs[0].name == "New");
  CHECK(verdict_name(diffs[0]) == "added");
  CHECK(verdict_name(diffs[1]) == "equal");
  CHECK(diffs[1].is_switched_off());
  CHECK(verdict_name(diffs[2]) == "removed");
  std::string changes;
  for (const Change& change : diffs[1].changes)
    changes += change.what + ":" + change.before + ">" + change.after + " ";
  CHECK(changes ==
        "enabled:true>false priority:Informational>Error tags:a>b output:o>p description:d>e "
        "capture:off>0 ms ");
}
