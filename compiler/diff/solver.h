// A SAT solver: clauses in, an assignment out, within a budget. Variables are numbers from 1,
// a negative number is the negation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace CaDiCaL {
class Solver;
}

namespace falcoc::diff {

class Solver {
 public:
  enum class Answer : uint8_t { SATISFIABLE, UNSATISFIABLE, UNKNOWN };

  Solver();
  ~Solver();
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  int variable();
  /// A variable that holds.
  int truth() const { return truth_; }
  void add(std::span<const int> clause);
  void add(std::initializer_list<int> clause) { add(std::span(clause.begin(), clause.size())); }
  /// A literal that holds if and only if all of these do; any of these.
  int all_of(std::vector<int> literals);
  int any_of(std::vector<int> literals);
  /// At most one of these holds.
  void at_most_one(std::span<const int> literals);

  /// Gives up after so many conflicts: the same work on every machine.
  Answer solve(std::span<const int> assumptions, int conflicts);
  /// After SATISFIABLE.
  bool value(int literal) const;

 private:
  std::unique_ptr<CaDiCaL::Solver> solver_;
  int variables_ = 0;
  int truth_ = 0;
};

}  // namespace falcoc::diff
