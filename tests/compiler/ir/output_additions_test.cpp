// What append_output does to the outputs of rules.
#include "compiler/ir/output_additions.h"

#include <doctest/doctest.h>

#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

const std::string kRules =
    "- rule: One\n  desc: d\n  condition: evt.type=open\n  output: a %proc.name\n  priority: INFO\n"
    "  tags: [disk, host]\n"
    "- rule: Two\n  desc: d\n  condition: evt.type=open\n  output: b\n  priority: INFO\n"
    "  tags: [net, host]\n";

struct Added {
  Compilation compiled{kRules};
  Diagnostics diagnostics;
  Program program;

  explicit Added(const std::vector<OutputAddition>& additions,
                 const StaticFields& static_fields = {})
      : program(add_to_outputs(compiled.program, additions, static_fields, compiled.sources,
                               diagnostics)) {}

  const Rule& rule(size_t index) const { return program.rules.at(index); }
  std::vector<std::string> keys(size_t index) const {
    std::vector<std::string> result;
    for (const OutputField& field : rule(index).output.fields) result.push_back(field.key);
    return result;
  }
  /// Output texts of both rules behind what the rules say themselves.
  std::vector<std::string> behind() const {
    return {rule(0).output_text.substr(std::string("a %proc.name").size()),
            rule(1).output_text.substr(1)};
  }
  std::string first_error() const { return diagnostics.items().at(0).message; }
};

OutputAddition extra(std::string text) {
  return {.name = "append_output[0]", .extra_output = std::move(text)};
}

