// What the house's own policy asks of rules.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/field_ref.h"
#include "compiler/ir/parse.h"
#include "compiler/ir/text_match.h"
#include "compiler/lint/context.h"

namespace falcoc::lint {

namespace {

bool matches(const std::string& pattern, const std::string& text) {
  const auto compiled = ir::compile_regex(pattern);
  return compiled && compiled->matches(text);
}

void look_at_rule(Context& context, const Condition& rule) {
  const Policy& policy = context.input().policy;
  const Span name = rule.rule->name.span;
  if (!policy.rule_name.empty() && !matches(policy.rule_name, rule.owner)) {
    context.add(Code::LINT_POLICY_NAME, rule.owner, name,
                fmt::format("the name `{}` does not match `{}`", rule.owner, policy.rule_name),
                "the lint settings ask for it");
  }
  for (const std::string& pattern : policy.required_tags) {
    if (std::ranges::any_of(rule.rule->tags,
                            [&](const std::string& tag) { return matches(pattern, tag); }))
      continue;
    context.add(Code::LINT_POLICY_TAG, rule.owner, name,
                fmt::format("no tag of rule `{}` matches `{}`", rule.owner, pattern),
                "the lint settings ask for one");
  }
  if (!policy.priorities.empty() &&
      std::ranges::find(policy.priorities, rule.rule->priority) == policy.priorities.end()) {
    std::vector<std::string_view> allowed;
    for (const Priority priority : policy.priorities) allowed.push_back(priority_name(priority));
    context.add(Code::LINT_POLICY_PRIORITY, rule.owner, name,
                fmt::format("rule `{}` has the priority {}", rule.owner,
                            priority_name(rule.rule->priority)),
                fmt::format("the lint settings allow {}", fmt::join(allowed, ", ")));
  }
  const std::string& output = rule.rule->output.text();
  for (const std::string& field : policy.required_outputs) {
    if (output.find("%" + field) != std::string::npos) continue;
    context.add(Code::LINT_POLICY_OUTPUT, rule.owner, rule.rule->output.whole(),
                fmt::format("the output does not print {}", field), "the lint settings ask for it");
  }
}

void look_at_fields(Context& context, const Condition& condition) {
  const std::vector<std::string>& forbidden = context.input().policy.forbidden_fields;
  const auto is_forbidden = [&](const std::string& field) {
    return std::ranges::any_of(forbidden, [&](const std::string& name) {
      return field == name || field.starts_with(name + "[");
    });
  };
  for_each_check(condition.own, [&](const ast::Expr& check, bool) {
    if (check.left.kind != ast::Operand::Kind::FIELD || !is_forbidden(ir::field_text(check.left)))
      return;
    context.add(Code::LINT_POLICY_FIELD, condition.owner, check.left.span,
                fmt::format("{} is not to be used", ir::field_text(check.left)),
                "the lint settings forbid it");
  });
  if (condition.rule == nullptr) return;
  const auto tokens = ir::parse_output(condition.rule->output);
  if (!tokens) return;
  for (const ir::OutputToken& token : *tokens) {
    if (token.is_text || token.operand.kind != ast::Operand::Kind::FIELD ||
        !is_forbidden(ir::field_text(token.operand)))
      continue;
    context.add(Code::LINT_POLICY_FIELD, condition.owner, token.span,
                fmt::format("{} is not to be printed", ir::field_text(token.operand)),
                "the lint settings forbid it");
  }
}

}  // namespace

void find_breaches(Context& context) {
  for (const Condition* rule : context.rules()) look_at_rule(context, *rule);
  if (context.input().policy.forbidden_fields.empty()) return;
  for (const Condition& condition : context.conditions()) look_at_fields(context, condition);
}

}  // namespace falcoc::lint
