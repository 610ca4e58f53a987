// Which parts of rules become process facts, what they depend on, and that a specialised program
// says the same after they were made single nodes.
#include "compiler/ir/facts.h"

#include <doctest/doctest.h>

#include "compiler/ir/fact_fields.h"
#include "tests/compiler/ir/compiling.h"

namespace falcoc::ir {
namespace {

using namespace fact_depends;

/// Facts of a ruleset as text.
struct Found {
  Compilation compiled;
  ProcessFacts facts;

  explicit Found(const std::string& condition) : Found(std::vector{rule_yaml(condition)}) {}
  explicit Found(const std::vector<std::string>& texts)
      : compiled(texts), facts(process_facts(compiled.program)) {}

  std::string text(const ProcessFact& fact) const {
    std::string all;
    for (const NodeId node : fact.nodes) {
      if (!all.empty()) all += fact.connective == Node::Kind::AND ? " and " : " or ";
      all += print_condition(compiled.program, node);
    }
    return all;
  }
  std::set<std::string> texts() const {
    std::set<std::string> result;
    for (const ProcessFact& fact : facts.facts) result.insert(text(fact));
    return result;
  }
  /// Why the only atom of this field is no fact.
  NoFact reason(std::string_view field) const {
    const Program& program = compiled.program;
    for (size_t i = 0; i < program.nodes.size(); ++i) {
      if (program.nodes[i].kind != Node::Kind::ATOM) continue;
      const Operand& left = program.operand(program.nodes[i].left);
      if (print_field(program.field(left.field)) == field) return facts.reasons[i];
    }
    FAIL("no atom of the field");
    return NoFact::NONE;
  }
};

using Texts = std::set<std::string>;

TEST_CASE("a condition on the process alone is one fact") {
  const Found found("evt.type = open and not (proc.name = a or proc.cmdline contains b)");
  CHECK(found.texts() == Texts{"not (proc.name = a or proc.cmdline contains b)"});
  CHECK(found.facts.facts.front().dependencies == 0);
  CHECK(found.facts.facts.front().bit == 0u);
}

TEST_CASE("children with the same dependencies are one fact and others another") {
  const Found found(
      "evt.type = open and proc.name = a and fd.name = /x and proc.exe = b and proc.pname = c and "
      "user.uid = 0");
  CHECK(found.texts() ==
        (Texts{"proc.name = a and proc.exe = b", "proc.pname = c", "user.uid = 0"}));
  for (const ProcessFact& fact : found.facts.facts) {
    const std::string text = found.text(fact);
    CHECK(fact.dependencies == (text == "proc.pname = c" ? ANCESTORS
                                : text == "user.uid = 0" ? CREDENTIALS
                                                         : 0));
    CHECK(found.facts.word_dependencies[fact.bit / 64] == fact.dependencies);
  }
}

TEST_CASE("facts are found inside of mixed connectives") {
  const Found found(
      "evt.type = open and (fd.name = /x or not (fd.name = /y or proc.name = a or proc.exe = b))");
  CHECK(found.texts() == Texts{"proc.name = a or proc.exe = b"});
}

TEST_CASE("a fact that only executions need is left out") {
  const Found found("evt.type in (execve, execveat) and proc.name = a");
  CHECK(found.texts() == Texts{});
  CHECK(found.reason("proc.name") == NoFact::NO_FILTER);
}

TEST_CASE("only the slice of another kind counts") {
  const Found found("(evt.type = execve and proc.name = a) or (evt.type = open and proc.name = b)");
  CHECK(found.texts() == Texts{"proc.name = b"});
}

TEST_CASE("what has no version is no fact and says why") {
  const Found found(
      "evt.type = open and (proc.cwd = /x or proc.sname = a or thread.tid = 1 or "
      "container.image.repository = i or proc.fdlimit = 7 or fd.num = 3)");
  CHECK(found.texts() == Texts{});
  CHECK(found.reason("proc.cwd") == NoFact::DIRECTORY);
  CHECK(found.reason("proc.sname") == NoFact::LEADER);
  CHECK(found.reason("thread.tid") == NoFact::THREAD);
  CHECK(found.reason("container.image.repository") == NoFact::METADATA);
  CHECK(found.reason("proc.fdlimit") == NoFact::LIMITS);
  CHECK(found.reason("fd.num") == NoFact::EVENT);
}

TEST_CASE("both sides of a comparison count") {
  CHECK(Found("evt.type = open and proc.name = val(proc.pname)").facts.facts.front().dependencies ==
        ANCESTORS);
  CHECK(Found("evt.type = open and proc.name = val(fd.name)").texts() == Texts{});
}

TEST_CASE("a shared fact has one bit and counts its uses") {
  const Found found({rule_yaml("evt.type = open and proc.name = a"),
                     "- rule: S\n  desc: d\n  condition: evt.type = close and proc.name = a\n"
                     "  output: o\n  priority: INFO\n"});
  REQUIRE(found.facts.facts.size() == 1u);
  CHECK(found.facts.facts.front().uses == 2u);
}

TEST_CASE("disabled rules have none") {
  CHECK(Found(std::vector{rule_yaml("evt.type = open and proc.name = a", "  enabled: false\n")})
            .texts() == Texts{});
}

TEST_CASE("beyond the room the least used are left out") {
  std::string text;
  const auto add = [&](const std::string& rule, const std::string& name) {
    text += "- rule: " + rule +
            "\n  desc: d\n  condition: evt.type = open and proc.name = " + name +
            "\n  output: o\n  priority: INFO\n";
  };
  const size_t room = kFactWords * 64;
  for (size_t i = 0; i < room + 3; ++i) add("r" + std::to_string(i), "n" + std::to_string(i));
  add("again", "n" + std::to_string(room + 2));  // used twice, so the first of all
  const Found found(std::vector{text});
  REQUIRE(found.facts.facts.size() == room);
  CHECK(found.texts().contains("proc.name = n" + std::to_string(room + 2)));
  CHECK(std::ranges::count(found.facts.reasons, NoFact::TOO_MANY) == 3);
  for (size_t i = 0; i < room; ++i) CHECK(found.facts.facts[i].bit == i);
}

TEST_CASE("more kinds of dependencies than words share words") {
  const std::vector<std::string> atoms{"user.uid = 1", "user.loginuid = 1", "proc.tty = 1",
                                       "container.id = c", "proc.pname = p"};
  std::string condition = "evt.type = open and (fd.num = 1";
  for (size_t mask = 0; mask < 32; ++mask) {
    std::string part = "proc.name = n" + std::to_string(mask);
    for (size_t i = 0; i < atoms.size(); ++i) {
      if ((mask >> i & 1) != 0) part += " or " + atoms[i];
    }
    condition += " or not (" + part + ")";
  }
  const Found found(condition + ")");
  REQUIRE(found.facts.facts.size() == 32u);
  for (const ProcessFact& fact : found.facts.facts) {
    CHECK((fact.dependencies & ~found.facts.word_dependencies[fact.bit / 64]) == 0);
  }
}

TEST_CASE("the program of facts has one rule per fact with the same condition") {
  const Found found("evt.type = open and proc.name = a and fd.name = /x and proc.exe = b");
  const Program program = fact_program(found.compiled.program, found.facts);
  REQUIRE(program.rules.size() == 1u);
  CHECK(print_condition(program, program.rules[0].condition) == "proc.name = a and proc.exe = b");
  CHECK(program.rule_events(program.rules[0]) == all_event_kinds());
}

/// The conditions of one kind as text, facts in brackets.
class LeavesText {
 public:
  LeavesText(const Found& found, EventCode kind)
      : program_(found.compiled.program),
        leaves_(fact_leaves(program_, found.facts,
                            specialize(program_, static_cast<EventKind>(kind)))) {}

