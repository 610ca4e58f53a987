// What the lints look at: the conditions of a rule set as trees, and where their findings go.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/lint/lint.h"

namespace falcoc::lint {

/// The condition of a macro or rule.
struct Condition {
  std::string owner;                    ///< name of the macro or rule
  const rules::Rule* rule = nullptr;    ///< null: a macro
  const rules::Macro* macro = nullptr;  ///< null: a rule
  const ir::Rule* compiled = nullptr;   ///< of a rule; null if it was left out
  const MappedText* text = nullptr;
  ast::Expr own;                      ///< as written, lists expanded
  ast::Expr whole;                    ///< with macros in place of their names
  std::vector<ast::Expr> exceptions;  ///< of a rule: what each says, not negated
};

/// Larger trees are not expanded: macros that double one another grow without bound.
inline constexpr size_t kMostNodes = 50'000;

class Context {
 public:
  /// `input` must outlive the context.
  explicit Context(const Input& input);

  const Input& input() const { return input_; }
  const std::vector<Condition>& conditions() const { return conditions_; }
  /// Those of rules that were compiled.
  const std::vector<const Condition*>& rules() const { return rules_; }

  /// Where `condition` wrote `span` itself, and not a macro that it names.
  static bool is_own(const Condition& condition, Span span);
  /// What stands in the file.
  std::string_view text(Span span) const;

  Finding& add(Code code, const std::string& owner, Span span, std::string message,
               std::string hint = {});
  /// An edit of `span`, if the file holds there what the condition says, unfolded and unescaped.
  void edit(Finding& finding, Span span, std::string text);

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const Input& input_;
  std::vector<Condition> conditions_;
  std::vector<const Condition*> rules_;
  std::vector<Finding> findings_;
};

/// Calls `visit` for every check of the tree with whether it is negated an odd number of times.
void for_each_check(const ast::Expr& expr, const std::function<void(const ast::Expr&, bool)>& visit,
                    bool negated = false);

/// The catalog row of the field on the left, null if there is none.
const FieldInfo* left_field(const ast::Expr& check);

// The families of lints.
void find_contradictions(Context& context);  // logic_lints.cpp
void find_odd_literals(Context& context);    // literal_lints.cpp
void find_odd_shapes(Context& context);      // shape_lints.cpp
void find_event_slips(Context& context);     // event_lints.cpp
void find_evasions(Context& context);        // evasion_lints.cpp
void find_output_slips(Context& context);    // output_lints.cpp
void find_metadata_slips(Context& context);  // metadata_lints.cpp
void find_overlaps(Context& context);        // overlap_lints.cpp
void find_breaches(Context& context);        // policy_lints.cpp

}  // namespace falcoc::lint
