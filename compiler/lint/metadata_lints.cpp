// Names, descriptions, tags and what else is written beside conditions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "compiler/lint/attack.h"
#include "compiler/lint/context.h"

namespace falcoc::lint {

namespace {

constexpr std::array<std::string_view, 4> kMaturities = {"maturity_stable", "maturity_incubating",
                                                         "maturity_sandbox", "maturity_deprecated"};

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_like_technique(std::string_view tag) {
  return tag.size() >= 3 && (tag[0] == 'T' || tag[0] == 't') &&
         std::isdigit(static_cast<unsigned char>(tag[1])) != 0 &&
         std::isdigit(static_cast<unsigned char>(tag[2])) != 0;
}

void look_at_tags(Context& context, const Condition& rule) {
  const std::vector<std::string>& tags = rule.rule->tags;
  const Span where = rule.rule->name.span;
  const auto add = [&](Code code, std::string message, std::string hint) {
    context.add(code, rule.owner, where, std::move(message), std::move(hint));
  };
  if (tags.empty()) {
    add(Code::LINT_TAGS_NONE, fmt::format("rule `{}` has no tags", rule.owner),
        "tags choose rules (-t, -T) and route alerts: tags: [container, mitre_execution, T1059]");
    return;
  }
  size_t maturities = 0;
  bool technique = false, tactic = false;
  for (const std::string& tag : tags) {
    if (tag.starts_with("mitre_")) {
      tactic = true;
      if (std::ranges::find(kTactics, tag) == kTactics.end()) {
        const std::string_view closest = closest_name(tag, kTactics);
        add(Code::LINT_TACTIC_UNKNOWN, fmt::format("`{}` is no tactic of MITRE ATT&CK", tag),
            closest.empty() ? "the tactics are mitre_execution, mitre_persistence, …"
                            : fmt::format("did you mean `{}`?", closest));
      }
    }
    if (tag.starts_with("maturity_")) {
      ++maturities;
      if (std::ranges::find(kMaturities, tag) == kMaturities.end()) {
        add(Code::LINT_MATURITY, fmt::format("`{}` is no maturity", tag),
            fmt::format("it is one of {}", fmt::join(kMaturities, ", ")));
      }
    }
    technique = technique || is_technique(tag);
    if (is_like_technique(tag) && !is_technique(tag)) {
      add(Code::LINT_TECHNIQUE_FORM,
          fmt::format("`{}` is not written like a technique of MITRE ATT&CK", tag),
          "techniques are T and four digits, with or without a part: T1059, T1059.004");
    }
  }
  if (maturities > 1)
    add(Code::LINT_MATURITY, fmt::format("rule `{}` has several maturities", rule.owner),
        "leave one");
  if (technique && !tactic) {
    add(Code::LINT_TACTIC_MISSING,
        fmt::format("rule `{}` names a technique of MITRE ATT&CK and no tactic", rule.owner),
        "add the tactic, such as mitre_persistence");
  }
}

void look_at_rule(Context& context, const Condition& rule) {
  const std::string& name = rule.owner;
  const std::string& description = rule.rule->description.text();
  const Span where = rule.rule->name.span;
  if (name.find("  ") != std::string::npos || name.starts_with(' ') || name.ends_with(' ') ||
      name.ends_with('.')) {
    context.add(Code::LINT_RULE_NAME, name, where,
                fmt::format("the name `{}` has needless blanks or a full stop", name),
                "names are compared whole, in outputs, exceptions and by who routes alerts");
  }
  if (description.size() < 10 || description == name) {
    context.add(Code::LINT_DESCRIPTION, name, where,
                fmt::format("rule `{}` is not described", name),
                "say what it finds, why that matters, and what else may look like it");
  }
  look_at_tags(context, rule);
}

bool is_snake_case(std::string_view name) {
  return std::ranges::all_of(name, [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
  });
}

void look_at_word(Context& context, std::string_view kind, const rules::Text& name) {
  if (is_snake_case(name.str())) return;
  context.add(Code::LINT_WORD_NAME, name.str(), name.span,
              fmt::format("the {} `{}` is not named like others", kind, name.str()),
              "names of macros and lists are lower-case words joined by `_`");
}

}  // namespace

bool is_technique(std::string_view tag) {
  if (tag.size() != 5 && tag.size() != 9) return false;
  return tag[0] == 'T' && is_digits(tag.substr(1, 4)) &&
         (tag.size() == 5 || (tag[5] == '.' && is_digits(tag.substr(6))));
}

void find_metadata_slips(Context& context) {
  for (const Condition* rule : context.rules()) look_at_rule(context, *rule);
  for (const rules::Macro& macro : context.input().rules.macros)
    look_at_word(context, "macro", macro.name);
  for (const rules::List& list : context.input().rules.lists) {
    look_at_word(context, "list", list.name);
    if (!list.items.empty()) continue;
    context.add(
        Code::LINT_LIST_EMPTY, list.name.str(), list.name.span,
        fmt::format("the list `{}` is empty: what is `in` it never matches", list.name.str()),
        "fill it, or leave it for users to append to");
  }
}

}  // namespace falcoc::lint
