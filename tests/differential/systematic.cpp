// Every check that the language has, not by luck: operator × type × shape × modifier × transformer
// × kind of right side, and sets below and above the size that native code expands.
#include <array>
#include <set>

#include "compiler/ir/event_facts.h"
#include "tests/differential/check_maker.h"

namespace falcoc::differential {
namespace {

using ir::Modifier;
using ir::Node;
using ir::OperandId;
using ir::Operator;

/// Rules of one program: large enough that compiling is quick per rule, small enough that the
/// values of events come near the literals of each.
constexpr size_t kRulesPerProgram = 150;
/// Members of large sets: searched one by one, hashed, expanded to code, not expanded any more.
constexpr std::array<size_t, 3> kSetSizes = {12, 200, 1100};

class Systematic {
 public:
  std::vector<ir::Program> run() {
    for (const FieldRef& ref : representatives()) {
      for (size_t transformation = 0; transformation <= kTransformations; ++transformation) {
        add_left(ref, transformation);
        if (maker_->rules() >= kRulesPerProgram) flush();
      }
    }
    flush();
    return std::move(programs_);
  }

 private:
  /// One field per type and shape, and all that the kind of an event decides.
  static std::vector<FieldRef> representatives() {
    std::set<std::pair<ParamType, Shape>> seen;
    std::vector<FieldRef> fields;
    for (const FieldRef& ref : field_pool()) {
      const bool is_new = seen.insert({ref.type, ref.shape}).second;
      if (is_new || ir::has_event_facts(ref.id)) fields.push_back(ref);
    }
    return fields;
  }

  void flush() {
    if (maker_->rules() > 0) programs_.push_back(std::move(maker_->out()).finish());
    maker_.emplace();
  }

  void add_left(const FieldRef& ref, size_t transformation) {
    const OperandId plain = maker_->field(ref);
    std::optional<OperandId> left = plain;
    if (transformation < kTransformations) left = maker_->transformed(plain, transformation);
    if (!left) return;
    for (int op = 0; op < kOperators; ++op) {
      for (int modifier = 0; modifier < kModifiers; ++modifier) {
        add({.left = *left,
             .op = static_cast<Operator>(op),
             .modifier = static_cast<Modifier>(modifier)},
            left == plain && is_event_name(ref));
      }
    }
  }

  void add(const Node& atom, bool is_name) {
    number_ += 7;  // other literals each time
    const std::array<Choice, 3> choices = {number_, static_cast<Choice>(number_ + 11),
                                           static_cast<Choice>(number_ + 23)};
    if (atom.op == Operator::EXISTS) return keep(maker_->check(atom));
    keep(maker_->check(atom, choices, 0));
    if (atom.modifier != Modifier::NONE) return;
    if (const auto operand = maker_->right_operand(atom.left, number_)) {
      Node with_operand = atom;
      with_operand.right_side = Node::RightSide::OPERAND;
      with_operand.right = *operand;
      keep(maker_->check(with_operand));
    }
    if (!takes_set(atom.op) || is_name) return;
    for (const size_t size : kSetSizes) {
      if (atom.op != Operator::PMATCH || size < 1000) keep(maker_->check(atom, choices, size));
    }
  }

  void keep(std::optional<ir::NodeId> check) {
    if (check) maker_->rule(*check);
  }

  std::vector<ir::Program> programs_;
  std::optional<CheckMaker> maker_{std::in_place};
  Choice number_ = 0;
};

}  // namespace

std::vector<ir::Program> systematic_programs() { return Systematic().run(); }

}  // namespace falcoc::differential
