// Checks of numbers and booleans: one comparison, or a switch for sets.
#include <unordered_set>

#include "compiler/codegen/native/codegen.h"

namespace falcoc::native {

using ir::Operator;
using ir::TypeGroup;

namespace {

using Predicate = llvm::CmpInst::Predicate;

struct Predicates {
  Operator op;
  Predicate of_unsigned, of_signed, of_double;
};

// An unordered != is true: a NaN differs from everything.
constexpr Predicates kPredicates[] = {
    {Operator::EQ, Predicate::ICMP_EQ, Predicate::ICMP_EQ, Predicate::FCMP_OEQ},
    {Operator::IN, Predicate::ICMP_EQ, Predicate::ICMP_EQ, Predicate::FCMP_OEQ},
    {Operator::INTERSECTS, Predicate::ICMP_EQ, Predicate::ICMP_EQ, Predicate::FCMP_OEQ},
    {Operator::NE, Predicate::ICMP_NE, Predicate::ICMP_NE, Predicate::FCMP_UNE},
    {Operator::LT, Predicate::ICMP_ULT, Predicate::ICMP_SLT, Predicate::FCMP_OLT},
    {Operator::LE, Predicate::ICMP_ULE, Predicate::ICMP_SLE, Predicate::FCMP_OLE},
    {Operator::GT, Predicate::ICMP_UGT, Predicate::ICMP_SGT, Predicate::FCMP_OGT},
    {Operator::GE, Predicate::ICMP_UGE, Predicate::ICMP_SGE, Predicate::FCMP_OGE},
};

}  // namespace

llvm::Value* Codegen::emit_number_comparison(const ir::TypeTraits& traits, Operator op,
                                             llvm::Value* left, llvm::Value* right) {
  if (traits.group == TypeGroup::BOOLEAN) {
    left = builder_.CreateIsNotNull(left);
    right = builder_.CreateIsNotNull(right);
  }
  for (const Predicates& row : kPredicates) {
    if (row.op != op) continue;
    if (traits.is_double) {
      llvm::Type* type = builder_.getDoubleTy();
      return builder_.CreateFCmp(row.of_double, builder_.CreateBitCast(left, type),
                                 builder_.CreateBitCast(right, type));
    }
    return builder_.CreateICmp(traits.is_signed ? row.of_signed : row.of_unsigned, left, right);
  }
  return builder_.getFalse();  // no other operator compares numbers
}

bool Codegen::emit_number_check(const ir::Node& atom, const Fetched& left, Exits exits) {
  const ir::TypeTraits traits = ir::type_traits(left.type.param);
  if (traits.group != TypeGroup::NUMBER && traits.group != TypeGroup::BOOLEAN) return false;
  if (atom.modifier != ir::Modifier::NONE) return false;
  const std::vector<ir::Literal>& literals = program_.literal_set(atom.literals);
  const bool is_set = atom.op == Operator::IN || atom.op == Operator::INTERSECTS;
  const bool is_inline_set = traits.group == TypeGroup::NUMBER && !traits.is_double &&
                             literals.size() <= kMaxInlineLiterals;
  if (is_set && !is_inline_set) return false;
  if (is_set) {
    emit_number_set(left, literals, exits);
    return true;
  }
  llvm::Value* literal = builder_.getInt64(literals.front().number);
  branch(emit_number_comparison(traits, atom.op, load_number(left), literal), exits);
  return true;
}

void Codegen::emit_number_set(const Fetched& left, const std::vector<ir::Literal>& literals,
                              Exits exits) {
  llvm::SwitchInst* choice = builder_.CreateSwitch(load_number(left), exits.if_false,
                                                   static_cast<unsigned>(literals.size()));
  std::unordered_set<uint64_t> seen;
  for (const ir::Literal& literal : literals) {
    if (seen.insert(literal.number).second) {
      choice->addCase(builder_.getInt64(literal.number), exits.if_true);
    }
  }
}

}  // namespace falcoc::native
