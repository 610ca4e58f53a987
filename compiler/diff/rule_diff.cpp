#include "compiler/diff/rule_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/catalog/catalog.h"
#include "compiler/diff/merge.h"

namespace falcoc::diff {

namespace {

std::string joined(const std::vector<rules::Text>& texts) {
  std::vector<std::string_view> parts;
  for (const rules::Text& text : texts) parts.emplace_back(text.str());
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string element_text(const rules::ExceptionValue& element) {
  if (const auto* one = std::get_if<rules::Text>(&element.value)) return one->str();
  return fmt::format("({})", joined(std::get<std::vector<rules::Text>>(element.value)));
}

/// Exceptions as they are written, blanks and quotes aside.
std::string exceptions_text(const rules::Rule& rule) {
  std::string text;
  for (const rules::Exception& exception : rule.exceptions) {
    std::vector<std::string> rows;
    for (const rules::ExceptionRow& row : exception.rows) {
      std::vector<std::string> elements;
      for (const rules::ExceptionValue& element : row.elements)
        elements.push_back(element_text(element));
      rows.push_back(fmt::format("[{}]", fmt::join(elements, ", ")));
    }
    text += fmt::format("{}{}: [{}] [{}] [{}]", text.empty() ? "" : "; ", exception.name.str(),
                        joined(exception.fields), joined(exception.comps), fmt::join(rows, ", "));
  }
  return text;
}

std::string capture_text(const ir::Rule& rule) {
  return rule.capture ? fmt::format("{} ms", rule.capture_duration_ms) : "off";
}

const rules::Rule* written(const Ruleset& set, const std::string& name) {
  const auto found = std::ranges::find(set.rules.rules, name,
                                       [](const rules::Rule& rule) { return rule.name.str(); });
  return found == set.rules.rules.end() ? nullptr : &*found;
}

std::vector<Change> changes_of(const Ruleset& old_set, const ir::Rule& before,
                               const Ruleset& new_set, const ir::Rule& after) {
  std::vector<Change> changes;
  const auto add = [&](std::string_view what, std::string old_text, std::string new_text) {
    if (old_text != new_text)
      changes.push_back({std::string(what), std::move(old_text), std::move(new_text)});
  };
  const auto tags = [](const ir::Rule& rule) {
    return fmt::format("{}", fmt::join(rule.tags, ", "));
  };
  add("enabled", before.enabled ? "true" : "false", after.enabled ? "true" : "false");
  add("source", before.source, after.source);
  add("priority", std::string(priority_name(before.priority)),
      std::string(priority_name(after.priority)));
  add("tags", tags(before), tags(after));
  add("output", before.output_text, after.output_text);
  add("description", before.description, after.description);
  add("capture", capture_text(before), capture_text(after));
  const rules::Rule* const old_rule = written(old_set, before.name);
  const rules::Rule* const new_rule = written(new_set, after.name);
  if (old_rule != nullptr && new_rule != nullptr)
    add("exceptions", exceptions_text(*old_rule), exceptions_text(*new_rule));
  return changes;
}

}  // namespace

std::vector<RuleDiff> compare(const Ruleset& old_set, const Ruleset& new_set,
                              const DiffOptions& options) {
  const Merged merged = merge(old_set.program, new_set.program);
  std::map<std::string_view, size_t> old_rules;
  for (size_t i = 0; i < old_set.program.rules.size(); ++i)
    old_rules.emplace(old_set.program.rules[i].name, i);
  std::vector<RuleDiff> diffs;
  for (size_t i = 0; i < new_set.program.rules.size(); ++i) {
    const ir::Rule& after = new_set.program.rules[i];
    RuleDiff& diff = diffs.emplace_back();
    diff.name = after.name;
    diff.new_rule = &after;
    const auto found = old_rules.find(after.name);
    if (found == old_rules.end()) continue;
    const ir::Rule& before = old_set.program.rules[found->second];
    diff.old_rule = &before;
    diff.changes = changes_of(old_set, before, new_set, after);
    if (before.source != after.source) {
      diff.condition.verdict = Verdict::CHANGED;  // no event is of both
    } else {
      diff.condition = compare(merged.program, merged.program.rules[found->second].condition,
                               merged.program.rules[merged.old_rules + i].condition, options);
    }
    old_rules.erase(found);
  }
  for (const ir::Rule& before : old_set.program.rules) {
    if (!old_rules.contains(before.name)) continue;
    diffs.push_back({.name = before.name, .old_rule = &before});
  }
  return diffs;
}

std::string_view verdict_name(const RuleDiff& diff) {
  if (diff.is_added()) return "added";
  if (diff.is_removed()) return "removed";
  switch (diff.condition.verdict) {
    case Verdict::EQUAL:
      return "equal";
    case Verdict::STRICTER:
      return "stricter";
    case Verdict::LOOSER:
      return "looser";
    case Verdict::CHANGED:
      break;
  }
  return "changed";
}

}  // namespace falcoc::diff
