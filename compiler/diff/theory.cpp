#include "compiler/diff/theory.h"

#include <algorithm>
#include <set>

#include "compiler/diff/questions.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/literals.h"

namespace falcoc::diff {

using ir::Modifier;
using ir::Node;
using ir::NodeId;
using ir::Operand;
using ir::OperandId;
using ir::Operator;

namespace {

/// Pairs of questions that are looked at for one operand; more take too long.
constexpr size_t kMostPairs = 400'000;
constexpr size_t kMostIntervals = 5'000;

bool is_event_type(const ir::Program& program, const Operand& operand) {
  return operand.kind == Operand::Kind::FIELD &&
         program.field(operand.field).id == FieldId::evt_type;
}

/// Decoded text can hold a NUL byte.
bool may_hold_nul(const ir::Program& program, OperandId id) {
  const Operand& operand = program.operand(id);
  if (operand.kind == Operand::Kind::TRANSFORM && operand.transformer == ir::Transformer::B64)
    return true;
  return std::ranges::any_of(operand.arguments,
                             [&](OperandId argument) { return may_hold_nul(program, argument); });
}

/// The last place in the order of a type.
uint64_t last_order(ParamType type) {
  return ir::type_traits(type).group == ir::TypeGroup::BOOLEAN ? 1 : ~uint64_t{0};
}

/// Whether every number of the interval satisfies the check: intervals end where answers change.
bool satisfies(const Interval& interval, Operator op, uint64_t order) {
  switch (op) {
    case Operator::EQ:
    case Operator::IN:
    case Operator::INTERSECTS:
      return interval.first == order;
    case Operator::NE:
      return interval.first != order;
    case Operator::LT:
      return interval.first < order;
    case Operator::LE:
      return interval.first <= order;
    case Operator::GT:
      return interval.first > order;
    case Operator::GE:
      return interval.first >= order;
    default:
      return false;
  }
}

}  // namespace

uint64_t order_of(ParamType type, uint64_t number) {
  const ir::TypeTraits traits = ir::type_traits(type);
  if (traits.group == ir::TypeGroup::BOOLEAN) return number != 0 ? 1 : 0;
  return traits.is_signed ? number ^ (uint64_t{1} << 63) : number;
}

uint64_t number_at(ParamType type, uint64_t order) {
  return ir::type_traits(type).is_signed ? order ^ (uint64_t{1} << 63) : order;
}

bool has_intervals(ir::Type type) {
  const ir::TypeTraits traits = ir::type_traits(type.param);
  if (type.shape != Shape::SCALAR) return false;
  return traits.group == ir::TypeGroup::BOOLEAN ||
         (traits.group == ir::TypeGroup::NUMBER && !traits.is_double);
}

bool Theory::read(std::span<const NodeId> conditions) {
  collect(conditions);
  if (!divide()) return false;
  for (const NodeId node : order_) literals_[node] = encode(program_.node(node));
  for (const auto& [operand, subject] : subjects_) {
    if (!relate(subject)) return false;
  }
  for (const auto& [operand, subject] : subjects_) relate_transformed(subject);
  relate_lists();
  relate_events();
  return true;
}

void Theory::collect(std::span<const NodeId> conditions) {
  std::set<NodeId> seen;
  std::vector<NodeId> open(conditions.begin(), conditions.end());
  while (!open.empty()) {
    const NodeId node = open.back();
    open.pop_back();
    if (!seen.insert(node).second) continue;
    const std::vector<NodeId>& children = program_.node(node).children;
    open.insert(open.end(), children.begin(), children.end());
  }
  order_.assign(seen.begin(), seen.end());  // children have smaller numbers
}

/// Cuts the numbers of each operand where the answer of some check changes.
bool Theory::divide() {
  std::map<OperandId, std::set<uint64_t>> begins;
  for (const NodeId id : order_) {
    const Node& node = program_.node(id);
    if (node.kind != Node::Kind::ATOM || !has_intervals(program_.operand(node.left).type)) continue;
    const ParamType type = program_.operand(node.left).type.param;
    std::set<uint64_t>& of_operand = begins[node.left];
    of_operand.insert(0);
    if (node.right_side != Node::RightSide::LITERALS) continue;
    for (const ir::Literal& literal : program_.literal_set(node.literals)) {
      const uint64_t order = order_of(type, literal.number);
      of_operand.insert(order);
      if (order < last_order(type)) of_operand.insert(order + 1);
    }
  }
  for (const auto& [operand, of_operand] : begins) {
    if (of_operand.size() > kMostIntervals) return false;
    Subject& divided = subject(operand);
    std::vector<int> holds;
    for (auto begin = of_operand.begin(); begin != of_operand.end(); ++begin) {
      const auto next = std::next(begin);
      const uint64_t last =
          next == of_operand.end() ? last_order(program_.operand(operand).type.param) : *next - 1;
      holds.push_back(solver_.variable());
      divided.intervals.push_back({*begin, last, holds.back()});
      solver_.add({-holds.back(), divided.present});
    }
    solver_.at_most_one(holds);
    holds.push_back(-divided.present);
    solver_.add(holds);
  }
  return true;
}

Subject& Theory::subject(OperandId id) {
  if (const auto found = subjects_.find(id); found != subjects_.end()) return found->second;
  const Operand& operand = program_.operand(id);
  // An event always has a type, and a constant its value.
  const bool always = operand.kind == Operand::Kind::CONSTANT || is_event_type(program_, operand);
  const int present = always ? solver_.truth() : solver_.variable();
  int some = present;
  if (operand.type.shape == Shape::EITHER_SIDE) {
    some = solver_.variable();
    solver_.add({-some, present});
  }
  for (const OperandId argument : operand.arguments) {
    // Ancestors can be known, and there can be none: then they do not exist, but their number does.
    if (program_.operand(argument).type.shape != Shape::ANCESTORS)
      solver_.add({-present, subject(argument).present});
  }
  return subjects_
      .emplace(
          id,
          Subject{
              .operand = id, .present = present, .some = some, .intervals = {}, .questions = {}})
      .first->second;
}

int Theory::encode(const Node& node) {
  std::vector<int> children;
  for (const NodeId child : node.children) children.push_back(literals_.at(child));
  switch (node.kind) {
    case Node::Kind::FALSE:
      return -solver_.truth();
    case Node::Kind::TRUE:
      return solver_.truth();
    case Node::Kind::AND:
      return solver_.all_of(std::move(children));
    case Node::Kind::OR:
      return solver_.any_of(std::move(children));
    case Node::Kind::NOT:
      return -children.front();
    case Node::Kind::ATOM:
      break;
  }
  return encode_check(node);
}

int Theory::encode_check(const Node& node) {
  Subject& left = subject(node.left);
  switch (node.right_side) {
    case Node::RightSide::NONE:
      return left.present;
    case Node::RightSide::LITERALS:
      return encode_literals(node, left);
    case Node::RightSide::OPERAND:
      break;
  }
  const int holds = opaque(left);
  solver_.add({-holds, subject(node.right).present});
  return holds;
}

int Theory::encode_literals(const Node& node, Subject& subject) {
  const ir::Type type = program_.operand(node.left).type;
  const std::vector<ir::Literal>& literals = program_.literal_set(node.literals);
  // Every element has to be in the set, of which there may be none.
  if (type.shape == Shape::LIST && node.op == Operator::IN) return opaque(subject);
  if (literals.empty()) return -solver_.truth();
  // One and the same ancestor has to satisfy what the modifier asks.
  const bool of_one = type.shape == Shape::ANCESTORS && literals.size() > 1 &&
                      (node.modifier == Modifier::ONEOF || node.modifier == Modifier::ALLOF);
  const bool is_unknown = ir::type_traits(type.param).is_double ||
                          (!has_intervals(type) && may_hold_nul(program_, node.left));
  if (of_one || is_unknown) return opaque(subject);
  std::vector<int> asked;
  for (const ir::Literal& literal : literals) asked.push_back(ask(subject, node.op, literal));
  if (node.modifier == Modifier::ALLOF) return solver_.all_of(std::move(asked));
  if (node.modifier != Modifier::ONEOF) return solver_.any_of(std::move(asked));
  std::vector<int> alone;  // each with the negation of all others
  for (size_t i = 0; i < asked.size(); ++i) {
    std::vector<int> parts = asked;
    for (size_t j = 0; j < parts.size(); ++j) parts[j] = j == i ? parts[j] : -parts[j];
    alone.push_back(solver_.all_of(std::move(parts)));
  }
  return solver_.any_of(std::move(alone));
}

/// A check of which nothing is known but that the operand is there.
int Theory::opaque(const Subject& subject) {
  const int holds = solver_.variable();
  solver_.add({-holds, subject.present});
  return holds;
}

int Theory::ask(Subject& subject, Operator op, ir::Literal literal) {
  const ir::Type type = program_.operand(subject.operand).type;
  if (has_intervals(type)) return ask_number(subject, op, literal);
  if (op == Operator::NE && type.shape != Shape::ANCESTORS) {
    return solver_.all_of({subject.some, -ask(subject, Operator::EQ, std::move(literal))});
  }
  Question question{.op = op, .literal = std::move(literal)};
  simplify(type.param, question);
  if (holds_always(type.param, question)) return subject.some;
  int& known = asked_[{subject.operand, question.op, question.literal}];
  if (known != 0) return known;
  known = question.holds = solver_.variable();
  solver_.add({-question.holds, subject.some});
  subject.questions.push_back(std::move(question));
  return subject.questions.back().holds;
}

int Theory::ask_number(const Subject& subject, Operator op, const ir::Literal& literal) {
  const uint64_t order = order_of(program_.operand(subject.operand).type.param, literal.number);
  std::vector<int> satisfying;
  for (const Interval& interval : subject.intervals) {
    if (satisfies(interval, op, order)) satisfying.push_back(interval.holds);
  }
  return solver_.any_of(std::move(satisfying));
}

bool Theory::relate(const Subject& subject) {
  const ir::Type type = program_.operand(subject.operand).type;
  std::vector<const Question*> points, patterns;
  for (const Question& question : subject.questions) {
    (is_point(type.param, question) ? points : patterns).push_back(&question);
  }
  if (patterns.size() * (points.size() + patterns.size()) > kMostPairs) return false;
  if (type.shape == Shape::SCALAR) {
    std::vector<int> holds;
    for (const Question* point : points) holds.push_back(point->holds);
    solver_.at_most_one(holds);
  }
  for (size_t i = 0; i < patterns.size(); ++i) {
    for (const Question* point : points) relate_pair(subject, *point, *patterns[i]);
    for (size_t j = 0; j < i; ++j) relate_pair(subject, *patterns[j], *patterns[i]);
  }
  return true;
}

void Theory::relate_pair(const Subject& subject, const Question& a, const Question& b) {
  const ir::Type type = program_.operand(subject.operand).type;
  if (includes(type.param, b, a)) solver_.add({-a.holds, b.holds});
  if (includes(type.param, a, b)) solver_.add({-b.holds, a.holds});
  // Of several values one may answer this and another that.
  if (type.shape == Shape::SCALAR && excludes(type.param, a, b)) solver_.add({-a.holds, -b.holds});
}

/// Of lists: what is in the smaller set is in the larger one.
void Theory::relate_lists() {
  std::map<OperandId, std::vector<std::pair<std::set<ir::Literal>, int>>> by_list;
  for (const NodeId id : order_) {
    const Node& node = program_.node(id);
    if (node.kind != Node::Kind::ATOM || node.op != Operator::IN ||
        node.right_side != Node::RightSide::LITERALS ||
        program_.operand(node.left).type.shape != Shape::LIST)
      continue;
    const std::vector<ir::Literal>& literals = program_.literal_set(node.literals);
    std::set<ir::Literal> items(literals.begin(), literals.end());
    auto& others = by_list[node.left];
    for (const auto& [other, holds] : others) {
      if (std::ranges::includes(items, other)) solver_.add({-holds, literals_.at(id)});
      if (std::ranges::includes(other, items)) solver_.add({-literals_.at(id), holds});
    }
    others.emplace_back(std::move(items), literals_.at(id));
  }
}

const Subject* Theory::event_types() const {
  const auto found = std::ranges::find_if(subjects_, [&](const auto& entry) {
    return is_event_type(program_, program_.operand(entry.first));
  });
  return found == subjects_.end() ? nullptr : &found->second;
}

std::vector<NodeId> Theory::checks() const {
  std::vector<NodeId> nodes;
  std::ranges::copy_if(order_, std::back_inserter(nodes),
                       [&](NodeId id) { return program_.node(id).kind == Node::Kind::ATOM; });
  return nodes;
}

}  // namespace falcoc::diff
