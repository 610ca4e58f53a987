// Checks and conditions: operator against type, right sides, literals.
#include "compiler/ir/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/catalog/type_name.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/literals.h"

namespace falcoc::ir {
namespace {

using Result = std::expected<NodeId, Diagnostic>;

std::unexpected<Diagnostic> error(Code code, Span span, std::string message,
                                  std::string hint = {}) {
  return std::unexpected(Diagnostic::at(code, span, std::move(message), std::move(hint)));
}

using OperatorSet = uint32_t;
constexpr OperatorSet set_of(std::initializer_list<Operator> operators) {
  OperatorSet set = 0;
  for (Operator op : operators) set |= OperatorSet{1} << static_cast<unsigned>(op);
  return set;
}
constexpr bool contains(OperatorSet set, Operator op) {
  return (set >> static_cast<unsigned>(op) & 1) != 0;
}
constexpr std::array kAllOperators = {
    Operator::EQ,         Operator::NE,         Operator::LT,          Operator::LE,
    Operator::GT,         Operator::GE,         Operator::CONTAINS,    Operator::ICONTAINS,
    Operator::BCONTAINS,  Operator::STARTSWITH, Operator::BSTARTSWITH, Operator::ENDSWITH,
    Operator::GLOB,       Operator::IGLOB,      Operator::REGEX,       Operator::IN,
    Operator::INTERSECTS, Operator::PMATCH,     Operator::EXISTS};

/// Which operators compare a scalar of each group (RULE-LANGUAGE 3.1).
OperatorSet operators_of(TypeGroup group) {
  using enum Operator;
  switch (group) {
    case TypeGroup::NUMBER:
      return set_of({EXISTS, EQ, NE, LT, LE, GT, GE, IN, INTERSECTS});
    case TypeGroup::BOOLEAN:
    case TypeGroup::ADDRESS:
      return set_of({EXISTS, EQ, NE, IN, INTERSECTS});
    case TypeGroup::TEXT:
      return set_of({EXISTS, EQ, NE, LT, LE, GT, GE, CONTAINS, ICONTAINS, STARTSWITH, ENDSWITH,
                     GLOB, IGLOB, REGEX, IN, INTERSECTS, PMATCH});
    case TypeGroup::BUFFER:
      return set_of(
          {EXISTS, EQ, NE, CONTAINS, BCONTAINS, STARTSWITH, BSTARTSWITH, ENDSWITH, IN, INTERSECTS});
    case TypeGroup::OPAQUE:
      break;
  }
  return set_of({EXISTS});
}

OperatorSet operators_of_list(ParamType element) {
  using enum Operator;
  switch (element) {
    case ParamType::CHARBUF:
    case ParamType::UINT64:
    case ParamType::RELTIME:
    case ParamType::ABSTIME:
    case ParamType::BOOL:
    case ParamType::IPADDR:
    case ParamType::IPNET:
      return set_of({EXISTS, IN, INTERSECTS});
    default:
      return set_of({EXISTS});
  }
}

OperatorSet valid_operators(const Operand& left, const FieldRef* base) {
  if (base && base->id == FieldId::evt_around) return set_of({Operator::EQ});
  if (left.type.shape == Shape::LIST) return operators_of_list(left.type.param);
  return operators_of(type_traits(left.type.param).group);
}

std::string_view describe(const Operand& operand) {
  if (operand.type.shape == Shape::LIST) return "a list";
  switch (type_traits(operand.type.param).group) {
    case TypeGroup::NUMBER:
      return "a number";
    case TypeGroup::BOOLEAN:
      return "a boolean";
    case TypeGroup::ADDRESS:
      return type_traits(operand.type.param).is_network ? "a network" : "an address";
    case TypeGroup::TEXT:
      return "a text";
    case TypeGroup::BUFFER:
      return "a buffer";
    case TypeGroup::OPAQUE:
      break;
  }
  return "a value that cannot be compared";
}

std::string list_operators(OperatorSet valid) {
  std::string text;
  for (Operator op : kAllOperators) {
    if (contains(valid, op)) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", spelling(op));
  }
  return "valid are " + text;
}

/// Whether `name` is what the author of `op text` wanted to select.
bool selects(Operator op, std::string_view text, std::string_view name) {
  switch (op) {
    case Operator::STARTSWITH:
      return name.starts_with(text);
    case Operator::ENDSWITH:
      return name.ends_with(text);
    case Operator::CONTAINS:
      return name.find(text) != std::string_view::npos;
    default:
      return false;
  }
}

/// Values of evt.type are names for every operator (Q11): for parts of names, the names meant.
std::string event_type_hint(Operator op, std::string_view text) {
  constexpr size_t kMostNames = 8;
  std::vector<std::string_view> names;
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (!all_event_kinds().test(kind)) continue;
    const std::string_view name = event_kind_name(static_cast<EventKind>(kind));
    if (selects(op, text, name)) names.push_back(name);
  }
  if (names.empty()) return suggest_event_type(text);
  const bool cut = names.size() > kMostNames;
  names.resize(std::min(names.size(), kMostNames));
  return fmt::format("event types are compared by their full names: `in ({}{})`",
                     fmt::join(names, ", "), cut ? ", …" : "");
}

bool is_event_type(const FieldRef* field) {
  return field && (field->id == FieldId::evt_type || field->id == FieldId::syscall_type);
}

std::string type_text(Type type) {
  return fmt::format("{}{}", type.shape == Shape::LIST ? "list of " : "", type_name(type.param));
}

}  // namespace

