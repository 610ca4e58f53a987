// Comparisons of texts that the kernel reads: each operator as tests of the text, exact where the
// text shows as passed, else over-approximated.
#include <algorithm>

#include "compiler/ir/evaluate.h"
#include "compiler/ir/split/atom_bounds.h"
#include "compiler/ir/text_match.h"

namespace falcoc::ir::split {
namespace {

constexpr uint8_t kAllStates = kTextUnreadable | kTextLong | kTextReadable;

/// A component that is empty, `.` or `..`: a normal path has none.
bool has_odd_component(std::string_view text) {
  return text.contains("//") || text.contains("/./") || text.contains("/../");
}

bool has_wildcard(std::string_view component) {
  return component.find_first_of("?*[\\") != std::string_view::npos;
}

class TextPass {
 public:
  /// `folded`: in small letters, whatever the text has.
  TextPass(const TextValue& value, bool folded, GuardBuilder& guards)
      : value_(value), folded_(folded), guards_(guards) {}

  /// While the field is the text as passed.
  Bounds plain(Operator op, std::span<const Literal> literals) {
    if (op == Operator::EXISTS) return always(true);
    if (op == Operator::NE) {
      const Bounds equal = any(Operator::EQ, literals.first(std::min<size_t>(1, literals.size())));
      return {equal.may_be_false, equal.may_be_true};
    }
    const bool is_set = op == Operator::IN || op == Operator::INTERSECTS || op == Operator::PMATCH;
    return any(op, is_set ? literals : literals.first(std::min<size_t>(1, literals.size())));
  }

 private:
  static Bounds always(bool holds) {
    return holds ? Bounds{KernelPlan::kTrue, KernelPlan::kFalse}
                 : Bounds{KernelPlan::kFalse, KernelPlan::kTrue};
  }
  Bounds exact(GuardId holds) { return {holds, guards_.negate(holds)}; }
  static Bounds at_most(GuardId may_be_true) { return {may_be_true, KernelPlan::kTrue}; }

  /// A set as one test: members one by one would be united in quadratic time.
  Bounds member(std::span<const Literal> literals) {
    std::vector<std::string> texts;
    for (const Literal& literal : literals) {
      if (literal.bytes.size() <= kMaxTextBytes) texts.push_back(literal.bytes);
    }
    std::ranges::sort(texts);
    texts.erase(std::ranges::unique(texts).begin(), texts.end());
    return exact(guards_.test({.kind = KernelTest::Kind::TEXT,
                               .text = value_.text,
                               .part = value_.part,
                               .folded = folded_,
                               .literals = std::move(texts)}));
  }

  Bounds any(Operator op, std::span<const Literal> literals) {
    const bool is_membership =
        op == Operator::EQ || op == Operator::IN || op == Operator::INTERSECTS;
    if (is_membership && value_.part != TextPart::FILENAME) return member(literals);
    std::vector<GuardId> may_be_true, may_be_false;
    for (const Literal& literal : literals) {
      const Bounds bounds = one(op, literal.bytes);
      may_be_true.push_back(bounds.may_be_true);
      may_be_false.push_back(bounds.may_be_false);
    }
    return {guards_.any_of(std::move(may_be_true)), guards_.all_of(std::move(may_be_false))};
  }

  GuardId test(TextMatch match, std::string literal, TextPart part = TextPart::WHOLE) {
    if (literal.size() > kMaxTextBytes) return KernelPlan::kFalse;
    return guards_.test({.kind = KernelTest::Kind::TEXT,
                         .text = value_.text,
                         .part = part,
                         .match = match,
                         .folded = folded_,
                         .literals = {std::move(literal)}});
  }

