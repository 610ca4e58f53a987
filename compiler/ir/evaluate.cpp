// The reference evaluator: nodes and operands. What one operator means for one value is in
// compare.cpp.
#include "compiler/ir/evaluate.h"

#include <algorithm>

#include "compiler/ir/compare.h"
#include "compiler/ir/transform.h"

namespace falcoc::ir {
namespace {

/// One evaluation: what stays the same on the way through the tree.
struct Evaluation {
  const Program& program;
  const FieldSource& source;
  ValueArena& arena;

  bool holds(NodeId id) const;
  bool atom_holds(const Node& atom) const;
  bool value_of(OperandId id, Value& out) const;
  bool list_of(const Operand& list, Value& out) const;
};

bool Evaluation::holds(NodeId id) const {
  const Node& node = program.node(id);
  const auto child_holds = [this](NodeId child) { return holds(child); };
  switch (node.kind) {
    case Node::Kind::FALSE:
      return false;
    case Node::Kind::TRUE:
      return true;
    case Node::Kind::AND:
      return std::ranges::all_of(node.children, child_holds);
    case Node::Kind::OR:
      return std::ranges::any_of(node.children, child_holds);
    case Node::Kind::NOT:
      return !holds(node.children.front());
    case Node::Kind::ATOM:
      return atom_holds(node);
  }
  return false;
}

/// An absent value on either side makes every check false, `!=` included.
bool Evaluation::atom_holds(const Node& atom) const {
  Value left;
  if (!value_of(atom.left, left)) return false;
  const Type& type = program.operand(atom.left).type;
  switch (atom.right_side) {
    case Node::RightSide::NONE:
      // A process without ancestors has an empty list; a socket without addresses still exists.
      return type.shape != Shape::ANCESTORS || left.size > 0;
    case Node::RightSide::LITERALS:
      return compare(type, atom.op, atom.modifier, left, program.literal_set(atom.literals));
    case Node::RightSide::OPERAND: {
      Value right;
      if (!value_of(atom.right, right)) return false;
      const Type& right_type = program.operand(atom.right).type;
      return compare(type, atom.op, Modifier::NONE, left, as_literals(right_type, atom.op, right));
    }
  }
  return false;
}

bool Evaluation::value_of(OperandId id, Value& out) const {
  const Operand& operand = program.operand(id);
  switch (operand.kind) {
    case Operand::Kind::FIELD: {
      const Accessor accessor = source.accessors[static_cast<size_t>(operand.field)];
      return accessor != nullptr && accessor(source.context, program.field(operand.field), out);
    }
    case Operand::Kind::CONSTANT:
      out.set_text(operand.text);
      return true;
    case Operand::Kind::LIST:
      return list_of(operand, out);
    case Operand::Kind::TRANSFORM: {
      std::vector<TypedValue> arguments;
      for (const OperandId argument : operand.arguments) {
        TypedValue& typed = arguments.emplace_back(program.operand(argument).type, Value{});
        if (!value_of(argument, typed.value)) return false;
      }
      return apply_transformer(operand, arguments, arena, out);
    }
  }
  return false;
}

/// Makes what kTextList says.
bool Evaluation::list_of(const Operand& list, Value& out) const {
  std::vector<Value> items;
  for (const OperandId argument : list.arguments) {
    Value value;
    if (!value_of(argument, value)) return false;
    const std::string_view text = text_of(program.operand(argument).type.param, value, arena);
    Value& item = items.emplace_back();
    item.set_text(text);
  }
  const size_t count = items.size();
  out.set_items(arena.keep(std::move(items)), count);
  return true;
}

}  // namespace

bool evaluate(const Program& program, NodeId node, const FieldSource& source, ValueArena& arena) {
  return Evaluation{program, source, arena}.holds(node);
}

bool evaluate_operand(const Program& program, OperandId operand, const FieldSource& source,
                      ValueArena& arena, Value& out) {
  return Evaluation{program, source, arena}.value_of(operand, out);
}

}  // namespace falcoc::ir