uint32_t Lowering::depth(NodeId node) const {
  const auto position = static_cast<size_t>(node);
  return position < depths_.size() ? depths_[position] : 0;
}

Result Lowering::limited(NodeId node, const ast::Expr& expr) {
  uint32_t deepest = 0;
  for (NodeId child : out_.program().node(node).children)
    deepest = std::max(deepest, depth(child) + 1);
  if (depths_.size() <= static_cast<size_t>(node)) depths_.resize(static_cast<size_t>(node) + 1);
  depths_[static_cast<size_t>(node)] = deepest;
  if (deepest > kMaxConditionDepth) {
    return error(Code::OPERAND_NESTING, expr.span,
                 fmt::format("condition is nested deeper than {} levels", kMaxConditionDepth));
  }
  return node;
}

Result Lowering::condition(const ast::Expr& condition, const MacroNodes& macros) {
  switch (condition.kind) {
    case ast::Expr::Kind::CHECK:
      return check(condition);
    case ast::Expr::Kind::IDENTIFIER:
      return macros(condition);
    default:
      return connective(condition, macros);
  }
}

Result Lowering::connective(const ast::Expr& expr, const MacroNodes& macros) {
  std::vector<NodeId> children;
  for (const ast::Expr& child : expr.children) {
    auto node = condition(child, macros);
    if (!node) return node;
    children.push_back(*node);
  }
  switch (expr.kind) {
    case ast::Expr::Kind::AND:
      return limited(out_.all_of(std::move(children)), expr);
    case ast::Expr::Kind::OR:
      return limited(out_.any_of(std::move(children)), expr);
    default:
      return limited(out_.negate(children.front()), expr);
  }
}

Result Lowering::check(const ast::Expr& expr) {
  auto left = operand(expr.left, FieldPlace::CONDITION);
  if (!left) return std::unexpected(std::move(left.error()));
  warn_of_deprecated(expr.left, *left);
  const OperatorSet valid = valid_operators(at(*left), base_field(at(*left)));
  if (!contains(valid, expr.op)) {
    return error(
        Code::OPERATOR_TYPE, expr.op_span,
        fmt::format("operator `{}` cannot compare {}", spelling(expr.op), describe(at(*left))),
        list_operators(valid));
  }
  Node atom{.kind = Node::Kind::ATOM, .left = *left, .op = expr.op, .modifier = expr.modifier};
  if (expr.op == Operator::EXISTS) {
    warn_of_existence(expr, *left);
    return folded(atom);
  }
  warn_of_missing(expr, *left);
  if (expr.right_operand) return compare_operand(expr, std::move(atom));
  return compare_literals(expr, std::move(atom));
}

