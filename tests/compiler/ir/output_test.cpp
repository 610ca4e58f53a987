// Output formats of rules.
#include <doctest/doctest.h>

#include "tests/compiler/ir/compiling.h"

using namespace falcoc;
using namespace falcoc::ir;

namespace {

Compilation with_output(const std::string& output) {
  return Compilation("- rule: R\n  desc: d\n  condition: evt.type=open\n  output: \"" + output +
                     "\"\n  priority: INFO\n");
}

const OutputFormat& format(const Compilation& compiled) {
  REQUIRE(compiled.program.rules.size() == 1);
  return compiled.program.rules.front().output;
}

std::vector<std::string> keys(const Compilation& compiled) {
  std::vector<std::string> result;
  for (const OutputField& field : format(compiled).fields) result.push_back(field.key);
  return result;
}

}  // namespace

TEST_CASE("an output is texts and operands in order") {
  const Compilation compiled = with_output("a %proc.name, %10evt.type.");
  const OutputFormat& output = format(compiled);
  REQUIRE(output.pieces.size() == 5);
  CHECK(output.pieces[0].text == "a ");
  CHECK(!output.pieces[1].is_text);
  CHECK(print_operand(compiled.program, output.pieces[1].operand) == "proc.name");
  CHECK(output.pieces[3].width == 10);
  CHECK(output.pieces[4].text == ".");
}

TEST_CASE("every plain field is a key once, those inside transformers included") {
  CHECK(keys(with_output(
            "%proc.name %toupper(fd.name) %proc.name %proc.aname[2] %fd.name %evt.arg.flags")) ==
        std::vector<std::string>{"proc.name", "fd.name", "proc.aname[2]", "evt.arg.flags"});
}

TEST_CASE("fields of outputs share slots with conditions") {
  const Compilation compiled = with_output("%evt.type");
  CHECK(compiled.program.fields.size() == 1);
}

TEST_CASE("unindexed ancestors and filter-only fields are allowed in outputs") {
  const Compilation compiled = with_output("%proc.aname %fd.ip %proc.aenv[2]");
  CHECK(!compiled.diagnostics.has_errors());
  CHECK(compiled.program.field(SlotId{2}).index == 2);
}

TEST_CASE("%container.info is removed with a warning") {
  const Compilation compiled = with_output("x (%container.info) %proc.name");
  CHECK(compiled.place(Code::OUTPUT_DEPRECATED) == "%container.info");
  CHECK(compiled.program.rules.front().output_text == "x () %proc.name");
  CHECK(keys(compiled) == std::vector<std::string>{"proc.name"});
}

TEST_CASE("wrong outputs are errors of the output") {
  for (const char* output : {"%proc.nope", "100%", "%%", "%toupper(proc.pid)", "%evt.arg.nope"}) {
    CAPTURE(output);
    const Compilation compiled = with_output(output);
    REQUIRE(compiled.diagnostics.has_errors());
    CHECK(code_info(compiled.diagnostics.items().front().code).falco_code ==
          "LOAD_ERR_COMPILE_OUTPUT");
    CHECK(compiled.program.rules.empty());
  }
}

TEST_CASE("deprecated fields are warned of, texts that look like them are not") {
  CHECK(with_output("%evt.dir").count(Code::OUTPUT_DEPRECATED) == 1);
  CHECK(with_output("%evt.latency.s").count(Code::OUTPUT_DEPRECATED) == 1);
  CHECK(with_output("evt.dir").count(Code::OUTPUT_DEPRECATED) == 0);
}
