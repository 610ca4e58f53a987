#include "compiler/format/same_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/format/condition_layout.h"
#include "compiler/format/conditions.h"
#include "compiler/ir/parse.h"
#include "compiler/rules/ruleset.h"
#include "compiler/rules/yaml.h"

namespace falcoc::format {

namespace {

using rules::YamlNode;

bool same(const ast::Operand& a, const ast::Operand& b) {
  return a.kind == b.kind && a.name == b.name && a.argument == b.argument &&
         a.transformer == b.transformer &&
         std::ranges::equal(a.arguments, b.arguments,
                            [](const auto& x, const auto& y) { return same(x, y); });
}

bool same(const ast::Literals& a, const ast::Literals& b) {
  return a.parenthesised == b.parenthesised &&
         std::ranges::equal(a.items, b.items, [](const auto& x, const auto& y) {
           return x.text == y.text && x.quoted == y.quoted;
         });
}

bool same(const ast::Expr& a, const ast::Expr& b) {
  if (a.kind != b.kind || a.identifier != b.identifier || a.op != b.op ||
      a.modifier != b.modifier || a.right_operand.has_value() != b.right_operand.has_value()) {
    return false;
  }
  return same(a.left, b.left) && same(a.right, b.right) &&
         (!a.right_operand || same(*a.right_operand, *b.right_operand)) &&
         std::ranges::equal(a.children, b.children,
                            [](const auto& x, const auto& y) { return same(x, y); });
}

/// Texts that do not parse are the same if they are equal.
bool same_condition(const std::string& before, const std::string& after) {
  if (before == after) return true;
  const MappedText a(before, Span{});
  const MappedText b(after, Span{});
  const auto x = ir::parse_condition(a);
  const auto y = ir::parse_condition(b);
  return x && y && same(*x, *y);
}

/// The same for what is appended to a condition.
bool same_rest(const std::string& before, const std::string& after) {
  return same_condition(before, after) || same_condition("a " + before, "a " + after);
}

/// Walks two trees of a file side by side.
class TreeComparison {
 public:
  bool same_items(const YamlNode& a, const YamlNode& b) {
    return a.kind == b.kind && a.kind == YamlNode::Kind::SEQUENCE
               ? std::ranges::equal(
                     a.items, b.items,
                     [this](const auto* x, const auto* y) { return same_item(*x, *y); })
               : same_node(a, b, nullptr);
  }

 private:
  bool same_item(const YamlNode& a, const YamlNode& b) {
    const YamlNode* condition = condition_of(a);
    if (condition == nullptr) return same_node(a, b, nullptr);
    const YamlNode* other = condition_of(b);
    if (other == nullptr) return false;
    const bool equal = appends(a) ? same_rest(condition->text.text(), other->text.text())
                                  : same_condition(condition->text.text(), other->text.text());
    return equal && same_node(a, b, condition);
  }

  /// The value `left_out` of map `a` was compared already.
  bool same_node(const YamlNode& a, const YamlNode& b, const YamlNode* left_out) {
    if (a.kind != b.kind || a.text.text() != b.text.text()) return false;
    return std::ranges::equal(
               a.items, b.items,
               [this](const auto* x, const auto* y) { return same_node(*x, *y, nullptr); }) &&
           std::ranges::equal(a.entries, b.entries, [&](const auto& x, const auto& y) {
             return same_node(*x.first, *y.first, nullptr) &&
                    ((x.second == left_out && x.first->text.text() == "condition") ||
                     same_node(*x.second, *y.second, nullptr));
           });
  }
};

std::optional<std::string> tree_difference(const rules::YamlStream& a, const rules::YamlStream& b) {
  if (a.documents.size() != b.documents.size()) return "the number of documents";
  for (size_t i = 0; i < a.documents.size(); ++i) {
    if (!TreeComparison().same_items(*a.documents[i], *b.documents[i])) return "a value";
  }
  return std::nullopt;
}

/// Conditions as they are after all that the file appends to them.
template <typename Items>
std::optional<std::string> joined_difference(const Items& a, const Items& b, const char* kind) {
  if (a.size() != b.size()) return fmt::format("the number of {}s", kind);
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].name.str() != b[i].name.str()) return fmt::format("the name of a {}", kind);
    if (!same_rest(a[i].condition.text(), b[i].condition.text())) {
      return fmt::format("the condition of {} '{}'", kind, a[i].name.str());
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const SourceMap& sources, FileId before, FileId after) {
  const auto a = rules::read_yaml(before, sources.file(before));
  const auto b = rules::read_yaml(after, sources.file(after));
  if (!a || !b) return "what is read at all";
  if (auto found = tree_difference(*a, *b)) return found;
  rules::RuleSet rules_before;
  rules::RuleSet rules_after;
  Diagnostics ignored;
  rules::load_rules(before, sources, rules_before, ignored);
  rules::load_rules(after, sources, rules_after, ignored);
  if (auto found = joined_difference(rules_before.macros, rules_after.macros, "macro")) {
    return found;
  }
  return joined_difference(rules_before.rules, rules_after.rules, "rule");
}

}  // namespace falcoc::format
