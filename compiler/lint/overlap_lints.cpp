// Rules, macros and lists that say what others say.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/lint/context.h"

namespace falcoc::lint {

namespace {

void relate(Finding& finding, Span span, std::string text) {
  finding.diagnostic.related.push_back({span, std::move(text)});
}

/// The checks that all have to hold.
std::set<uint32_t> conjuncts(const ir::Program& program, ir::NodeId condition) {
  const ir::Node& node = program.node(condition);
  std::set<uint32_t> ids;
  if (node.kind != ir::Node::Kind::AND) return {static_cast<uint32_t>(condition)};
  for (const ir::NodeId child : node.children) ids.insert(static_cast<uint32_t>(child));
  return ids;
}

/// Equal nodes are one node, so comparing conditions is comparing numbers.
void find_equal_rules(Context& context) {
  struct Seen {
    const Condition* rule;
    std::set<uint32_t> parts;
  };
  std::vector<Seen> seen;
  for (const Condition* rule : context.rules()) {
    if (!rule->compiled->enabled) continue;
    std::set<uint32_t> parts = conjuncts(context.input().program, rule->compiled->condition);
    for (const Seen& earlier : seen) {
      if (!std::ranges::includes(parts, earlier.parts)) continue;
      if (parts == earlier.parts) {
        relate(context.add(Code::LINT_RULE_DUPLICATE, rule->owner, rule->rule->name.span,
                           fmt::format("rule `{}` has the condition of `{}`", rule->owner,
                                       earlier.rule->owner),
                           "remove one, or make them different"),
               earlier.rule->rule->name.span, "the same condition");
      } else {
        relate(
            context.add(
                Code::LINT_RULE_SHADOWED, rule->owner, rule->rule->name.span,
                fmt::format(
                    "wherever `{}` matches, `{}` has matched before it, and only the first alerts",
                    rule->owner, earlier.rule->owner),
                "put the more precise rule first, or set `rule_matching: all`"),
            earlier.rule->rule->name.span, "it asks for less");
      }
      break;
    }
    seen.push_back({rule, std::move(parts)});
  }
}

void find_equal_words(Context& context) {
  std::map<std::string, Span> macros;
  for (const Condition& condition : context.conditions()) {
    if (condition.macro == nullptr || condition.text->text().size() < 20) continue;
    const auto [known, is_new] = macros.emplace(condition.text->text(), condition.macro->name.span);
    if (is_new) continue;
    relate(context.add(Code::LINT_WORD_DUPLICATE, condition.owner, condition.macro->name.span,
                       fmt::format("the macro `{}` says what another one says", condition.owner),
                       "use one of the two"),
           known->second, "the same condition");
  }
  std::map<std::set<std::string>, Span> lists;
  for (const rules::List& list : context.input().rules.lists) {
    std::set<std::string> items;
    for (const rules::Text& item : list.items) items.insert(item.str());
    if (items.size() < 3) continue;
    const auto [known, is_new] = lists.emplace(std::move(items), list.name.span);
    if (is_new) continue;
    relate(context.add(Code::LINT_WORD_DUPLICATE, list.name.str(), list.name.span,
                       fmt::format("the list `{}` has the items of another one", list.name.str()),
                       "use one of the two"),
           known->second, "the same items");
  }
}

void find_equal_outputs(Context& context) {
  std::map<std::string, Span> outputs;
  for (const Condition* rule : context.rules()) {
    const auto [known, is_new] = outputs.emplace(rule->rule->output.text(), rule->rule->name.span);
    if (is_new) continue;
    relate(context.add(Code::LINT_OUTPUT_DUPLICATE, rule->owner, rule->rule->output.whole(),
                       fmt::format("the output of `{}` is that of another rule", rule->owner),
                       "who reads the alert's text cannot tell the two apart"),
           known->second, "the same output");
  }
}

}  // namespace

void find_overlaps(Context& context) {
  find_equal_rules(context);
  find_equal_words(context);
  find_equal_outputs(context);
}

}  // namespace falcoc::lint