/// Before: left OP val(field), left OP transformer(…).  RULE-LANGUAGE 3.8.
Result Lowering::compare_operand(const ast::Expr& expr, Node atom) {
  const ast::Operand* written = &*expr.right_operand;
  if (written->kind == ast::Operand::Kind::TRANSFORMER &&
      written->transformer == Transformer::VAL) {
    if (written->argument || written->arguments.size() != 1 ||
        written->arguments.front().kind != ast::Operand::Kind::FIELD) {
      return error(Code::TRANSFORMER_ARGUMENTS, written->span,
                   "`val` takes one plain field and nothing in brackets");
    }
    written = &written->arguments.front();
  }
  auto right = operand(*written, FieldPlace::CONDITION);
  if (!right) return std::unexpected(std::move(right.error()));
  if (expr.op == Operator::REGEX || expr.op == Operator::PMATCH) {
    return error(Code::RIGHT_SIDE_FIELD, written->span,
                 fmt::format("`{}` needs literals on its right side", spelling(expr.op)));
  }
  for (const auto& [id, side] : {std::pair{atom.left, &expr.left}, std::pair{*right, written}}) {
    if (any_field_has(id, FieldFlag::NO_RHS)) {
      return error(Code::RIGHT_SIDE_FIELD, side->span,
                   fmt::format("`{}` can only be compared with literals", field_text(*side)));
    }
  }
  // Falco fails to index such a rule (Q21).
  if (is_event_type(base_field(at(atom.left))) &&
      (expr.op == Operator::EQ || expr.op == Operator::NE || expr.op == Operator::IN)) {
    return error(Code::RIGHT_SIDE_FIELD, written->span,
                 "the event type can only be compared with names of events");
  }
  const Type left_type = at(atom.left).type;
  const Type right_type = at(*right).type;
  if (left_type != right_type || type_traits(left_type.param).is_network) {
    return error(Code::RIGHT_SIDE_FIELD, written->span,
                 fmt::format("both sides must have the same type: left is {}, right is {}",
                             type_text(left_type), type_text(right_type)));
  }
  atom.right_side = Node::RightSide::OPERAND;
  atom.right = *right;
  return folded(atom);
}

Result Lowering::compare_literals(const ast::Expr& expr, Node atom) {
  const Operand left = at(atom.left);  // a copy: the builder may grow
  const size_t count = expr.right.expanded ? expr.right.expanded->size() : expr.right.items.size();
  auto literals = literal_set(expr, left);
  if (!literals) return std::unexpected(std::move(literals.error()));
  if (count == 0 && expr.modifier != Modifier::NONE) {  // even for allof (Q53)
    warnings_.add(Diagnostic::at(Code::MODIFIER_EMPTY, expr.right.span,
                                 fmt::format("`{} {}` with an empty list is never true",
                                             spelling(expr.op), spelling(expr.modifier))));
    return out_.constant(false);
  }
  // Nothing is in the empty set; but every element of an empty list is (RULE-LANGUAGE 3.5).
  if (count == 0 && (left.type.shape != Shape::LIST || expr.op != Operator::IN)) {
    return out_.constant(false);
  }
  atom.right_side = Node::RightSide::LITERALS;
  atom.literals = *literals;
  const FieldRef* field = base_field(at(atom.left));
  if (field != nullptr && field->id == FieldId::evt_around) return around(atom);
  return folded(atom);
}

bool Lowering::is_constant(OperandId id) const {
  const Operand& operand = at(id);
  return operand.kind != Operand::Kind::FIELD &&
         std::ranges::all_of(operand.arguments,
                             [&](OperandId argument) { return is_constant(argument); });
}

/// Before: static.env = prod, where the configuration says `env: prod`.  After: true.
/// Filters in the kernel need not know constants then.
NodeId Lowering::folded(const Node& atom) {
  const bool decided = is_constant(atom.left) &&
                       (atom.right_side != Node::RightSide::OPERAND || is_constant(atom.right));
  const NodeId node = out_.atom(atom);
  if (!decided) return node;
  ValueArena arena;
  return out_.constant(evaluate(out_.program(), node, {}, arena));
}

