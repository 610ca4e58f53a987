// What a check says of the value of one field, as a set of values: whether one check implies
// another, or excludes it. Answers are exact or "no": nothing is concluded from what is not
// understood.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/ast.h"
#include "compiler/lint/patterns.h"

namespace falcoc::lint {

/// A check holds if the field is present and its value is in the set.
class ValueSet {
 public:
  /// Nothing for fields with several values, transformers, and operators that compare with another
  /// field.
  static std::optional<ValueSet> of(const ast::Expr& check);

  /// The field with its argument, as written.
  const std::string& field() const { return field_; }
  /// Every value of this one is in `other`, which is about the same field.
  bool is_within(const ValueSet& other) const;
  /// No value is in both.
  bool is_apart_from(const ValueSet& other) const;
  /// The two together are all values.
  bool completes(const ValueSet& other) const;

 private:
  /// Texts of any of the patterns, or of none of them.
  struct Texts {
    std::vector<Pattern> patterns;
    bool complement = false;
  };
  struct Range {
    int64_t first, last;
  };
  /// Ascending, apart from each other.
  using Numbers = std::vector<Range>;

  static bool covered(const Texts& narrow, const Texts& wide);
  static std::optional<Texts> texts_of(const ast::Expr& check);
  static std::optional<Numbers> numbers_of(const ast::Expr& check);

  std::string field_;
  std::variant<Numbers, Texts> values_;
};

/// The literals on the right side, those of a list included.
const std::vector<ast::Literal>& literals_of(const ast::Expr& check);

}  // namespace falcoc::lint
