// Connectives, memos of shared nodes, and the choice of how a check is emitted.
#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

using ir::Node;
using ir::Operator;

void Codegen::branch(llvm::Value* condition, Exits exits) {
  builder_.CreateCondBr(condition, exits.if_true, exits.if_false);
}

void Codegen::emit_condition(ir::NodeId id, Exits exits) {
  if (plan_.node_plan(id).is_function) {
    emit_shared(id, exits);
  } else {
    emit_body(id, exits);
  }
}

/// Before:  node n.  After: memo(n) known ? memo(n) : call n.
void Codegen::emit_shared(ir::NodeId id, Exits exits) {
  const uint32_t memo = plan_.node_plan(id).memo;
  if (memo != NodePlan::kNone) {
    llvm::Value* tag =
        builder_.CreateLoad(i32_, at_offset(layout_.memo_offset(memo), "memo.at"), "memo");
    llvm::Value* state = builder_.CreateSub(tag, load_epoch(), "state");
    llvm::BasicBlock* evaluate = new_block("evaluate");
    llvm::SwitchInst* choice = builder_.CreateSwitch(state, evaluate, 2);
    choice->addCase(builder_.getInt32(0), exits.if_false);
    choice->addCase(builder_.getInt32(1), exits.if_true);
    builder_.SetInsertPoint(evaluate);
  }
  branch(builder_.CreateCall(node_function(id), {function_->getArg(0)}, "holds"), exits);
}

void Codegen::emit_body(ir::NodeId id, Exits exits) {
  const Node& node = plan_.node(id);
  switch (node.kind) {
    case Node::Kind::FALSE:
      builder_.CreateBr(exits.if_false);
      return;
    case Node::Kind::TRUE:
      builder_.CreateBr(exits.if_true);
      return;
    case Node::Kind::NOT:
      emit_condition(node.children.front(), {exits.if_false, exits.if_true});
      return;
    case Node::Kind::ATOM:
      emit_check(node, exits);
      return;
    case Node::Kind::AND:
    case Node::Kind::OR:
      break;
  }
  const bool is_and = node.kind == Node::Kind::AND;
  // By position, not by id: specialisation can leave a child twice.
  for (size_t i = 0; i + 1 < node.children.size(); ++i) {
    llvm::BasicBlock* next = new_block(is_and ? "and" : "or");
    emit_condition(node.children[i],
                   is_and ? Exits{next, exits.if_false} : Exits{exits.if_true, next});
    builder_.SetInsertPoint(next);
  }
  emit_condition(node.children.back(), exits);
}

/// An absent operand makes every check false, whatever the operator.
void Codegen::emit_check(const Node& atom, Exits exits) {
  Fetched left;
  emit_fetch(atom.left, exits.if_false, left);
  if (atom.right_side == Node::RightSide::OPERAND) {
    Fetched right;
    emit_fetch(atom.right, exits.if_false, right);
    const ir::TypeTraits traits = ir::type_traits(left.type.param);
    const bool are_numbers =
        left.type.shape == Shape::SCALAR &&
        (traits.group == ir::TypeGroup::NUMBER || traits.group == ir::TypeGroup::BOOLEAN);
    if (are_numbers) {
      branch(emit_number_comparison(traits, atom.op, load_number(left), load_number(right)), exits);
    } else {
      emit_check_call(atom, left, &right, exits);
    }
    return;
  }
  // `exists` on the ancestors asks whether there is one; the helper knows.
  if (atom.op == Operator::EXISTS && left.type.shape != Shape::ANCESTORS) {
    builder_.CreateBr(exits.if_true);
    return;
  }
  const bool has_literal =
      atom.right_side == Node::RightSide::LITERALS && !program_.literal_set(atom.literals).empty();
  if (left.type.shape == Shape::SCALAR && has_literal &&
      (emit_number_check(atom, left, exits) || emit_string_set(atom, left, exits) ||
       emit_string_check(atom, left, exits))) {
    return;
  }
  emit_check_call(atom, left, nullptr, exits);
}

}  // namespace falcoc::native
