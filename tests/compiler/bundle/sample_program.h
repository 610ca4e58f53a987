// A small program that uses every kind of entry a bundle can hold.
#pragma once

#include "compiler/ir/compile.h"

namespace falcoc::testing {

class SampleBuilder {
 public:
  ir::OperandId field(FieldRef ref) {
    const ir::SlotId slot = out_.field(ref);
    return out_.operand(
        {.kind = ir::Operand::Kind::FIELD, .type = {ref.type, ref.shape}, .field = slot});
  }
  ir::OperandId field(const char* name) {
    const FieldInfo* info = find_field(name);
    return field({.id = info->id, .type = info->type, .shape = info->shape, .key = {}});
  }
  ir::OperandId constant(std::string text) {
    return out_.operand({.kind = ir::Operand::Kind::CONSTANT,
                         .type = {ParamType::CHARBUF, Shape::SCALAR},
                         .text = std::move(text)});
  }
  ir::NodeId check(ir::OperandId left, ir::Operator op, std::vector<ir::Literal> literals,
                   ir::Modifier modifier = ir::Modifier::NONE) {
    return out_.atom({.left = left,
                      .op = op,
                      .modifier = modifier,
                      .right_side = ir::Node::RightSide::LITERALS,
                      .literals = out_.literals(std::move(literals))});
  }
  ir::ProgramBuilder& out() { return out_; }

 private:
  ir::ProgramBuilder out_;
};

inline ir::Rule sample_rule(ir::NodeId condition, ir::OperandId shown) {
  ir::Rule rule;
  rule.name = "Sample";
  rule.description = "says é and NUL \0 ends";
  rule.priority = Priority::WARNING;
  rule.tags = {"host", "test"};
  rule.capture = true;
  rule.capture_duration_ms = 250;
  rule.condition = condition;
  rule.output.pieces = {{true, "seen ", ir::OperandId{}, 0}, {false, "proc.name", shown, 12}};
  rule.output.fields = {{"proc.name", shown}};
  rule.output.texts = {{"who", {{false, "proc.name", shown, 0}, {true, "!", ir::OperandId{}, 0}}}};
  rule.condition_text = "as written";
  rule.output_text = "seen %12proc.name";
  rule.origin = {"rules.yaml", 3, 5};
  return rule;
}

inline ir::Program sample_program() {
  using ir::Operator;
  SampleBuilder make;
  ir::ProgramBuilder& out = make.out();
  const ir::OperandId name = make.field("proc.name");
  const ir::OperandId upper = out.operand({.kind = ir::Operand::Kind::TRANSFORM,
                                           .type = {ParamType::CHARBUF, Shape::SCALAR},
                                           .transformer = ir::Transformer::TOUPPER,
                                           .arguments = {name}});
  const ir::OperandId list = out.operand({.kind = ir::Operand::Kind::LIST,
                                          .type = {ParamType::CHARBUF, Shape::LIST},
                                          .arguments = {name, make.constant("x")}});
  const ir::OperandId joined = out.operand({.kind = ir::Operand::Kind::TRANSFORM,
                                            .type = {ParamType::CHARBUF, Shape::SCALAR},
                                            .transformer = ir::Transformer::JOIN,
                                            .arguments = {make.constant("+"), list}});
  const ir::OperandId ancestor = make.field({.id = FieldId::proc_aname,
                                             .type = ParamType::CHARBUF,
                                             .shape = Shape::SCALAR,
                                             .index = 2,
                                             .key = {}});
  const ir::NodeId pattern = make.check(
      upper, Operator::REGEX, {{.bytes = "SSH.*"}, {.bytes = "B.*"}}, ir::Modifier::ANYOF);
  const ir::NodeId port =
      make.check(make.field("fd.port"), Operator::IN, {{.number = 22}, {.number = 80}});
  const ir::NodeId network =
      make.check(make.field("fd.net"), Operator::NE,
                 {{.bytes = std::string("\x0a\x00\x00\x00", 4), .number = 0, .prefix_bits = 8}});
  const ir::NodeId same = out.atom({.left = joined,
                                    .op = Operator::EQ,
                                    .right_side = ir::Node::RightSide::OPERAND,
                                    .right = ancestor});
  const ir::NodeId exists = out.atom({.left = name, .op = Operator::EXISTS});
  const ir::NodeId open = make.check(make.field("evt.type"), Operator::EQ, {{.bytes = "open"}});
  const ir::NodeId any = out.any_of({pattern, port, out.negate(network), same});
  out.rule(sample_rule(out.all_of({open, exists, any}), name));
  ir::Rule second = sample_rule(any, name);
  second.name = "Disabled";
  second.enabled = false;
  out.rule(std::move(second));
  return std::move(out).finish();
}

}  // namespace falcoc::testing
