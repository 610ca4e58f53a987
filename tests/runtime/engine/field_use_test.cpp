// Which events need a field.
#include "runtime/engine/field_use.h"

#include <doctest/doctest.h>

#include "compiler/ir/compile.h"

using namespace falcod;
using falcoc::EventCode;
using falcoc::FieldId;

namespace {

falcoc::ir::Program compile(std::string_view yaml) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("test.yaml", std::string(yaml)), sources, rules,
                                    diagnostics));
  falcoc::ir::Program program = falcoc::ir::compile(rules, {}, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return program;
}

bool has(const falcoc::EventSet& events, EventCode code) {
  return events.test(static_cast<size_t>(code));
}

constexpr FieldId kStandardInput[] = {FieldId::proc_stdin_type, FieldId::proc_stdin_name};

}  // namespace

TEST_CASE("a field is needed with the events of rules that use it, in whatever place") {
  const auto program = compile(R"(
- rule: condition
  desc: d
  condition: evt.type = connect and not (proc.name = a or toupper(proc.stdin.type) = IPV4)
  output: o
  priority: INFO
- rule: right side
  desc: d
  condition: evt.type = chdir and proc.name = val(proc.stdin.name)
  output: o
  priority: INFO
- rule: output
  desc: d
  condition: evt.type = bind
  output: o %proc.stdin.name
  priority: INFO
- rule: other
  desc: d
  condition: evt.type = openat and proc.name = a
  output: o %proc.stdout.name
  priority: INFO
- rule: disabled
  desc: d
  condition: evt.type = listen and proc.stdin.type = ipv4
  output: o
  priority: INFO
  enabled: false
)");
  const falcoc::EventSet events = events_using(program, kStandardInput);
  CHECK(has(events, EventCode::CONNECT));
  CHECK(has(events, EventCode::CHDIR));
  CHECK(has(events, EventCode::BIND));
  CHECK_FALSE(has(events, EventCode::OPENAT));
  CHECK_FALSE(has(events, EventCode::LISTEN));
}
