// RuleSet to Program: expands exceptions, lists and macros on the tree, types, converts literals,
// hash-conses, derives event sets and binding times.
#pragma once

#include <expected>
#include <memory>

#include "compiler/ir/program.h"
#include "compiler/ir/static_fields.h"
#include "compiler/rules/ruleset.h"

namespace falcoc::ir {

struct CompileOptions {
  /// The files that the rule set was read from; with them, rules remember file and line.
  const SourceMap* sources = nullptr;
  /// Also note fields that rules use and the runtime cannot supply.
  bool notes = false;
  /// Fields besides those of the catalog; null: none.
  const StaticFields* static_fields = nullptr;
};

/// Compiles every rule of the set. Findings go to `diagnostics`; a rule with an error is left out
/// of the result, so that one run reports the errors of all rules.
Program compile(const rules::RuleSet& set, const CompileOptions& options, Diagnostics& diagnostics);

/// Builds hash-consed programs. Also the way tests and the bundle loader make them: every add
/// checks nothing but returns the id of an equal entry if there is one.
class ProgramBuilder {
 public:
  ProgramBuilder();
  /// Goes on with a finished program, whose ids stay what they are.
  explicit ProgramBuilder(Program program);
  SlotId field(const FieldRef& field);
  OperandId operand(Operand operand);
  LiteralSetId literals(std::vector<Literal> literals);
  NodeId constant(bool value);
  NodeId atom(Node atom);
  /// Flattens nested chains of the same kind; one child is returned as is.
  NodeId all_of(const std::vector<NodeId>& children);
  NodeId any_of(const std::vector<NodeId>& children);
  NodeId negate(NodeId child);  ///< of a negation: its child
  void rule(Rule rule);
  const Program& program() const;
  /// Derives NodeInfo and returns the finished program.
  Program finish() &&;

 private:
  struct Impl;
  std::unique_ptr<Impl, void (*)(Impl*)> impl_;
};

/// Fills Program::info. Children must precede parents.
void derive_info(Program& program);

/// Types one operand or check against the catalog and adds it to the builder.
std::expected<OperandId, Diagnostic> lower_operand(const ast::Operand& operand,
                                                   ProgramBuilder& out);
/// `condition` has no identifiers left.
std::expected<NodeId, Diagnostic> lower_condition(const ast::Expr& condition, ProgramBuilder& out,
                                                  Diagnostics& warnings);

}  // namespace falcoc::ir