  std::string rule(size_t i) const { return text(leaves_.specialized.conditions[i]); }

 private:
  std::string text(NodeId id) const {
    const std::string plain = plain_text(id);
    const uint32_t fact = leaves_.fact[static_cast<size_t>(id)];
    return fact == ProcessFacts::kNone ? plain : "[" + plain + "]";
  }
  std::string plain_text(NodeId id) const {
    const Node& node = leaves_.specialized.node(id);
    if (id == Specialized::kTrue) return "true";
    if (id == Specialized::kFalse) return "false";
    if (node.kind == Node::Kind::NOT) return "not " + text(node.children.front());
    if (node.kind == Node::Kind::ATOM) {
      return print_condition(program_, leaves_.specialized.origins[static_cast<size_t>(id)]);
    }
    std::string all;
    for (const NodeId child : node.children) {
      CHECK(child < id);
      if (!all.empty()) all += node.kind == Node::Kind::AND ? " and " : " or ";
      all += text(child);
    }
    return "(" + all + ")";
  }

  const Program& program_;
  FactLeaves leaves_;
};

TEST_CASE("the children of a fact become one node") {
  const Found found("evt.type = open and proc.name = a and fd.name = /x and proc.exe = b");
  CHECK(LeavesText(found, EventCode::OPEN).rule(0) ==
        "([(proc.name = a and proc.exe = b)] and fd.name = /x)");
}

TEST_CASE("a fact that is all that is left is the condition") {
  const Found found("evt.type = open and proc.name = a and proc.exe = b");
  CHECK(LeavesText(found, EventCode::OPEN).rule(0) == "[(proc.name = a and proc.exe = b)]");
  CHECK(LeavesText(found, EventCode::CLOSE).rule(0) == "false");
}

TEST_CASE("a whole node keeps its place") {
  const Found found("evt.type = open and (fd.num = 1 or not (proc.name = a or proc.exe = b))");
  CHECK(LeavesText(found, EventCode::OPEN).rule(0) ==
        "(fd.num = 1 or [not (proc.name = a or proc.exe = b)])");
}

TEST_CASE("no field of an event is a fact") {
  for (const FieldInfo& field : fields()) {
    const FieldDependencies needs = field_dependencies(field.id);
    CHECK((needs.reason == NoFact::EVENT) == (field.binding == BindingTime::EVENT));
    CHECK_FALSE(no_fact_reason(needs.reason).empty());
  }
}

}  // namespace
}  // namespace falcoc::ir
