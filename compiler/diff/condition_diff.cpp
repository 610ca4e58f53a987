#include "compiler/diff/condition_diff.h"

#include <algorithm>
#include <stdexcept>

#include "compiler/diff/theory.h"
#include "compiler/diff/values.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/print.h"

namespace falcoc::diff {

using ir::NodeId;
using ir::Operand;
using testing::Facts;

namespace {

using Answer = Solver::Answer;

/// An event of facts, which the reference evaluator is asked about.
class Event {
 public:
  /// Throws std::invalid_argument if a fact is no value of its field's type.
  Event(const ir::Program& program, const Facts& facts)
      : program_(program), kind_(facts.event_kind()), bound_(facts, program) {}

  bool matches(NodeId condition) {
    ir::ValueArena arena;
    return kind_ && program_.node_info(condition).may_be_true.test(*kind_) &&
           ir::evaluate(program_, condition, bound_.source(), arena);
  }

 private:
  const ir::Program& program_;
  std::optional<EventKind> kind_;
  testing::BoundFacts bound_;
};

/// Looks for an event that the one condition matches and the other does not.
class Search {
 public:
  Search(const ir::Program& program, Theory& theory, Solver& solver, const DiffOptions& options)
      : program_(program), theory_(theory), solver_(solver), options_(options) {
    usual_.set("evt.type", "close");  // of which nothing else follows
    options_.complete(usual_);
    usual_.erase("evt.type");
  }

  std::optional<Facts> find(NodeId matching, NodeId other) {
    require_usual();
    std::vector<int> assumptions = {theory_.literal(matching), -theory_.literal(other)};
    if (const int usual = usual_event(assumptions); usual != 0) {
      std::vector<int> narrower = assumptions;
      narrower.push_back(usual);
      if (auto found = find(matching, other, narrower)) return found;
    }
    return find(matching, other, assumptions);
  }

 private:
  std::optional<Facts> find(NodeId matching, NodeId other, const std::vector<int>& assumptions) {
    for (int i = 0; i < options_.attempts; ++i) {
      if (solver_.solve(assumptions, options_.conflicts) != Answer::SATISFIABLE) break;
      MadeEvent made =
          make_event(program_, theory_, solver_,
                     {.usual = &usual_, .kinds = program_.node_info(matching).may_be_true});
      if (!made.facts) {
        if (made.conflict.empty()) break;
        solver_.add(made.conflict);
        continue;
      }
      if (tells_apart(*made.facts, matching, other))
        return smallest(std::move(*made.facts), matching, other);
      exclude(*made.facts, assumptions);
    }
    return std::nullopt;
  }

  /// The answer that the event is one of those that people know best; 0 if it cannot be.
  int usual_event(std::vector<int> assumptions) {
    const Subject* const types = theory_.event_types();
    if (types == nullptr) return 0;
    assumptions.push_back(0);
    for (const std::string_view name : {"execve", "openat", "open", "connect"}) {
      for (const Question& question : types->questions) {
        if (question.op != ir::Operator::EQ || question.literal.bytes != name) continue;
        assumptions.back() = question.holds;
        if (solver_.solve(assumptions, options_.conflicts) == Answer::SATISFIABLE)
          return question.holds;
      }
    }
    return 0;
  }

  /// What every made event has is never absent.
  void require_usual() {
    for (const auto& [operand, subject] : theory_.subjects()) {
      const Operand& it = program_.operand(operand);
      if (it.kind == Operand::Kind::FIELD &&
          usual_.find(ir::print_field(program_.field(it.field))) != nullptr)
        solver_.add({subject.present});
    }
  }

  bool tells_apart(Facts facts, NodeId matching, NodeId other) const {
    options_.complete(facts);
    try {
      Event event(program_, facts);
      return event.matches(matching) && !event.matches(other);
    } catch (const std::invalid_argument&) {
      return false;  // a value that no field of the type has
    }
  }

  Facts smallest(Facts facts, NodeId matching, NodeId other) const {
    const Facts all = facts;
    for (const auto& [name, fact] : all.all()) {
      if (name == "evt.type") continue;
      Facts fewer = facts;
      fewer.erase(name);
      if (tells_apart(fewer, matching, other)) facts = std::move(fewer);
    }
    return facts;
  }

  /// Not again: one of the checks whose answer the event does not give has to have the other one,
  /// or else something of all that the solver said.
  void exclude(Facts facts, const std::vector<int>& assumptions) {
    options_.complete(facts);
    std::vector<int> clause = wrong_answers(facts);
    if (clause.empty()) {
      for (const int literal : assumptions) clause.push_back(-literal);
      for (const auto& [operand, subject] : theory_.subjects()) {
        const std::vector<int> said = flipped(subject);
        clause.insert(clause.end(), said.begin(), said.end());
      }
    }
    solver_.add(clause);
  }

  /// Of checks that the event answers otherwise than the solver: the literals that hold of it.
  std::vector<int> wrong_answers(const Facts& facts) const {
    std::vector<int> literals;
    try {
      Event event(program_, facts);
      for (const NodeId check : theory_.checks()) {
        const bool holds = event.matches(check);
        const int literal = theory_.literal(check);
        if (holds != solver_.value(literal)) literals.push_back(holds ? literal : -literal);
      }
    } catch (const std::invalid_argument&) {
      return {};
    }
    return literals;
  }

  std::vector<int> flipped(const Subject& subject) const {
    std::vector<int> literals;
    const auto add = [&](int literal) {
      literals.push_back(solver_.value(literal) ? -literal : literal);
    };
    add(subject.present);
    for (const Question& question : subject.questions) add(question.holds);
    for (const Interval& interval : subject.intervals) add(interval.holds);
    return literals;
  }

  const ir::Program& program_;
  Theory& theory_;
  Solver& solver_;
  const DiffOptions& options_;
  Facts usual_;
};

}  // namespace

bool matches(const ir::Program& program, NodeId condition, const Facts& facts) {
  return Event(program, facts).matches(condition);
}

ConditionDiff compare(const ir::Program& program, NodeId old_condition, NodeId new_condition,
                      const DiffOptions& options) {
  if (old_condition == new_condition) return {};
  Solver solver;
  Theory theory(program, solver);
  const std::array conditions{old_condition, new_condition};
  if (!theory.read(conditions)) return {.verdict = Verdict::CHANGED, .is_decided = false};
  const auto solve = [&](NodeId matching, NodeId other) {
    const std::array assumptions{theory.literal(matching), -theory.literal(other)};
    return solver.solve(assumptions, options.conflicts);
  };
  const Answer only_old = solve(old_condition, new_condition);
  const Answer only_new = solve(new_condition, old_condition);
  ConditionDiff diff;
  if (only_old == Answer::UNSATISFIABLE) {
    diff.verdict = only_new == Answer::UNSATISFIABLE ? Verdict::EQUAL : Verdict::LOOSER;
  } else {
    diff.verdict = only_new == Answer::UNSATISFIABLE ? Verdict::STRICTER : Verdict::CHANGED;
  }
  diff.is_decided = diff.verdict != Verdict::CHANGED ||
                    (only_old != Answer::UNKNOWN && only_new != Answer::UNKNOWN);
  if (diff.verdict == Verdict::EQUAL) return diff;
  Search search(program, theory, solver, options);
  if (only_old == Answer::SATISFIABLE) diff.only_old = search.find(old_condition, new_condition);
  if (only_new == Answer::SATISFIABLE) diff.only_new = search.find(new_condition, old_condition);
  return diff;
}

}  // namespace falcoc::diff
