// Fields that a configuration defines: what conditions, outputs and additions make of them.
#include "compiler/ir/static_fields.h"

#include <doctest/doctest.h>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/output_additions.h"
#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

const StaticFields kFields{{"static.env", "prod"}, {"static.env_owner", "Ops"}, {"static.a.b", ""}};

/// What the condition of a rule came to.
std::string lowered(const std::string& condition) {
  const Compilation compiled(rule_yaml(condition), kFields);
  CAPTURE(condition);
  REQUIRE(compiled.program.rules.size() == 1);
  return compiled.condition();
}

/// An output rendered with the values of static fields alone.
std::string rendered(const Program& program, const OutputFormat& output) {
  std::string text;
  ValueArena arena;
  for (const OutputPiece& piece : output.pieces) {
    Value value;
    if (piece.is_text) {
      text += piece.text;
    } else if (evaluate_operand(program, piece.operand, {}, arena, value)) {
      text += value.text();
    }
  }
  return text;
}

Compilation with_output(const std::string& output) {
  return Compilation("- rule: R\n  desc: d\n  condition: evt.type = open\n  output: \"" + output +
                         "\"\n  priority: INFO\n",
                     kFields);
}

}  // namespace

TEST_CASE("a condition on a static field is decided when it is compiled") {
  CHECK(lowered("evt.type = open and static.env = prod") == lowered("evt.type = open"));
  CHECK(lowered("evt.type = open or static.env = test") == lowered("evt.type = open"));
  CHECK(lowered("evt.type = open and static.env in (test, prod)") == lowered("evt.type = open"));
  CHECK(lowered("evt.type = open and static.env startswith pr") == lowered("evt.type = open"));
  CHECK(lowered("evt.type = open and tolower(static.env_owner) = ops") ==
        lowered("evt.type = open"));
  CHECK(lowered("evt.type = open and static.a.b exists") == lowered("evt.type = open"));
  CHECK(lowered("evt.type = open and static.env != prod") != lowered("evt.type = open"));
}

TEST_CASE("an operand of an event is compared with it as with any text") {
  const std::string condition = lowered("evt.type = open and proc.name = val(static.env)");
  CHECK(condition.find("proc.name") != std::string::npos);
  CHECK(condition.find("prod") != std::string::npos);
}

TEST_CASE("an output shows it, by the longest name, and has it among its fields") {
  const Compilation compiled =
      with_output("%static.env %static.env_owner %static.env_x %static.a.b. %toupper(static.env)");
  REQUIRE(compiled.program.rules.size() == 1);
  const OutputFormat& output = compiled.program.rules[0].output;
  CHECK(rendered(compiled.program, output) == "prod Ops prod_x . PROD");
  REQUIRE(output.fields.size() == 3);
  CHECK(output.fields[0].key == "static.env");
  Value value;
  ValueArena arena;
  REQUIRE(evaluate_operand(compiled.program, output.fields[1].operand, {}, arena, value));
  CHECK(value.text() == "Ops");
}

TEST_CASE("one that is not defined is an unknown field, with what was meant") {
  const Compilation condition(rule_yaml("evt.type = open and static.enw = prod"), kFields);
  REQUIRE(condition.found(Code::FIELD_UNKNOWN));
  CHECK(condition.place(Code::FIELD_UNKNOWN) == "static.enw");
  CHECK(condition.first(Code::FIELD_UNKNOWN).hint == "did you mean `static.env`?");
  const Compilation none(rule_yaml("evt.type = open and static.env = prod"));
  REQUIRE(none.found(Code::FIELD_UNKNOWN));
  CHECK(none.first(Code::FIELD_UNKNOWN).hint.find("static_fields") != std::string::npos);
  CHECK(Compilation(rule_yaml("evt.type = open and static.env[0] = prod"), kFields)
            .found(Code::FIELD_UNKNOWN));
  CHECK(with_output("%static.other").found(Code::OUTPUT_TOKEN_INVALID));
}

TEST_CASE("append_output knows them, and suggests all of them") {
  Compilation compiled(rule_yaml("evt.type = open"));
  Diagnostics diagnostics;
  const std::vector<OutputAddition> additions{{.name = "append_output[0]",
                                               .extra_fields = {{.key = "static.env"}},
                                               .suggested_output = true}};
  const Program program =
      add_to_outputs(compiled.program, additions, kFields, compiled.sources, diagnostics);
  CHECK(diagnostics.items().empty());
  const Rule& rule = program.rules.at(0);
  CHECK(rule.output_text.ends_with(
      " static_a_b=%static.a.b static_env=%static.env static_env_owner=%static.env_owner"));
  const OutputPiece& last = rule.output.pieces.back();
  Value value;
  ValueArena arena;
  REQUIRE(evaluate_operand(program, last.operand, {}, arena, value));
  CHECK(value.text() == "Ops");
}
