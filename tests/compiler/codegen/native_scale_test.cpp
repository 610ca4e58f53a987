// Large and deep rulesets: native code must not overflow the stack, nor walk what is
// shared more than once.
#include <fmt/format.h>

#include "compiler/ir/lower.h"
#include "tests/compiler/codegen/native_ruleset.h"

namespace falcoc::testing {
namespace {

std::vector<std::string> many_conditions(size_t count) {
  std::vector<std::string> conditions;
  for (size_t i = 0; i < count; ++i) {
    conditions.push_back(fmt::format(
        "evt.type in (open, openat) and fd.name startswith /data/{} and not proc.name in (a{}, b)",
        i, i % 100));
  }
  return conditions;
}

TEST_CASE("ten thousand rules compile and match") {
  const ir::Program program = program_of(many_conditions(10'000));
  const native::Matcher matcher = compiled(program);
  Facts facts;
  facts.set("fd.name", "/data/9999");
  facts.set("proc.name", "a99");
  CHECK(matches(matcher, program, facts) == std::vector<size_t>{9});
  CHECK(reference_matches(program, facts) == std::vector<size_t>{9});
}

TEST_CASE("a condition as deep as the compiler allows is evaluated") {
  ir::ProgramBuilder builder;
  const ir::Program atoms = program_of({"proc.name = x", "fd.name = y"});
  // Rebuild the two checks here, then alternate: not (a and not (b or …)).
  const ir::SlotId name = builder.field(atoms.fields[0]);
  const ir::SlotId file = builder.field(atoms.fields[1]);
  const auto check = [&](ir::SlotId slot, std::string text) {
    const FieldRef& field = builder.program().field(slot);
    const ir::OperandId operand = builder.operand(
        {.kind = ir::Operand::Kind::FIELD, .type = {field.type, field.shape}, .field = slot});
    return builder.atom({.left = operand,
                         .op = ir::Operator::EQ,
                         .right_side = ir::Node::RightSide::LITERALS,
                         .literals = builder.literals({ir::Literal{.bytes = std::move(text)}})});
  };
  ir::NodeId node = check(name, "start");
  for (uint32_t depth = 1; depth + 2 < ir::kMaxConditionDepth; depth += 2) {
    const ir::NodeId next = check(depth % 4 == 1 ? file : name, fmt::format("{}", depth));
    node = builder.negate(builder.all_of({builder.negate(next), node}));
  }
  ir::Rule rule;
  rule.condition = node;
  builder.rule(std::move(rule));
  const ir::Program program = std::move(builder).finish();
  const native::Matcher matcher = compiled(program);
  for (const std::string text : {"start", "7", "1001", "none"}) {
    Facts facts;
    facts.set("proc.name", text);
    facts.set("fd.name", text);
    CHECK(matches(matcher, program, facts) == reference_matches(program, facts));
  }
}

TEST_CASE("a shared node in a lattice is evaluated once, not once per path") {
  // Each level refers twice to the one below: 2^200 paths.
  ir::ProgramBuilder builder;
  const ir::Program atoms = program_of({"proc.pid > 5", "proc.pid < 9"});
  const ir::SlotId pid = builder.field(atoms.fields[0]);
  const ir::OperandId operand = builder.operand(
      {.kind = ir::Operand::Kind::FIELD, .type = {ParamType::PID, Shape::SCALAR}, .field = pid});
  const auto check = [&](ir::Operator op, uint64_t number) {
    return builder.atom({.left = operand,
                         .op = op,
                         .right_side = ir::Node::RightSide::LITERALS,
                         .literals = builder.literals({ir::Literal{.number = number}})});
  };
  ir::NodeId odd = check(ir::Operator::GT, 5);
  ir::NodeId even = check(ir::Operator::LT, 9);
  for (uint64_t level = 0; level < 200; ++level) {
    const ir::NodeId low =
        builder.any_of({check(ir::Operator::EQ, level), builder.negate(odd), even});
    const ir::NodeId high =
        builder.all_of({check(ir::Operator::NE, level), builder.negate(even), odd});
    odd = builder.negate(low);
    even = builder.negate(high);
  }
  ir::Rule rule;
  rule.condition = builder.all_of({builder.negate(odd), even});
  builder.rule(std::move(rule));
  const ir::Program program = std::move(builder).finish();
  const native::Matcher matcher = compiled(program);
  Facts facts;
  facts.set("proc.pid", "7");
  matches(matcher, program, facts);  // a walk of all paths would not end
}

TEST_CASE("sets of any size find their members") {
  for (const size_t size : {1, 2, 9, 100, 1024, 5000}) {
    std::string texts;
    std::string numbers;
    for (size_t i = 0; i < size; ++i) {
      texts += fmt::format("{}/usr/share/a-long-common-prefix/{}", i ? ", " : "", i * 7);
      numbers += fmt::format("{}{}", i ? ", " : "", i * 7);
    }
    const ir::Program program = program_of(
        {fmt::format("fd.name in ({})", texts), fmt::format("proc.pid in ({})", numbers)});
    const native::Matcher matcher = compiled(program);
    for (const size_t i : {size_t{0}, size - 1, size}) {
      Facts facts;
      facts.set("fd.name", fmt::format("/usr/share/a-long-common-prefix/{}", i * 7));
      facts.set("proc.pid", fmt::format("{}", i * 7));
      CAPTURE(size);
      CAPTURE(i);
      CHECK(reference_matches(program, facts) == matches(matcher, program, facts));
      CHECK(matches(matcher, program, facts) ==
            (i < size ? std::vector<size_t>{0, 1} : std::vector<size_t>{}));
    }
  }
}

}  // namespace
}  // namespace falcoc::testing
