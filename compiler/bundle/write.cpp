// Program to bundle.
#include <flatbuffers/flatbuffers.h>

#include "bundle_generated.h"
#include "compiler/bundle/bundle.h"
#include "compiler/bundle/envelope.h"
#include "compiler/bundle/wire_format.h"

namespace falcoc::bundle {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

template <typename Enum>
uint8_t number(Enum value) {
  return static_cast<uint8_t>(value);
}

template <typename Id>
Offset<flatbuffers::Vector<uint32_t>> write_ids(FlatBufferBuilder& out,
                                                const std::vector<Id>& ids) {
  std::vector<uint32_t> numbers;
  numbers.reserve(ids.size());
  for (Id id : ids) numbers.push_back(static_cast<uint32_t>(id));
  return out.CreateVector(numbers);
}

/// Writes each item of a vector and then the vector of what was written.
template <typename Item, typename Write>
auto write_all(FlatBufferBuilder& out, const std::vector<Item>& items, Write write) {
  std::vector<decltype(write(out, items.front()))> offsets;
  offsets.reserve(items.size());
  for (const Item& item : items) offsets.push_back(write(out, item));
  return out.CreateVector(offsets);
}

Offset<wire::FieldRef> write_field(FlatBufferBuilder& out, const FieldRef& field) {
  const auto name = out.CreateString(std::string(field_info(field.id).name));
  const auto key = out.CreateString(field.key);
  return wire::CreateFieldRef(out, name, number(field.type), number(field.shape), field.index, key);
}

Offset<wire::Operand> write_operand(FlatBufferBuilder& out, const ir::Operand& operand) {
  const auto text = out.CreateString(operand.text);
  const auto arguments = write_ids(out, operand.arguments);
  return wire::CreateOperand(out, number(operand.kind), number(operand.type.param),
                             number(operand.type.shape), static_cast<uint32_t>(operand.field),
                             number(operand.transformer), static_cast<uint8_t>(operand.selector),
                             text, arguments);
}

Offset<wire::Literal> write_literal(FlatBufferBuilder& out, const ir::Literal& literal) {
  const auto bytes = out.CreateString(literal.bytes);
  return wire::CreateLiteral(out, bytes, literal.number, literal.prefix_bits);
}

Offset<wire::LiteralSet> write_literals(FlatBufferBuilder& out,
                                        const std::vector<ir::Literal>& literals) {
  return wire::CreateLiteralSet(out, write_all(out, literals, write_literal));
}

Offset<wire::Node> write_node(FlatBufferBuilder& out, const ir::Node& node) {
  const auto children = write_ids(out, node.children);
  return wire::CreateNode(out, number(node.kind), children, static_cast<uint32_t>(node.left),
                          number(node.op), number(node.modifier), number(node.right_side),
                          static_cast<uint32_t>(node.literals), static_cast<uint32_t>(node.right));
}

Offset<wire::OutputPiece> write_piece(FlatBufferBuilder& out, const ir::OutputPiece& piece) {
  const auto text = out.CreateString(piece.text);
  return wire::CreateOutputPiece(out, piece.is_text, text, static_cast<uint32_t>(piece.operand),
                                 piece.width);
}

Offset<wire::OutputField> write_output_field(FlatBufferBuilder& out, const ir::OutputField& field) {
  const auto key = out.CreateString(field.key);
  return wire::CreateOutputField(out, key, static_cast<uint32_t>(field.operand));
}

Offset<wire::OutputText> write_output_text(FlatBufferBuilder& out, const ir::OutputText& text) {
  const auto key = out.CreateString(text.key);
  return wire::CreateOutputText(out, key, write_all(out, text.pieces, write_piece));
}

Offset<wire::Rule> write_rule(FlatBufferBuilder& out, const ir::Rule& rule) {
  const auto name = out.CreateString(rule.name);
  const auto description = out.CreateString(rule.description);
  const auto source = out.CreateString(rule.source);
  const auto tags = out.CreateVectorOfStrings(rule.tags);
  const auto pieces = write_all(out, rule.output.pieces, write_piece);
  const auto fields = write_all(out, rule.output.fields, write_output_field);
  const auto texts = write_all(out, rule.output.texts, write_output_text);
  const auto condition_text = out.CreateString(rule.condition_text);
  const auto output_text = out.CreateString(rule.output_text);
  const auto file = out.CreateString(rule.origin.file);
  const auto origin = wire::CreateOrigin(out, file, rule.origin.line, rule.origin.column);
  return wire::CreateRule(out, name, description, source, number(rule.priority), tags, rule.enabled,
                          rule.capture, rule.capture_duration_ms,
                          static_cast<uint32_t>(rule.condition), pieces, fields, condition_text,
                          output_text, origin, texts);
}

}  // namespace

std::string write(const ir::Program& program) {
  FlatBufferBuilder out;
  const auto fields = write_all(out, program.fields, write_field);
  const auto operands = write_all(out, program.operands, write_operand);
  const auto literals = write_all(out, program.literal_sets, write_literals);
  const auto nodes = write_all(out, program.nodes, write_node);
  const auto rules = write_all(out, program.rules, write_rule);
  const auto engine = out.CreateString(program.required_engine_version);
  out.Finish(wire::CreateBundle(out, fields, operands, literals, nodes, rules, engine));
  return seal({reinterpret_cast<const char*>(out.GetBufferPointer()), out.GetSize()});
}

}  // namespace falcoc::bundle
