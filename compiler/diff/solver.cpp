#include "compiler/diff/solver.h"

#include <algorithm>
#include <cadical.hpp>
#include <cstdlib>

namespace falcoc::diff {

Solver::Solver() : solver_(std::make_unique<CaDiCaL::Solver>()) {
  solver_->set("quiet", 1);
  // Fields are absent and checks false unless something asks for more: models are small.
  solver_->set("phase", 0);
  truth_ = variable();
  add({truth_});
}

Solver::~Solver() = default;

int Solver::variable() { return ++variables_; }

void Solver::add(std::span<const int> clause) {
  for (const int literal : clause) solver_->add(literal);
  solver_->add(0);
}

int Solver::all_of(std::vector<int> literals) {
  std::erase(literals, truth_);
  if (std::ranges::find(literals, -truth_) != literals.end()) return -truth_;
  if (literals.empty()) return truth_;
  if (literals.size() == 1) return literals.front();
  const int all = variable();
  std::vector<int> clause{all};
  for (const int literal : literals) {
    add({-all, literal});
    clause.push_back(-literal);
  }
  add(clause);
  return all;
}

int Solver::any_of(std::vector<int> literals) {
  for (int& literal : literals) literal = -literal;
  return -all_of(std::move(literals));
}

/// The sequential encoding of C. Sinz, "Towards an Optimal CNF Encoding of Boolean Cardinality
/// Constraints" (2005): three clauses for each literal.
void Solver::at_most_one(std::span<const int> literals) {
  int before = 0;  // one of the literals so far holds
  for (size_t i = 0; i < literals.size(); ++i) {
    if (before != 0) add({-before, -literals[i]});
    if (i + 1 == literals.size()) break;
    const int now = variable();
    add({-literals[i], now});
    if (before != 0) add({-before, now});
    before = now;
  }
}

Solver::Answer Solver::solve(std::span<const int> assumptions, int conflicts) {
  for (const int literal : assumptions) solver_->assume(literal);
  solver_->limit("conflicts", conflicts);
  constexpr int kSatisfiable = 10;  // CaDiCaL's answers, the exit statuses of SAT competitions
  constexpr int kUnsatisfiable = 20;
  const int answer = solver_->solve();
  if (answer == kSatisfiable) return Answer::SATISFIABLE;
  return answer == kUnsatisfiable ? Answer::UNSATISFIABLE : Answer::UNKNOWN;
}

bool Solver::value(int literal) const {
  return (solver_->val(std::abs(literal)) > 0) == (literal > 0);
}

}  // namespace falcoc::diff
