// Checks that other checks decide: what can never hold, what always does, what need not be asked.
#include <fmt/format.h>

#include <optional>
#include <set>

#include "compiler/lint/context.h"
#include "compiler/lint/values.h"

namespace falcoc::lint {

namespace {

using Kind = ast::Expr::Kind;

/// A tree with its sign.
struct Signed {
  const ast::Expr* expr;
  bool negated;
};

/// A check that holds wherever the looked-at part of a condition matters.
struct Fact {
  const ast::Expr* check;
  ValueSet values;
  bool negated;
};

enum class Truth : uint8_t { UNKNOWN, ALWAYS, NEVER };

/// What a fact says of a check, not negated.
Truth truth_under(const Fact& fact, const ValueSet& check) {
  if (fact.values.field() != check.field()) return Truth::UNKNOWN;
  if (fact.negated) return check.is_within(fact.values) ? Truth::NEVER : Truth::UNKNOWN;
  if (fact.values.is_within(check)) return Truth::ALWAYS;
  return fact.values.is_apart_from(check) ? Truth::NEVER : Truth::UNKNOWN;
}

/// Whether the parts all have to hold; else one is enough. By De Morgan's laws where negated.
bool is_conjunction(Signed part) {
  return (part.expr->kind == Kind::AND && !part.negated) ||
         (part.expr->kind == Kind::OR && part.negated);
}
bool is_disjunction(Signed part) {
  return (part.expr->kind == Kind::OR && !part.negated) ||
         (part.expr->kind == Kind::AND && part.negated);
}

Signed without_not(Signed part) {
  while (part.expr->kind == Kind::NOT) part = {&part.expr->children.front(), !part.negated};
  return part;
}

/// The parts of a connective; parts of the same kind are taken apart.
std::vector<Signed> flattened(Signed connective) {
  std::vector<Signed> parts;
  const bool conjunction = is_conjunction(connective);
  for (const ast::Expr& child : connective.expr->children) {
    const Signed part = without_not({&child, connective.negated});
    if (conjunction ? is_conjunction(part) : is_disjunction(part)) {
      for (const Signed& inner : flattened(part)) parts.push_back(inner);
    } else {
      parts.push_back(part);
    }
  }
  return parts;
}

std::optional<Fact> fact_of(Signed part) {
  if (part.expr->kind != Kind::CHECK) return std::nullopt;
  auto values = ValueSet::of(*part.expr);
  if (!values) return std::nullopt;
  return Fact{part.expr, std::move(*values), part.negated};
}

std::string quoted(const Context& context, const ast::Expr& check) {
  std::string text(context.text(check.span));
  if (text.size() > 60) text = text.substr(0, 57) + "…";
  return "`" + text + "`";
}

class Search {
 public:
  Search(Context& context, const Condition& condition) : context_(context), condition_(condition) {}

  void condition() {
    std::vector<Fact> facts;
    look_at(without_not({&condition_.whole, false}), facts, true);
  }

  /// Rows of exceptions that the condition rules out.
  void exceptions() {
    std::vector<Fact> facts;
    const Signed whole = without_not({&condition_.whole, false});
    const std::vector<Signed> parts =
        is_conjunction(whole) ? flattened(whole) : std::vector<Signed>{whole};
    for (const Signed& part : parts) {
      if (auto fact = fact_of(part)) facts.push_back(std::move(*fact));
    }
    for (const ast::Expr& exception : condition_.exceptions) {
      for_each_check(exception.children.front(), [&](const ast::Expr& check, bool) {
        const auto values = ValueSet::of(check);
        if (!values) return;
        for (const Fact& fact : facts) {
          const Truth truth = truth_under(fact, *values);
          if (truth != Truth::NEVER) continue;
          relate(context_.add(Code::LINT_EXCEPTION_NEVER, condition_.owner, check.span,
                              fmt::format("this exception can never apply: the condition says {}",
                                          says(fact)),
                              "remove the values, or the check that excludes them"),
                 fact);
          return;
        }
      });
    }
  }

 private:
  std::string says(const Fact& fact) const {
    return (fact.negated ? "not " : "") + quoted(context_, *fact.check);
  }

  static void relate(Finding& finding, const Fact& fact) {
    finding.diagnostic.related.push_back({fact.check->span, "decided here"});
  }

  void look_at(Signed part, std::vector<Fact>& facts, bool top) {
    if (is_conjunction(part)) return conjunction(flattened(part), facts, top);
    if (is_disjunction(part)) return disjunction(flattened(part), facts);
    if (part.expr->kind == Kind::CHECK) judge(part, facts, top);
  }

  void conjunction(const std::vector<Signed>& parts, std::vector<Fact>& facts, bool top) {
    const size_t outer = facts.size();
    std::vector<size_t> fact_of_part(parts.size(), kNone);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (auto fact = fact_of(parts[i])) {
        fact_of_part[i] = facts.size();
        facts.push_back(std::move(*fact));
      }
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      if (fact_of_part[i] == kNone) {
        look_at(parts[i], facts, false);
      } else {
        judge_in_conjunction(parts[i], fact_of_part[i], facts, top);
      }
    }
    facts.erase(facts.begin() + static_cast<std::ptrdiff_t>(outer), facts.end());
  }

