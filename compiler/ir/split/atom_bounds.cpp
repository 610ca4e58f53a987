// Checks over the alternatives of their field.
#include "compiler/ir/split/atom_bounds.h"

#include <algorithm>

#include "compiler/ir/compare.h"
#include "compiler/ir/field_ref.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/text_match.h"

namespace falcoc::ir::split {
namespace {

using AlternativeKind = Alternative::Kind;

constexpr Bounds kNeverTrue{KernelPlan::kFalse, KernelPlan::kTrue};
constexpr Bounds kAlwaysTrue{KernelPlan::kTrue, KernelPlan::kFalse};

Value value_of(const Alternative& alternative, ParamType type) {
  Value value;
  const TypeGroup group = type_traits(type).group;
  if (group == TypeGroup::TEXT || group == TypeGroup::BUFFER) {
    value.set_text(alternative.text_constant);
  } else {
    value.u64 = alternative.constant;
  }
  return value;
}

/// Whether some address looks so as text.
bool may_be_address(const Literal& literal) {
  return until_nul(literal.bytes).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

/// The text of an address that is not known: no name is like it.
Bounds bounds_of_address_text(const Node& atom, std::span<const Literal> literals) {
  if (std::ranges::any_of(literals, may_be_address)) return {};
  switch (atom.op) {
    case Operator::EXISTS:
    case Operator::NE:
      return kAlwaysTrue;
    case Operator::EQ:
    case Operator::IN:
      return kNeverTrue;
    default:
      return {};
  }
}

class AtomPass {
 public:
  AtomPass(const Program& program, const Node& atom, GuardBuilder& guards)
      : type_(program.operand(atom.left).type), atom_(atom), guards_(guards) {
    if (atom.right_side == Node::RightSide::LITERALS)
      literals_ = program.literal_set(atom.literals);
  }

  Bounds of(const Alternative& alternative) {
    switch (alternative.kind) {
      case AlternativeKind::UNKNOWN:
        return {};
      case AlternativeKind::ABSENT:
        return kNeverTrue;
      case AlternativeKind::CONSTANT: {
        const bool holds =
            atom_.op == Operator::EXISTS ||
            compare(type_, atom_.op, atom_.modifier, value_of(alternative, type_.param), literals_);
        return holds ? kAlwaysTrue : kNeverTrue;
      }
      default:
        return of_modified(alternative);
    }
  }

 private:
  Bounds of_literals(const Alternative& alternative, const Node& atom,
                     std::span<const Literal> literals) {
    switch (alternative.kind) {
      case AlternativeKind::NUMBER:
        return bounds_of_number(atom, type_, alternative.number, literals, guards_);
      case AlternativeKind::DECIMAL:
        return bounds_of_decimal(atom, alternative.number, literals, guards_);
      case AlternativeKind::TEXT:
        return bounds_of_text(atom, alternative.text, literals, guards_);
      case AlternativeKind::FLAGS:
        return bounds_of_flags(atom, alternative.flags, literals, guards_);
      case AlternativeKind::ADDRESS_TEXT:
        return bounds_of_address_text(atom, literals);
      case AlternativeKind::ADDRESS:
        return bounds_of_address(atom, type_, alternative.address, literals, guards_);
      default:
        return {};
    }
  }

  /// A modifier counts the literals for which the plain check holds (compare.cpp).
  Bounds of_modified(const Alternative& alternative) {
    Node plain = atom_;
    plain.modifier = Modifier::NONE;
    if (atom_.modifier == Modifier::NONE) return of_literals(alternative, plain, literals_);
    if (literals_.empty()) return kNeverTrue;
    std::vector<GuardId> some_true, all_true, some_false, all_false;
    for (const Literal& literal : literals_) {
      const Bounds one = of_literals(alternative, plain, {&literal, 1});
      some_true.push_back(one.may_be_true);
      some_false.push_back(one.may_be_false);
    }
    if (atom_.modifier == Modifier::ALLOF) {
      return {guards_.all_of(some_true), guards_.any_of(some_false)};
    }
    const GuardId any = guards_.any_of(some_true);
    if (atom_.modifier == Modifier::ANYOF) return {any, guards_.all_of(some_false)};
    return {any, KernelPlan::kTrue};  // oneof: more than one may hold
  }

  Type type_;
  const Node& atom_;
  GuardBuilder& guards_;
  std::vector<Literal> literals_;
};

/// What to blame if the bounds are not exact.
Reason reason_of(const FieldValue& value) {
  Reason reason = Reason::OPERATOR;
  for (const Alternative& alternative : value.alternatives) {
    if (alternative.kind == AlternativeKind::UNKNOWN) return alternative.reason;
    if (alternative.kind == AlternativeKind::TEXT && alternative.text.exact_states != kTextReadable)
      reason = Reason::PATH;
    if (alternative.kind == AlternativeKind::FLAGS || alternative.kind == AlternativeKind::DECIMAL)
      reason = Reason::RENDERED;
  }
  return reason;
}

Reason blamed_operand(const Program& program, OperandId id) {
  const Operand& operand = program.operand(id);
  if (operand.kind == Operand::Kind::FIELD) {
    const BindingTime binding = field_info(program.field(operand.field).id).binding;
    return binding == BindingTime::EVENT ? Reason::TRANSFORMER : Reason::PROCESS;
  }
  for (const OperandId argument : operand.arguments) {
    if (blamed_operand(program, argument) == Reason::PROCESS) return Reason::PROCESS;
  }
  return Reason::TRANSFORMER;
}

/// tolower(field)
bool is_in_small_letters(const Program& program, const Operand& operand) {
  return operand.kind == Operand::Kind::TRANSFORM && operand.transformer == Transformer::TOLOWER &&
         operand.type.shape == Shape::SCALAR &&
         program.operand(operand.arguments.front()).kind == Operand::Kind::FIELD;
}

/// The field's value in small letters; false if that is not known.
bool fold(FieldValue& value) {
  const auto in_small_letters = [](std::string& text) {
    std::ranges::transform(text, text.begin(), to_lower_ascii);
  };
  for (Alternative& alternative : value.alternatives) {
    switch (alternative.kind) {
      case AlternativeKind::CONSTANT:
        in_small_letters(alternative.text_constant);
        break;
      case AlternativeKind::TEXT:
        alternative.text.folded = true;
        if (alternative.text.unreadable) in_small_letters(*alternative.text.unreadable);
        break;
      case AlternativeKind::UNKNOWN:
      case AlternativeKind::ABSENT:
        break;
      default:
        return false;
    }
  }
  return true;
}

/// evt.num counts from 1: the macro that never holds (`evt.num=0`) is folded here.
bool is_never_zero(const Program& program, const Node& atom, const FieldRef& field) {
  if (field.id != FieldId::evt_num || atom.right_side != Node::RightSide::LITERALS) return false;
  if (atom.op != Operator::EQ && atom.op != Operator::IN) return false;
  return std::ranges::all_of(program.literal_set(atom.literals),
                             [](const Literal& literal) { return literal.number == 0; });
}

bool is_end(const Alternative& alternative) {
  return alternative.kind == AlternativeKind::ADDRESS ||
         (alternative.kind == AlternativeKind::NUMBER &&
          alternative.number.source == KernelNumber::Source::DESCRIPTOR);
}

void mutate(FieldValue& value, Mutation mutation) {
  if (mutation == Mutation::SOCKETS_HAVE_ONE_END) {
    const auto first = std::ranges::find_if(value.alternatives, is_end);
    if (first != value.alternatives.end()) {
      value.alternatives.erase(std::remove_if(first + 1, value.alternatives.end(), is_end),
                               value.alternatives.end());
    }
  }
  const bool named = std::ranges::any_of(value.alternatives, [](const Alternative& each) {
    return each.kind == AlternativeKind::ADDRESS_TEXT;
  });
  for (Alternative& alternative : value.alternatives) {
    if (mutation == Mutation::HOSTS_HAVE_NO_NAMES && named &&
        alternative.kind == AlternativeKind::UNKNOWN) {
      alternative.kind = AlternativeKind::ADDRESS_TEXT;
    }
    if (alternative.kind != AlternativeKind::TEXT) continue;
    uint8_t& exact = alternative.text.exact_states;
    if (mutation == Mutation::ODD_PATHS_ARE_NORMAL) exact |= kTextOdd;
    if (mutation == Mutation::RELATIVE_PATHS_FAIL) exact |= kTextRelative;
    if (mutation == Mutation::LONG_TEXTS_FAIL) exact |= kTextLong;
  }
}

}  // namespace

AtomBounds bounds_of_atom(const Program& program, const Node& atom, KernelValues& values,
                          GuardBuilder& guards, Mutation mutation) {
  const Bounds unknown = mutation == Mutation::UNKNOWN_IS_FALSE
                             ? Bounds{KernelPlan::kFalse, KernelPlan::kTrue}
                             : Bounds{};
  const bool folded = is_in_small_letters(program, program.operand(atom.left));
  const Operand& left =
      program.operand(folded ? program.operand(atom.left).arguments.front() : atom.left);
  if (left.kind != Operand::Kind::FIELD) return {unknown, blamed_operand(program, atom.left)};
  if (atom.right_side == Node::RightSide::OPERAND) return {unknown, Reason::OPERAND};
  const FieldRef& field = program.field(left.field);
  if (is_never_zero(program, atom, field)) return {kNeverTrue, Reason::NONE};
  FieldValue value = values.of(field);
  if (folded && !fold(value)) return {unknown, Reason::TRANSFORMER};
  mutate(value, mutation);
  const bool all_unknown = std::ranges::all_of(value.alternatives, [](const Alternative& each) {
    return each.kind == AlternativeKind::UNKNOWN;
  });
  // what is asked of each of several names is asked of the only one there is in a state that is
  // exact, of names of hosts too; of both ends of a connection one at least has what is found, and
  // one lacks what is not
  const bool has_one = left.type.shape == Shape::SCALAR || field.id == FieldId::fd_truename ||
                       is_host_name(field.id) ||
                       (left.type.shape == Shape::EITHER_SIDE && atom.modifier == Modifier::NONE);
  if (all_unknown || !has_one) return {unknown, reason_of(value)};

  AtomPass pass(program, atom, guards);
  std::vector<GuardId> may_be_true, may_be_false;
  for (const Alternative& alternative : value.alternatives) {
    const Bounds bounds = pass.of(alternative);
    may_be_true.push_back(guards.all_of({alternative.when, bounds.may_be_true}));
    may_be_false.push_back(guards.all_of({alternative.when, bounds.may_be_false}));
  }
  Bounds bounds{guards.any_of(std::move(may_be_true)), guards.any_of(std::move(may_be_false))};
  const bool exact = value.is_exact || guards.negate(bounds.may_be_true) == bounds.may_be_false;
  if (mutation == Mutation::ABSENT_IS_TRUE) bounds.may_be_false = guards.negate(bounds.may_be_true);
  return {bounds, exact ? Reason::NONE : reason_of(value)};
}

}  // namespace falcoc::ir::split
