// What the checks of two conditions say of one another, as clauses: which fields are present, which
// values are the same, which patterns include or exclude each other. What is not understood is left
// open, so that every assignment of values to fields satisfies the clauses, but not the other way
// round: what follows from them is so, what does not may still be.
//
// Texts are taken to hold no NUL byte: then `=` and `in` compare the same (RULE-LANGUAGE 3.3).
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "compiler/diff/solver.h"
#include "compiler/ir/program.h"

namespace falcoc::diff {

/// A question that a check asks of the values of an operand: one operator, one literal.
struct Question {
  ir::Operator op{};
  ir::Literal literal;
  int holds = 0;  ///< the solver's literal

  bool same_as(const Question& other) const { return op == other.op && literal == other.literal; }
};

/// Numbers by their place in the order of the type, see order_of().
struct Interval {
  uint64_t first = 0, last = 0;
  int holds = 0;
};

/// A left or right side of checks, with what is asked of it.
struct Subject {
  ir::OperandId operand{};
  int present = 0;
  int some = 0;  ///< has a value to compare: a socket may be present and have no addresses
  /// Whole numbers and booleans: the value, if present, is in exactly one of these.
  std::vector<Interval> intervals;
  /// Of all else. Of several values (ancestors, both ends of a connection) some value has to
  /// answer.
  std::vector<Question> questions;
};

class Theory {
 public:
  Theory(const ir::Program& program, Solver& solver) : program_(program), solver_(solver) {}

  /// Everything that the conditions ask. False if that is too much; then nothing else may be
  /// called.
  bool read(std::span<const ir::NodeId> conditions);
  /// The literal that stands for a node below one of the conditions.
  int literal(ir::NodeId node) const { return literals_.at(node); }
  const std::map<ir::OperandId, Subject>& subjects() const { return subjects_; }
  /// That of evt.type, null if nothing asks for it.
  const Subject* event_types() const;
  /// The nodes of all checks below the conditions.
  std::vector<ir::NodeId> checks() const;

 private:
  void collect(std::span<const ir::NodeId> conditions);
  bool divide();
  Subject& subject(ir::OperandId operand);
  int encode(const ir::Node& node);
  int encode_check(const ir::Node& node);
  int encode_literals(const ir::Node& node, Subject& subject);
  int opaque(const Subject& subject);
  int ask(Subject& subject, ir::Operator op, ir::Literal literal);
  int ask_number(const Subject& subject, ir::Operator op, const ir::Literal& literal);
  bool relate(const Subject& subject);
  void relate_pair(const Subject& subject, const Question& a, const Question& b);
  void relate_lists();
  void relate_transformed(const Subject& subject);
  void relate_events();

  const ir::Program& program_;
  Solver& solver_;
  std::vector<ir::NodeId> order_;  ///< nodes below the conditions, children first
  std::map<ir::NodeId, int> literals_;
  std::map<ir::OperandId, Subject> subjects_;
  std::map<std::tuple<ir::OperandId, ir::Operator, ir::Literal>, int> asked_;
};

/// Where a number stands in the order of its type; and back.
uint64_t order_of(ParamType type, uint64_t number);
uint64_t number_at(ParamType type, uint64_t order);
/// Whether values of this type are told apart by intervals.
bool has_intervals(ir::Type type);
/// The literal as a value of a field.
Value value_of(const ir::Literal& literal, ParamType type);

}  // namespace falcoc::diff