  Bounds one(Operator op, const std::string& literal) {
    switch (op) {
      case Operator::EQ:
      case Operator::IN:
      case Operator::INTERSECTS:
        return equal(literal);
      case Operator::STARTSWITH:
        return prefix(literal);
      case Operator::ENDSWITH:
        return suffix(literal);
      case Operator::CONTAINS:
      case Operator::ICONTAINS:
        return contains(literal);
      case Operator::GLOB:
      case Operator::IGLOB:
        return glob(literal);
      case Operator::PMATCH:
        return pmatch(literal);
      default:
        return {};
    }
  }

  Bounds equal(const std::string& literal) {
    switch (value_.part) {
      case TextPart::WHOLE:
        return exact(test(TextMatch::EQUAL, literal));
      case TextPart::DIRECTORY:
        return exact(test(TextMatch::EQUAL, literal, TextPart::DIRECTORY));
      case TextPart::FILENAME:  // of an absolute path
        if (literal.contains('/')) return always(false);
        return exact(test(TextMatch::SUFFIX, "/" + literal));
    }
    return {};
  }

  Bounds prefix(const std::string& literal) {
    if (literal.empty()) return always(true);
    switch (value_.part) {
      case TextPart::WHOLE:
        return exact(test(TextMatch::PREFIX, literal));
      case TextPart::DIRECTORY:
        return exact(test(TextMatch::PREFIX, literal, TextPart::DIRECTORY));
      case TextPart::FILENAME:
        if (literal.contains('/')) return always(false);
        return at_most(test(TextMatch::CONTAINS, "/" + literal));
    }
    return {};
  }

  Bounds suffix(const std::string& literal) {
    if (literal.empty()) return always(true);
    switch (value_.part) {
      case TextPart::WHOLE:
        return exact(test(TextMatch::SUFFIX, literal));
      case TextPart::DIRECTORY:
        return literal == "/" ? Bounds{} : at_most(test(TextMatch::CONTAINS, literal + "/"));
      case TextPart::FILENAME:
        return literal.contains('/') ? always(false) : exact(test(TextMatch::SUFFIX, literal));
    }
    return {};
  }

  Bounds contains(const std::string& literal) {
    if (literal.empty()) return always(true);
    if (value_.part == TextPart::FILENAME && literal.contains('/')) return always(false);
    GuardId found = test(TextMatch::CONTAINS, literal);
    if (has_odd_component(literal)) {
      found = guards_.all_of({guards_.text_state(value_.text, kTextRelative | kTextOdd), found});
    }
    return value_.part == TextPart::WHOLE ? exact(found) : at_most(found);
  }

  /// Without brackets and quoting: literals between stars.
  Bounds glob(const std::string& pattern) {
    if (value_.part != TextPart::WHOLE) return {};
    if (pattern.find_first_of("?[\\") != std::string::npos) {
      const std::string head = pattern.substr(0, pattern.find_first_of("?[\\*"));
      return at_most(prefix(head).may_be_true);
    }
    const size_t first_star = pattern.find('*');
    if (first_star == std::string::npos) return equal(pattern);
    const size_t last_star = pattern.rfind('*');
    const std::string head = pattern.substr(0, first_star);
    const std::string tail = pattern.substr(last_star + 1);
    std::vector<GuardId> all = {prefix(head).may_be_true, suffix(tail).may_be_true};
    for (size_t begin = first_star; begin < last_star;) {
      const size_t end = pattern.find('*', begin + 1);
      all.push_back(contains(pattern.substr(begin + 1, end - begin - 1)).may_be_true);
      begin = end;
    }
    // `a*` and `*a` are exact; else the pieces might overlap or stand in another order
    const GuardId holds = guards_.all_of(std::move(all));
    const bool one_piece =
        (head.empty() || tail.empty()) &&
        pattern.find_first_not_of('*', first_star) >= last_star + (tail.empty() ? 0 : 1);
    return one_piece ? exact(holds) : at_most(holds);
  }

