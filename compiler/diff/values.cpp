#include "compiler/diff/values.h"

#include <algorithm>
#include <array>
#include <set>

#include "compiler/catalog/event_sets.h"
#include "compiler/diff/questions.h"
#include "compiler/diff/text_values.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/print.h"

namespace falcoc::diff {

using ir::Literal;
using ir::Operand;
using ir::OperandId;
using testing::Facts;

namespace {

class Maker {
 public:
  Maker(const ir::Program& program, const Theory& theory, const Solver& solver, const Frame& frame)
      : program_(program), theory_(theory), solver_(solver), frame_(frame) {}

  MadeEvent run() {
    if (!set_type()) return {.facts = {}, .conflict = std::move(conflict_)};
    for (const auto& [operand, subject] : theory_.subjects()) {
      if (is_field(operand) && !set_field(subject))
        return {.facts = {}, .conflict = std::move(conflict_)};
    }
    for (const auto& [operand, subject] : theory_.subjects()) set_transformed(subject);
    for (const ir::NodeId node : theory_.checks()) set_compared(node);
    return {.facts = std::move(facts_), .conflict = {}};
  }

 private:
  bool is_field(OperandId id) const { return program_.operand(id).kind == Operand::Kind::FIELD; }
  const FieldRef& field(OperandId id) const { return program_.field(program_.operand(id).field); }
  std::string name(OperandId id) const { return ir::print_field(field(id)); }

  Wanted wanted(const Subject& subject) const {
    Wanted wanted;
    for (const Question& question : subject.questions)
      (solver_.value(question.holds) ? wanted.yes : wanted.no).push_back(&question);
    return wanted;
  }

  /// No value answers all questions about the operand so: not again.
  bool fail(const Subject& subject) {
    conflict_ = {-subject.some};
    for (const Question& question : subject.questions)
      conflict_.push_back(solver_.value(question.holds) ? -question.holds : question.holds);
    return false;
  }

  bool set_type() {
    const Subject* const types = theory_.event_types();
    const Wanted asked = types == nullptr ? Wanted{} : wanted(*types);
    // Usual ones first; an asyncevent is called as its maker likes.
    std::vector<std::string_view> names = {"execve", "openat", "connect"};
    for_each_kind(frame_.kinds, [&](EventKind kind, const EventInfo& info) {
      if (info.event_class != EventClass::META) names.push_back(event_kind_name(kind));
    });
    for (const std::string_view name : names) {
      const auto kinds = event_kinds_named(name);
      if (!kinds || kinds->none() || !frame_.kinds.test(kinds->_Find_first())) continue;
      const Literal value{.bytes = std::string(name)};
      const auto is_yes = [&](const Question* question) {
        return answers(ParamType::CHARBUF, *question, value);
      };
      if (!std::ranges::all_of(asked.yes, is_yes) || std::ranges::any_of(asked.no, is_yes))
        continue;
      facts_.set("evt.type", value.bytes);
      return true;
    }
    return types != nullptr && fail(*types);
  }

  bool set_field(const Subject& subject) {
    const FieldRef& ref = field(subject.operand);
    if (ref.id == FieldId::evt_type || !solver_.value(subject.present)) return true;
    if (ref.shape != Shape::SCALAR) return set_several(subject);
    const auto value = subject.intervals.empty()
                           ? find_value(ref.type, wanted(subject), usual(subject))
                           : number_of(subject);
    if (!value) return fail(subject);
    facts_.set(name(subject.operand), fact_text(ref.type, *value));
    return true;
  }

  /// Each question that is answered has a value that answers it, and none those that are not.
  bool set_several(const Subject& subject) {
    const ParamType type = field(subject.operand).type;
    const Wanted all = wanted(subject);
    std::vector<std::string> items;
    const auto add = [&](std::vector<const Question*> yes) {
      const auto value = find_value(type, {.yes = std::move(yes), .no = all.no}, std::nullopt);
      if (!value) return false;
      std::string text = fact_text(type, *value);
      if (std::ranges::find(items, text) == items.end()) items.push_back(std::move(text));
      return true;
    };
    for (const Question* question : all.yes) {
      if (!add({question})) return fail(subject);
    }
    const bool needs_one = field(subject.operand).shape != Shape::LIST &&
                           solver_.value(subject.some) && all.yes.empty();
    if (needs_one && !add({})) return fail(subject);
    facts_.set_list(name(subject.operand), std::move(items));
    return true;
  }

