#include "compiler/diff/questions.h"

#include "compiler/ir/evaluate.h"
#include "compiler/ir/literals.h"
#include "compiler/ir/text_match.h"
#include "compiler/lint/patterns.h"

namespace falcoc::diff {

using ir::Operator;
using ir::TypeGroup;

namespace {

bool is_bytes(TypeGroup group) { return group == TypeGroup::TEXT || group == TypeGroup::BUFFER; }

lint::Pattern pattern_of(const Question& question) { return {question.op, question.literal.bytes}; }

/// Before: glob *a, *a*, a*, a.  After: endswith a, contains a, startswith a, = a.
/// For literals without any other character that is special in globs.
void simplify_glob(Question& question) {
  std::string text = question.literal.bytes;
  const size_t begin = std::min(text.find_first_not_of('*'), text.size());
  const bool front = begin > 0;
  text.erase(0, begin);
  const size_t end = text.find_last_not_of('*') + 1;
  const bool back = end < text.size();
  text.erase(end);
  if (text.find_first_of("*?[\\") != std::string::npos) return;
  if (question.op == Operator::IGLOB) {
    if (!front || (!back && !text.empty())) return;
    question.op = Operator::ICONTAINS;
  } else {
    question.op = front && back ? Operator::CONTAINS
                  : front       ? Operator::ENDSWITH
                  : back        ? Operator::STARTSWITH
                                : Operator::EQ;
  }
  question.literal.bytes = std::move(text);
}

/// Networks: `narrow` lies in `wide`.
bool lies_in(ParamType type, const ir::Literal& narrow, const ir::Literal& wide) {
  return narrow.prefix_bits >= wide.prefix_bits &&
         ir::compare_scalar(type, Operator::EQ, value_of(narrow, type), wide);
}

}  // namespace

Value value_of(const ir::Literal& literal, ParamType type) {
  Value value;
  const TypeGroup group = ir::type_traits(type).group;
  if (is_bytes(group) || group == TypeGroup::ADDRESS) {
    value.set_text(literal.bytes);
  } else {
    value.u64 = literal.number;
  }
  return value;
}

void simplify(ParamType type, Question& question) {
  switch (question.op) {
    case Operator::IN:
    case Operator::INTERSECTS:
      question.op = Operator::EQ;
      break;
    case Operator::BCONTAINS:  // its literal is in binary form already
      question.op = Operator::CONTAINS;
      break;
    case Operator::BSTARTSWITH:
      question.op = Operator::STARTSWITH;
      break;
    case Operator::GLOB:
    case Operator::IGLOB:
      if (ir::type_traits(type).group == TypeGroup::TEXT) simplify_glob(question);
      break;
    default:
      break;
  }
}

bool holds_always(ParamType type, const Question& question) {
  if (!is_bytes(ir::type_traits(type).group)) return false;
  switch (question.op) {
    case Operator::CONTAINS:
    case Operator::ICONTAINS:
    case Operator::STARTSWITH:
    case Operator::ENDSWITH:
      return question.literal.bytes.empty();
    case Operator::PMATCH:
      return ir::path_has_prefix("", question.literal.bytes);
    default:
      return false;
  }
}

bool is_point(ParamType type, const Question& question) {
  return question.op == Operator::EQ && !ir::type_traits(type).is_network;
}

bool answers(ParamType type, const Question& question, const ir::Literal& value) {
  return ir::compare_scalar(type, question.op, value_of(value, type), question.literal);
}

bool includes(ParamType type, const Question& wide, const Question& narrow) {
  if (wide.same_as(narrow)) return true;
  if (is_point(type, narrow)) return answers(type, wide, narrow.literal);
  if (wide.op == Operator::NE) {
    return narrow.op != Operator::NE &&
           excludes(type, narrow, {.op = Operator::EQ, .literal = wide.literal});
  }
  const ir::TypeTraits traits = ir::type_traits(type);
  if (traits.is_network) {
    return wide.op == Operator::EQ && narrow.op == Operator::EQ &&
           lies_in(type, narrow.literal, wide.literal);
  }
  return is_bytes(traits.group) && narrow.op != Operator::NE &&
         lint::covers(pattern_of(wide), pattern_of(narrow));
}

bool excludes(ParamType type, const Question& a, const Question& b) {
  if (is_point(type, a)) return !answers(type, b, a.literal);
  if (is_point(type, b)) return !answers(type, a, b.literal);
  if (a.op == Operator::NE || b.op == Operator::NE) return false;
  const ir::TypeTraits traits = ir::type_traits(type);
  if (traits.is_network) {
    return a.op == Operator::EQ && b.op == Operator::EQ && !lies_in(type, a.literal, b.literal) &&
           !lies_in(type, b.literal, a.literal);
  }
  return is_bytes(traits.group) && lint::apart(pattern_of(a), pattern_of(b));
}

}  // namespace falcoc::diff