OutputAddition fields(std::vector<OutputAddition::Field> fields) {
  return {.name = "append_output[0]", .extra_fields = std::move(fields)};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("text is put behind the output after a blank, with its fields") {
  const Added added({extra("pid=%proc.pid")});
  CHECK(added.behind() == Texts{" pid=%proc.pid", " pid=%proc.pid"});
  CHECK(added.keys(0) == Texts{"proc.name", "proc.pid"});
  CHECK(added.keys(1) == Texts{"proc.pid"});
  const std::vector<OutputPiece>& pieces = added.rule(1).output.pieces;
  REQUIRE(pieces.size() == 4);
  CHECK(pieces[1].text == " ");
  CHECK(pieces[2].text == "pid=");
  CHECK(print_operand(added.program, pieces[3].operand) == "proc.pid");
}

TEST_CASE("several additions follow one another") {
  CHECK(Added({extra("x"), extra("y")}).behind() == Texts{" x y", " x y"});
}

TEST_CASE("a match restricts an addition by rule, source and all of the tags") {
  OutputAddition addition = extra("x");
  addition.rule = "Two";
  CHECK(Added({addition}).behind() == Texts{"", " x"});
  addition.rule.clear();
  addition.tags = {"host"};
  CHECK(Added({addition}).behind() == Texts{" x", " x"});
  addition.tags = {"host", "disk"};
  CHECK(Added({addition}).behind() == Texts{" x", ""});
  addition.tags = {"host", "Disk"};
  CHECK(Added({addition}).behind() == Texts{"", ""});
  addition.tags.clear();
  addition.source = "syscall";
  CHECK(Added({addition}).behind() == Texts{" x", " x"});
  addition.source = "k8s_audit";
  CHECK(Added({addition}).behind() == Texts{"", ""});
  addition.source = "syscall";
  addition.tags = {"net"};
  addition.rule = "One";
  CHECK(Added({addition}).behind() == Texts{"", ""});
}

TEST_CASE("a field is a key of its own type and changes no text") {
  const Added added({fields({{"proc.aname[2]"}, {"proc.pid"}, {"proc.name"}})});
  CHECK(added.behind() == Texts{"", ""});
  CHECK(added.keys(0) == Texts{"proc.name", "proc.aname[2]", "proc.pid"});
  CHECK(added.keys(1) == Texts{"proc.aname[2]", "proc.pid", "proc.name"});
  CHECK(added.rule(0).output.texts.empty());
}

TEST_CASE("a field of another name is formatted text") {
  const Added added({fields({{"who", "%user.name as %proc.name"}})});
  CHECK(added.behind() == Texts{"", ""});
  CHECK(added.keys(0) == Texts{"proc.name"});
  REQUIRE(added.rule(0).output.texts.size() == 1);
  CHECK(added.rule(0).output.texts[0].key == "who");
  CHECK(added.rule(0).output.texts[0].pieces.size() == 3);
}

TEST_CASE("a star in front of a format is no text") {
  const Added added({fields({{"who", "*%user.name"}})});
  CHECK(added.rule(0).output.texts.at(0).pieces.size() == 1);
}

TEST_CASE("the last addition of a key counts, whatever its form") {
  const Added text_last({fields({{"proc.pid"}}), fields({{"proc.pid", "p%proc.pid"}})});
  CHECK(text_last.keys(1).empty());
  CHECK(text_last.rule(1).output.texts.size() == 1);
  const Added field_last({fields({{"proc.pid", "p%proc.pid"}}), fields({{"proc.pid"}})});
  CHECK(field_last.keys(1) == Texts{"proc.pid"});
  CHECK(field_last.rule(1).output.texts.empty());
}

TEST_CASE("a text can take the key of a field of the output") {
  const Added added({fields({{"proc.name", "renamed"}})});
  CHECK(added.keys(0).empty());
  CHECK(added.rule(0).output.texts.at(0).key == "proc.name");
  CHECK(added.rule(0).output.pieces.size() == 2);
}

TEST_CASE("suggested output names the fields that suggest themselves, with underscores") {
  OutputAddition addition{.name = "append_output[0]", .suggested_output = true};
  const Added added({addition});
  CHECK(added.behind()[1] ==
        " container_id=%container.id container_name=%container.name "
        "container_image_repository=%container.image.repository "
        "container_image_tag=%container.image.tag k8s_pod_name=%k8s.pod.name "
        "k8s_ns_name=%k8s.ns.name");
  CHECK(added.keys(1).size() == 6);
}

TEST_CASE("text comes before what is suggested") {
  OutputAddition addition = extra("x");
  addition.suggested_output = true;
  CHECK(Added({addition}).behind()[1].starts_with(" x container_id="));
}

TEST_CASE("%container.info is removed from additions as from outputs") {
  const Added added({extra("x%container.info")});
  CHECK(added.behind() == Texts{" x", " x"});
  CHECK(added.diagnostics.count(Severity::WARNING) == 1);
  CHECK(Added({extra("%container.info")}).behind() == Texts{"", ""});
}

TEST_CASE("an error is reported once, at the text of the configuration, though no rule matches") {
  for (const char* source : {"", "k8s_audit"}) {
    OutputAddition addition = extra("a %proc.nam");
    addition.source = source;
    const Added added({addition});
    REQUIRE(added.diagnostics.count(Severity::ERROR) == 1);
    const Diagnostic& error = added.diagnostics.items()[0];
    CHECK(code_info(error.code).falco_code == "LOAD_ERR_COMPILE_OUTPUT");
    CHECK(added.compiled.sources.file(error.span.file).name() == "append_output[0].extra_output");
    CHECK(added.compiled.written(error.span) == "proc.nam");
    CHECK(added.behind() == Texts{"", ""});
  }
}

TEST_CASE("a field must be one, and a format must compile") {
  CHECK(Added({fields({{"proc.pid and more"}})}).first_error() ==
        "`proc.pid and more` is not one field");
  for (const char* key : {"proc.nope", "", "10proc.pid", "toupper(proc.pid)"}) {
    CAPTURE(key);
    const Added added({fields({{key}})});
    CHECK(added.diagnostics.count(Severity::ERROR) == 1);
    CHECK(added.keys(1).empty());
  }
  for (const char* format : {"", "*", "100%", "%nope"}) {
    CAPTURE(format);
    const Added added({fields({{"key", format}})});
    CHECK(added.diagnostics.count(Severity::ERROR) == 1);
    CHECK(added.rule(1).output.texts.empty());
  }
}

TEST_CASE("a transformed field is a field") {
  const Added added({fields({{"toupper(proc.name)"}})});
  CHECK(added.keys(1) == Texts{"toupper(proc.name)"});
}

TEST_CASE("an addition for a rule that is not loaded is warned of") {
  OutputAddition addition = extra("x");
  addition.rule = "Too";
  const Added added({addition});
  REQUIRE(added.diagnostics.items().size() == 1);
  CHECK(added.diagnostics.items()[0].code == Code::ADDITION_UNUSED);
  CHECK(added.diagnostics.items()[0].hint == "did you mean `Two`?");
}

TEST_CASE("additions share fields and operands with the rules, whose ids stay") {
  const Added added({extra("%proc.name %proc.pid")});
  REQUIRE(added.program.fields.size() == added.compiled.program.fields.size() + 1);
  CHECK(added.program.field(SlotId{0}).id == added.compiled.program.field(SlotId{0}).id);
  CHECK(added.program.nodes == added.compiled.program.nodes);
  CHECK(added.program.rules[0].condition == added.compiled.program.rules[0].condition);
  CHECK(added.program.info.size() == added.program.nodes.size());
}

TEST_CASE("no additions change nothing") {
  CHECK(Added({}).program.operands == Added({}).compiled.program.operands);
}
