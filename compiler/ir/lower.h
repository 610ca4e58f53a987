// Syntax tree to typed nodes: what an operand is, whether an operator can compare it, literals in
// binary form (RULE-LANGUAGE 2, 3.1, 3.6 to 3.8). Knows the catalog, not rules, lists or macros.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/ir/compile.h"
#include "compiler/ir/field_ref.h"

namespace falcoc::ir {

/// Deepest chain of connectives from a condition to an atom, macros included. Far above what rules
/// need, and far below what the recursive passes and evaluators can bear on a stack of 8 MB.
inline constexpr uint32_t kMaxConditionDepth = 2000;

struct LoweringOptions {
  /// Fields that the runtime cannot supply are noted, once per field and file.
  bool notes = false;
  const StaticFields* static_fields = nullptr;  ///< null: none
};

/// Lowers the operands and conditions of one compilation into one builder. Remembers converted
/// lists, so that a list of a million items is converted once for all its uses.
class Lowering {
 public:
  using Operand = ir::Operand;
  /// Gives the node of a macro where an IDENTIFIER stands.
  using MacroNodes = std::function<std::expected<NodeId, Diagnostic>(const ast::Expr& identifier)>;

  Lowering(ProgramBuilder& out, Diagnostics& warnings, const LoweringOptions& options = {})
      : out_(out), warnings_(warnings), options_(options) {}

  std::expected<OperandId, Diagnostic> operand(const ast::Operand& operand, FieldPlace place);
  std::expected<NodeId, Diagnostic> condition(const ast::Expr& condition, const MacroNodes& macros);
  const StaticFields* static_fields() const { return options_.static_fields; }

 private:
  std::expected<OperandId, Diagnostic> field(const ast::Operand& field, FieldPlace place);
  std::expected<OperandId, Diagnostic> static_field(const ast::Operand& field);
  std::expected<OperandId, Diagnostic> list(const ast::Operand& list, FieldPlace place);
  std::expected<OperandId, Diagnostic> transformer(const ast::Operand& call, FieldPlace place);
  std::expected<std::vector<OperandId>, Diagnostic> arguments(const ast::Operand& call,
                                                              FieldPlace place);
  std::expected<Type, Diagnostic> transformed_type(const ast::Operand& call,
                                                   const Operand& made) const;
  bool elements_can_be_joined(OperandId list) const;
  bool holds_texts_only(OperandId list) const;
  std::expected<NodeId, Diagnostic> connective(const ast::Expr& expr, const MacroNodes& macros);
  std::expected<NodeId, Diagnostic> check(const ast::Expr& expr);
  std::expected<NodeId, Diagnostic> compare_operand(const ast::Expr& expr, Node atom);
  std::expected<NodeId, Diagnostic> compare_literals(const ast::Expr& expr, Node atom);
  NodeId around(const Node& atom);
  NodeId folded(const Node& atom);
  bool is_constant(OperandId id) const;
  std::expected<LiteralSetId, Diagnostic> literal_set(const ast::Expr& expr, const Operand& left);
  std::expected<LiteralSetId, Diagnostic> convert(const ast::Expr& expr, const Operand& left,
                                                  const std::vector<ast::Literal>& items);
  void warn_of_deprecated(const ast::Operand& operand, OperandId id);
  void warn_of_existence(const ast::Expr& check, OperandId left);
  void warn_of_missing(const ast::Expr& check, OperandId left);
  void warn_of_argument(const ast::Operand& field, const FieldRef& ref, FieldPlace place);
  void note_unsupplied(const ast::Operand& field, const FieldRef& ref);
  /// The field of the operand, or of what single-argument transformers are applied to; else null.
  const FieldRef* base_field(const Operand& operand) const;
  bool any_field_has(OperandId id, FieldFlag flag) const;
  const Operand& at(OperandId id) const { return out_.program().operand(id); }
  std::expected<NodeId, Diagnostic> limited(NodeId node, const ast::Expr& expr);
  uint32_t depth(NodeId node) const;

  /// Expanded list, element type, operator, field whose names are checked: what converting depends
  /// on.
  using ListUse =
      std::tuple<std::shared_ptr<const std::vector<ast::Literal>>, ParamType, Operator, bool>;

  ProgramBuilder& out_;
  Diagnostics& warnings_;
  LoweringOptions options_;
  std::set<std::pair<FieldId, FileId>> noted_;
  std::map<ListUse, LiteralSetId> converted_;
  std::vector<uint32_t> depths_;  ///< by node
};

/// What a literal is compared with.
struct LiteralUse {
  Operator op;
  ParamType type;         ///< of the left side, element type of lists
  const FieldRef* field;  ///< that the left side is made of; may be null
};

/// Warnings about literals that are probably not what their author meant: those that Falco gives
/// when it compiles a condition (RULE-LANGUAGE 3.11), and some of our own.
void warn_of_literal(const LiteralUse& use, const ast::Literal& literal, Diagnostics& warnings);

}  // namespace falcoc::ir