  void judge_in_conjunction(Signed part, size_t self, const std::vector<Fact>& facts, bool top) {
    const ValueSet& values = facts[self].values;
    for (size_t i = 0; i < facts.size(); ++i) {
      if (i == self) continue;
      const Truth truth = signed_truth(facts[i], values, part.negated);
      if (truth == Truth::UNKNOWN) continue;
      // of two that imply or exclude one another the later one is told of
      const Truth back = signed_truth(facts[self], facts[i].values, facts[i].negated);
      if (back == truth && i > self) continue;
      return tell(part, facts[i], truth, top);
    }
  }

  void judge(Signed part, const std::vector<Fact>& facts, bool top) {
    const auto values = ValueSet::of(*part.expr);
    if (!values) return;
    for (const Fact& fact : facts) {
      const Truth truth = signed_truth(fact, *values, part.negated);
      if (truth != Truth::UNKNOWN) return tell(part, fact, truth, top);
    }
  }

  void disjunction(const std::vector<Signed>& parts, std::vector<Fact>& facts) {
    std::vector<Fact> seen;
    for (const Signed& part : parts) {
      const auto fact = fact_of(part);
      if (!fact) {
        look_at(part, facts, false);
        continue;
      }
      const size_t before = told_.size();
      judge(part, facts, false);
      if (told_.size() == before) compare_alternative(part, *fact, seen);
      seen.push_back(*fact);
    }
  }

  void compare_alternative(Signed part, const Fact& fact, const std::vector<Fact>& seen) {
    for (const Fact& other : seen) {
      if (other.values.field() != fact.values.field()) continue;
      if (!other.negated && !fact.negated && fact.values.completes(other.values)) {
        if (!is_new(part.expr->span)) return;
        relate(context_.add(Code::LINT_ALWAYS_TRUE, condition_.owner, part.expr->span,
                            fmt::format("one of {} and {} holds for every value of {}",
                                        quoted(context_, *other.check),
                                        quoted(context_, *part.expr), fact.values.field()),
                            "to exclude both values join the checks with `and`"),
               other);
        return;
      }
      const bool narrower =
          other.negated == fact.negated && (fact.negated ? other.values.is_within(fact.values)
                                                         : fact.values.is_within(other.values));
      const bool wider =
          other.negated == fact.negated && (fact.negated ? fact.values.is_within(other.values)
                                                         : other.values.is_within(fact.values));
      if (!narrower && !wider) continue;
      const ast::Expr& needless = narrower ? *fact.check : *other.check;
      const Fact& by = narrower ? other : fact;
      if (!Context::is_own(condition_, needless.span) || !is_new(needless.span)) return;
      relate(context_.add(Code::LINT_ALTERNATIVE_NEEDLESS, condition_.owner, needless.span,
                          fmt::format("wherever {} holds, {} does too", quoted(context_, needless),
                                      quoted(context_, *by.check)),
                          "one of the two can go"),
             by);
      return;
    }
  }

  static Truth signed_truth(const Fact& fact, const ValueSet& values, bool negated) {
    const Truth truth = truth_under(fact, values);
    if (!negated || truth == Truth::UNKNOWN) return truth;
    return truth == Truth::ALWAYS ? Truth::NEVER : Truth::ALWAYS;
  }

  void tell(Signed part, const Fact& fact, Truth truth, bool top) {
    const bool own = Context::is_own(condition_, part.expr->span);
    const bool related_own = Context::is_own(condition_, fact.check->span);
    if (truth == Truth::ALWAYS && !own) return;  // a macro says it for others too
    if (!own && !related_own) return;            // told of where the macro is written
    if (!is_new(part.expr->span)) return;
    const std::string what = (part.negated ? "not " : "") + quoted(context_, *part.expr);
    if (truth == Truth::ALWAYS) {
      relate(context_.add(Code::LINT_CHECK_NEEDLESS, condition_.owner, part.expr->span,
                          fmt::format("{} always holds here: {} says so already", what, says(fact)),
                          "the check can go"),
             fact);
    } else if (top) {
      const std::string_view kind = condition_.rule != nullptr ? "rule" : "macro";
      if (!own) return tell_of_never(kind, what, fact, part.expr->span);
      relate(context_.add(Code::LINT_NEVER, condition_.owner, part.expr->span,
                          fmt::format("the {} can never match: {} and {} exclude one another", kind,
                                      what, says(fact)),
                          "join them with `or`, or remove one"),
             fact);
    } else {
      relate(context_.add(Code::LINT_DEAD_BRANCH, condition_.owner, part.expr->span,
                          fmt::format("{} can never hold here: {} excludes it", what, says(fact)),
                          "remove what depends on it, or mend one of the two"),
             fact);
    }
  }

  /// The place of the condition's own check comes first, that of the macro explains.
  void tell_of_never(std::string_view kind, const std::string& what, const Fact& fact, Span where) {
    Finding& finding =
        context_.add(Code::LINT_NEVER, condition_.owner, fact.check->span,
                     fmt::format("the {} can never match: {} and {} exclude one another", kind,
                                 says(fact), what),
                     "join them with `or`, or remove one");
    finding.diagnostic.related.push_back({where, "excluded here"});
  }

  bool is_new(Span span) {
    return told_.emplace(static_cast<uint32_t>(span.file), span.begin, span.end).second;
  }

  static constexpr size_t kNone = ~size_t{0};
  Context& context_;
  const Condition& condition_;
  std::set<std::tuple<uint32_t, uint32_t, uint32_t>> told_;
};

}  // namespace

void find_contradictions(Context& context) {
  for (const Condition& condition : context.conditions()) {
    Search search(context, condition);
    search.condition();
    if (condition.rule != nullptr) search.exceptions();
  }
}

}  // namespace falcoc::lint