/// Before: evt.around[T] = M.  After: evt.rawtime >= T - M and evt.rawtime <= T + M, with M in ns.
NodeId Lowering::around(const Node& atom) {
  constexpr uint64_t kMillisecondNs = 1'000'000;
  constexpr uint64_t kForever = ~uint64_t{0};
  const auto center = static_cast<uint64_t>(base_field(at(atom.left))->index);
  const FieldRef time{
      .id = FieldId::evt_rawtime, .type = ParamType::ABSTIME, .shape = Shape::SCALAR, .key = {}};
  const Type type{time.type, time.shape};
  const OperandId left =
      out_.operand({.kind = Operand::Kind::FIELD, .type = type, .field = out_.field(time)});
  const auto bound = [&](Operator op, uint64_t nanoseconds) {
    return out_.atom({.kind = Node::Kind::ATOM,
                      .left = left,
                      .op = op,
                      .right_side = Node::RightSide::LITERALS,
                      .literals = out_.literals({Literal{.number = nanoseconds}})});
  };
  std::vector<NodeId> within;
  for (const Literal& literal : std::vector(out_.program().literal_set(atom.literals))) {
    const uint64_t distance =
        literal.number > kForever / kMillisecondNs ? kForever : literal.number * kMillisecondNs;
    const uint64_t end = center > kForever - distance ? kForever : center + distance;
    const NodeId since = bound(Operator::GE, center < distance ? 0 : center - distance);
    within.push_back(out_.all_of({since, bound(Operator::LE, end)}));
  }
  if (atom.modifier == Modifier::ALLOF) return out_.all_of(std::move(within));
  if (atom.modifier != Modifier::ONEOF) return out_.any_of(std::move(within));
  // Exactly one: some, but no two.
  std::vector<NodeId> pairs;
  for (size_t i = 0; i < within.size(); ++i) {
    for (size_t j = 0; j < i; ++j) pairs.push_back(out_.all_of({within[i], within[j]}));
  }
  const NodeId two = out_.any_of(std::move(pairs));
  return out_.all_of({out_.any_of(std::move(within)), out_.negate(two)});
}

std::expected<LiteralSetId, Diagnostic> Lowering::literal_set(const ast::Expr& expr,
                                                              const Operand& left) {
  if (!expr.right.expanded) return convert(expr, left, expr.right.items);
  ListUse use{expr.right.expanded, left.type.param, expr.op, is_event_type(base_field(left))};
  if (const auto known = converted_.find(use); known != converted_.end()) return known->second;
  auto made = convert(expr, left, *expr.right.expanded);
  if (!made) {
    made.error().related.push_back({expr.right.span, "the list is used here"});
    return made;
  }
  converted_.emplace(std::move(use), *made);
  return made;
}

std::expected<LiteralSetId, Diagnostic> Lowering::convert(const ast::Expr& expr,
                                                          const Operand& left,
                                                          const std::vector<ast::Literal>& items) {
  const bool names_events =
      is_event_type(base_field(left)) && type_traits(left.type.param).group == TypeGroup::TEXT;
  const LiteralUse use{.op = expr.op, .type = left.type.param, .field = base_field(left)};
  std::vector<Literal> literals;
  literals.reserve(items.size());
  for (const ast::Literal& item : items) {
    if (names_events) {
      const auto kinds = event_kinds_named(item.text);
      if (!kinds) {
        return error(Code::EVENT_TYPE_UNKNOWN, item.span,
                     fmt::format("unknown event type `{}`", item.text),
                     event_type_hint(expr.op, item.text));
      }
      if (kinds->none()) {
        warnings_.add(Diagnostic::at(
            Code::EVENT_TYPE_NEVER, item.span,
            fmt::format("`{}` is a system call whose event has another name", item.text)));
      }
    }
    auto literal = convert_literal(left.type.param, expr.op, item);
    if (!literal) return std::unexpected(std::move(literal.error()));
    warn_of_literal(use, item, warnings_);
    literals.push_back(std::move(*literal));
  }
  return out_.literals(std::move(literals));
}

void Lowering::warn_of_deprecated(const ast::Operand& written, OperandId id) {
  if (written.kind != ast::Operand::Kind::FIELD || at(id).kind != Operand::Kind::FIELD) return;
  const FieldInfo& info = field_info(out_.program().field(at(id).field).id);
  // Falco warns of its own fields only, not of those of the container plugin.
  if (!has(info.flags, FieldFlag::DEPRECATED) || info.field_class != "evt") return;
  warnings_.add(Diagnostic::at(Code::FIELD_DEPRECATED, written.span,
                               fmt::format("field `{}` is deprecated", info.name)));
}

std::expected<OperandId, Diagnostic> lower_operand(const ast::Operand& operand,
                                                   ProgramBuilder& out) {
  Diagnostics ignored;  // operands alone give no warnings
  return Lowering(out, ignored).operand(operand, FieldPlace::OUTPUT);
}

std::expected<NodeId, Diagnostic> lower_condition(const ast::Expr& condition, ProgramBuilder& out,
                                                  Diagnostics& warnings) {
  return Lowering(out, warnings).condition(condition, [](const ast::Expr& identifier) -> Result {
    return error(Code::MACRO_UNDEFINED, identifier.span,
                 fmt::format("undefined macro `{}`", identifier.identifier));
  });
}

}  // namespace falcoc::ir