  /// The components of the literal are the first of the path. Only of normal paths do components
  /// follow from the bytes.
  Bounds pmatch(const std::string& literal) {
    if (value_.part != TextPart::WHOLE) return {};
    std::string lead;
    bool is_exact = true;
    for (size_t begin = 0; begin < literal.size() && is_exact;) {
      const size_t end = std::min(literal.find('/', begin), literal.size());
      const std::string component = literal.substr(begin, end - begin);
      begin = end + 1;
      if (component.empty()) continue;
      is_exact = !has_wildcard(component);
      if (is_exact) lead += "/" + component;
    }
    if (lead.empty()) return is_exact ? always(true) : Bounds{};
    const GuardId normal = guards_.text_state(value_.text, kTextNormal);
    const GuardId below = test(TextMatch::PREFIX, lead + "/");
    const GuardId holds = is_exact ? guards_.any_of({below, test(TextMatch::EQUAL, lead)}) : below;
    const GuardId may_be_true = guards_.any_of({guards_.negate(normal), holds});
    if (!is_exact) return at_most(may_be_true);
    return {may_be_true, guards_.any_of({guards_.negate(normal), guards_.negate(holds)})};
  }

  const TextValue& value_;
  bool folded_;
  GuardBuilder& guards_;
};

bool ignores_case(Operator op) { return op == Operator::ICONTAINS || op == Operator::IGLOB; }

std::vector<Literal> in_small_letters(std::span<const Literal> literals) {
  std::vector<Literal> result(literals.begin(), literals.end());
  for (Literal& literal : result) {
    std::ranges::transform(literal.bytes, literal.bytes.begin(), to_lower_ascii);
  }
  return result;
}

/// The plain check of a constant text, as TextPass has it of the kernel's.
bool holds_for(const Node& atom, std::string_view text, std::span<const Literal> literals) {
  if (atom.op == Operator::EXISTS) return true;
  const bool is_set =
      atom.op == Operator::IN || atom.op == Operator::INTERSECTS || atom.op == Operator::PMATCH;
  const auto one = [&](const Literal& literal) {
    Value value;
    value.set_text(text);
    return compare_scalar(ParamType::CHARBUF, atom.op, value, literal);
  };
  if (is_set) return std::ranges::any_of(literals, one);
  return !literals.empty() && one(literals.front());
}

}  // namespace

Bounds bounds_of_text(const Node& atom, const TextValue& value, std::span<const Literal> literals,
                      GuardBuilder& guards) {
  // only of the text as a whole is there a copy in small letters
  const bool folded = value.folded || ignores_case(atom.op);
  std::vector<Literal> small;
  if (ignores_case(atom.op)) small = in_small_letters(literals);
  const Bounds plain = folded && value.part == TextPart::DIRECTORY
                           ? Bounds{}
                           : TextPass(value, folded, guards)
                                 .plain(atom.op, ignores_case(atom.op) ? small : literals);
  const GuardId shown = guards.text_state(value.text, value.exact_states);
  const GuardId unreadable = guards.text_state(value.text, kTextUnreadable);
  const GuardId joined = guards.text_state(
      value.text, static_cast<uint8_t>(kAllStates & ~value.exact_states & ~kTextUnreadable));
  const GuardId empty = value.empty_is_absent
                            ? guards.all_of({guards.text_state(value.text, kTextRelative),
                                             guards.test({.kind = KernelTest::Kind::TEXT,
                                                          .text = value.text,
                                                          .literals = {std::string()}})})
                            : KernelPlan::kFalse;
  const bool placeholder_holds =
      value.unreadable.has_value() && holds_for(atom, *value.unreadable, literals);
  const GuardId filled = guards.all_of({shown, guards.negate(empty)});
  return {guards.any_of({joined, guards.all_of({filled, plain.may_be_true}),
                         placeholder_holds ? unreadable : KernelPlan::kFalse}),
          guards.any_of({joined, guards.all_of({shown, plain.may_be_false}), empty,
                         placeholder_holds ? KernelPlan::kFalse : unreadable})};
}

}  // namespace falcoc::ir::split
