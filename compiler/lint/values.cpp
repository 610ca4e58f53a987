#include "compiler/lint/values.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/field_ref.h"

namespace falcoc::lint {

using ir::Operator;

namespace {

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

/// More patterns than this are not compared in pairs.
constexpr size_t kMostPatterns = 2000;

bool is_text(ParamType type) {
  return type == ParamType::CHARBUF || type == ParamType::FSPATH || type == ParamType::FSRELPATH;
}

bool is_number(ParamType type) {
  using enum ParamType;
  switch (type) {
    case INT8:
    case INT16:
    case INT32:
    case INT64:
    case UINT8:
    case UINT16:
    case UINT32:
    case UINT64:
    case ERRNO:
    case FD:
    case PID:
    case PORT:
    case UID:
    case GID:
      return true;
    default:
      return false;
  }
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

const std::vector<ast::Literal>& literals_of(const ast::Expr& check) {
  return check.right.expanded ? *check.right.expanded : check.right.items;
}

std::optional<ValueSet> ValueSet::of(const ast::Expr& check) {
  if (check.left.kind != ast::Operand::Kind::FIELD || check.right_operand) return std::nullopt;
  if (check.modifier != ir::Modifier::NONE) return std::nullopt;
  if (check.op != Operator::EXISTS && literals_of(check).empty()) return std::nullopt;
  const auto ref = ir::resolve_field(check.left, ir::FieldPlace::CONDITION);
  if (!ref) return std::nullopt;
  const FieldInfo& info = field_info(ref->id);
  if (info.shape != Shape::SCALAR) return std::nullopt;
  ValueSet set;
  set.field_ = ir::field_text(check.left);
  if (check.op == Operator::EXISTS) {
    if (is_number(info.type)) {
      set.values_ = Numbers{{kLowest, kHighest}};
    } else {
      set.values_ = Texts{.patterns = {}, .complement = true};
    }
    return set;
  }
  if (is_text(info.type)) {
    auto texts = texts_of(check);
    if (!texts) return std::nullopt;
    set.values_ = std::move(*texts);
    return set;
  }
  if (is_number(info.type)) {
    auto numbers = numbers_of(check);
    if (!numbers) return std::nullopt;
    set.values_ = std::move(*numbers);
    return set;
  }
  return std::nullopt;
}

std::optional<ValueSet::Texts> ValueSet::texts_of(const ast::Expr& check) {
  const std::vector<ast::Literal>& literals = literals_of(check);
  if (literals.size() > kMostPatterns) return std::nullopt;
  Texts texts;
  Operator op = check.op;
  switch (check.op) {
    case Operator::NE:
      texts.complement = true;
      [[fallthrough]];
    case Operator::EQ:
    case Operator::IN:
      op = Operator::EQ;
      break;
    case Operator::CONTAINS:
    case Operator::ICONTAINS:
    case Operator::STARTSWITH:
    case Operator::ENDSWITH:
    case Operator::GLOB:
    case Operator::IGLOB:
    case Operator::REGEX:
    case Operator::PMATCH:
      break;
    default:
      return std::nullopt;
  }
  for (const ast::Literal& literal : literals) texts.patterns.push_back({op, literal.text});
  return texts;
}

std::optional<ValueSet::Numbers> ValueSet::numbers_of(const ast::Expr& check) {
  Numbers numbers;
  for (const ast::Literal& literal : literals_of(check)) {
    const auto value = number(literal.text);
    if (!value || *value == kLowest || *value == kHighest) return std::nullopt;
    switch (check.op) {
      case Operator::EQ:
      case Operator::IN:
        numbers.push_back({*value, *value});
        break;
      case Operator::NE:
        numbers.insert(numbers.end(), {{kLowest, *value - 1}, {*value + 1, kHighest}});
        break;
      case Operator::LT:
        numbers.push_back({kLowest, *value - 1});
        break;
      case Operator::LE:
        numbers.push_back({kLowest, *value});
        break;
      case Operator::GT:
        numbers.push_back({*value + 1, kHighest});
        break;
      case Operator::GE:
        numbers.push_back({*value, kHighest});
        break;
      default:
        return std::nullopt;
    }
  }
  std::ranges::sort(numbers, {}, &Range::first);
  Numbers merged;
  for (const Range& range : numbers) {
    if (!merged.empty() &&
        (merged.back().last == kHighest || range.first <= merged.back().last + 1)) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

/// Every text of the patterns of `narrow` is one of the patterns of `wide`.
bool ValueSet::covered(const Texts& narrow, const Texts& wide) {
  return std::ranges::all_of(narrow.patterns, [&](const Pattern& one) {
    return std::ranges::any_of(wide.patterns,
                               [&](const Pattern& other) { return covers(other, one); });
  });
}

bool ValueSet::is_within(const ValueSet& other) const {
  if (values_.index() != other.values_.index()) return false;
  if (const auto* texts = std::get_if<Texts>(&values_)) {
    const Texts& wide = std::get<Texts>(other.values_);
    if (!texts->complement && !wide.complement) return covered(*texts, wide);
    if (texts->complement) return wide.complement && covered(wide, *texts);
    return std::ranges::all_of(texts->patterns, [&](const Pattern& one) {
      return std::ranges::all_of(wide.patterns,
                                 [&](const Pattern& out) { return apart(one, out); });
    });
  }
  const Numbers& wide = std::get<Numbers>(other.values_);
  return std::ranges::all_of(std::get<Numbers>(values_), [&](const Range& range) {
    return std::ranges::any_of(
        wide, [&](const Range& in) { return in.first <= range.first && range.last <= in.last; });
  });
}

bool ValueSet::is_apart_from(const ValueSet& other) const {
  if (values_.index() != other.values_.index()) return false;
  if (const auto* texts = std::get_if<Texts>(&values_)) {
    const Texts& others = std::get<Texts>(other.values_);
    if (texts->complement && others.complement) return false;
    if (texts->complement) return covered(others, *texts);
    if (others.complement) return covered(*texts, others);
    return std::ranges::all_of(texts->patterns, [&](const Pattern& one) {
      return std::ranges::all_of(others.patterns,
                                 [&](const Pattern& two) { return apart(one, two); });
    });
  }
  return std::ranges::all_of(std::get<Numbers>(values_), [&](const Range& range) {
    return std::ranges::all_of(std::get<Numbers>(other.values_), [&](const Range& out) {
      return out.last < range.first || range.last < out.first;
    });
  });
}

bool ValueSet::completes(const ValueSet& other) const {
  if (values_.index() != other.values_.index()) return false;
  if (const auto* texts = std::get_if<Texts>(&values_)) {
    const Texts& others = std::get<Texts>(other.values_);
    const auto completed_by = [](const Texts& complement, const Texts& set) {
      return complement.complement && !set.complement && covered(complement, set);
    };
    if (completed_by(*texts, others) || completed_by(others, *texts)) return true;
    // what neither of two complements holds
    return texts->complement && others.complement &&
           std::ranges::all_of(texts->patterns, [&](const Pattern& one) {
             return std::ranges::all_of(others.patterns,
                                        [&](const Pattern& two) { return apart(one, two); });
           });
  }
  Numbers all = std::get<Numbers>(values_);
  const Numbers& others = std::get<Numbers>(other.values_);
  all.insert(all.end(), others.begin(), others.end());
  std::ranges::sort(all, {}, &Range::first);
  int64_t reached = kLowest;
  for (const Range& range : all) {
    if (range.first > reached) return false;
    if (range.last == kHighest) return true;
    reached = std::max(reached, range.last + 1);
  }
  return false;
}

}  // namespace falcoc::lint
