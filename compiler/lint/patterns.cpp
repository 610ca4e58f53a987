#include "compiler/lint/patterns.h"

#include "compiler/ir/text_match.h"

namespace falcoc::lint {

using ir::Operator;

namespace {

/// A path of pmatch that says itself where it begins, component by component.
bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && path.find_first_of("*?[\\") == std::string_view::npos &&
         path.find("//") == std::string_view::npos;
}

}  // namespace

bool path_includes(const std::string& wide, const std::string& narrow) {
  return is_plain_path(narrow) && is_plain_path(wide) && ir::path_has_prefix(narrow, wide);
}

bool matches(const Pattern& pattern, const std::string& text) {
  const std::string& literal = pattern.literal;
  switch (pattern.op) {
    case Operator::EQ:
      return text == literal;
    case Operator::CONTAINS:
      return text.find(literal) != std::string::npos;
    case Operator::ICONTAINS:
      return ir::contains_ignoring_case(text, literal);
    case Operator::STARTSWITH:
      return text.starts_with(literal);
    case Operator::ENDSWITH:
      return text.ends_with(literal);
    case Operator::GLOB:
      return ir::glob_match(literal, text, false);
    case Operator::IGLOB:
      return ir::glob_match(literal, text, true);
    case Operator::PMATCH:
      return ir::path_has_prefix(text, literal);
    default: {
      const auto compiled = ir::compile_regex(literal);
      return compiled && compiled->matches(text);
    }
  }
}

bool covers(const Pattern& wide, const Pattern& narrow) {
  if (wide == narrow) return true;
  if (narrow.op == Operator::EQ) return matches(wide, narrow.literal);
  const bool has_part = narrow.op == Operator::STARTSWITH || narrow.op == Operator::ENDSWITH ||
                        narrow.op == Operator::CONTAINS;
  if (has_part && (wide.op == Operator::CONTAINS || wide.op == Operator::ICONTAINS)) {
    return matches(wide, narrow.literal);
  }
  if (narrow.op == Operator::STARTSWITH && wide.op == Operator::PMATCH) {
    // What the text begins with is whole components up to its last slash.
    const size_t components = narrow.literal.rfind('/') + 1;
    return ir::path_has_prefix(narrow.literal.substr(0, components), wide.literal);
  }
  if (narrow.op != wide.op) return false;
  switch (wide.op) {
    case Operator::STARTSWITH:
      return narrow.literal.starts_with(wide.literal);
    case Operator::ENDSWITH:
      return narrow.literal.ends_with(wide.literal);
    case Operator::ICONTAINS:
      return ir::contains_ignoring_case(narrow.literal, wide.literal);
    case Operator::PMATCH:
      return path_includes(wide.literal, narrow.literal);
    default:
      return false;
  }
}

bool apart(const Pattern& a, const Pattern& b) {
  if (a.op == Operator::EQ) return !matches(b, a.literal);
  if (b.op == Operator::EQ) return !matches(a, b.literal);
  if (a.op != b.op) return false;
  if (a.op == Operator::STARTSWITH) {
    return !a.literal.starts_with(b.literal) && !b.literal.starts_with(a.literal);
  }
  return a.op == Operator::ENDSWITH && !a.literal.ends_with(b.literal) &&
         !b.literal.ends_with(a.literal);
}

}  // namespace falcoc::lint