  /// The value that events have if nobody asks.
  std::optional<Literal> usual(const Subject& subject) const {
    const testing::Fact* const fact = frame_.usual->find(name(subject.operand));
    if (fact == nullptr || fact->items.size() != 1) return std::nullopt;
    const auto value =
        ir::convert_literal(field(subject.operand).type, ir::Operator::EQ,
                            {.text = fact->items.front(), .span = {}, .quoted = true});
    return value ? std::optional(*value) : std::nullopt;
  }

  /// A number of the interval that the solver chose, near to those that people write.
  std::optional<Literal> number_of(const Subject& subject) const {
    const ParamType type = program_.operand(subject.operand).type.param;
    const auto chosen = std::ranges::find_if(
        subject.intervals, [&](const Interval& it) { return solver_.value(it.holds); });
    if (chosen == subject.intervals.end()) return std::nullopt;
    std::vector<uint64_t> numbers = {1, 0, 1000};
    if (ir::type_traits(type).is_signed) numbers.push_back(~uint64_t{0});  // -1
    // The end that a check names, rather than that of the type.
    const bool is_lowest = chosen->first == 0;
    for (const uint64_t end : {is_lowest ? chosen->last : chosen->first, chosen->first})
      numbers.push_back(number_at(type, end));
    if (is_field(subject.operand)) {
      if (const auto value = usual(subject)) numbers.insert(numbers.begin(), value->number);
    }
    for (const uint64_t number : numbers) {
      const uint64_t order = order_of(type, number);
      if (chosen->first <= order && order <= chosen->last) return Literal{.number = number};
    }
    return std::nullopt;
  }

  /// The field that a transformer is about, if nothing else is asked of it.
  const Subject* source_of(const Operand& transformed) const {
    if (transformed.arguments.size() != 1 || !is_field(transformed.arguments.front()))
      return nullptr;
    const auto found = theory_.subjects().find(transformed.arguments.front());
    if (found == theory_.subjects().end()) return nullptr;
    const Subject& source = found->second;
    const bool is_free = source.questions.empty() && source.intervals.empty() &&
                         field(source.operand).shape == Shape::SCALAR;
    return is_free ? &source : nullptr;
  }

  void set_transformed(const Subject& subject) {
    const Operand& operand = program_.operand(subject.operand);
    if (operand.kind != Operand::Kind::TRANSFORM || !solver_.value(subject.present)) return;
    const Subject* const source = source_of(operand);
    if (source == nullptr) return;
    constexpr uint64_t kLongest = 4096;
    const auto value = subject.intervals.empty()
                           ? find_value(operand.type.param, wanted(subject), std::nullopt)
                           : number_of(subject);
    if (!value) return;
    switch (operand.transformer) {
      case ir::Transformer::TOLOWER:
      case ir::Transformer::TOUPPER:
      case ir::Transformer::BASENAME:
        return facts_.set(name(source->operand), value->bytes);
      case ir::Transformer::LEN:
        return facts_.set(name(source->operand),
                          std::string(std::min(value->number, kLongest), 'x'));
      default:
        return;  // found out by trying
    }
  }

  /// Two fields that are the same, or are not.
  void set_compared(ir::NodeId id) {
    const ir::Node& node = program_.node(id);
    if (node.right_side != ir::Node::RightSide::OPERAND) return;
    if (!is_field(node.left) || !is_field(node.right)) return;
    const testing::Fact* const left = facts_.find(name(node.left));
    const testing::Fact* const right = facts_.find(name(node.right));
    if (left == nullptr || right == nullptr || left->is_list) return;
    const bool are_equal = solver_.value(theory_.literal(id)) == (node.op != ir::Operator::NE);
    const Subject& source = theory_.subjects().at(node.right);
    const bool is_free = source.questions.empty() && source.intervals.size() <= 1;
    const OperandId changed = is_free ? node.right : node.left;
    const std::string other = (is_free ? left : right)->items.front();
    if (are_equal) {
      facts_.set(name(changed), other);
    } else if (left->items == right->items) {
      facts_.set(name(changed), other + "1");
    }
  }

  const ir::Program& program_;
  const Theory& theory_;
  const Solver& solver_;
  const Frame& frame_;
  Facts facts_;
  std::vector<int> conflict_;
};

}  // namespace

MadeEvent make_event(const ir::Program& program, const Theory& theory, const Solver& solver,
                     const Frame& frame) {
  return Maker(program, theory, solver, frame).run();
}

}  // namespace falcoc::diff
