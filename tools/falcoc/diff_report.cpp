// Differences between rulesets as text, JSON and Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/catalog/catalog.h"
#include "tools/falcoc/diff.h"

namespace falcoc::cli {

namespace {

using diff::RuleDiff;
using diff::Verdict;

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// As YAML in one line: plain where that cannot be read as anything else.
std::string yaml_text(const std::string& text) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
  // `null` would be no value.
  const bool is_plain = !text.empty() && text.find_first_not_of(kPlain) == std::string::npos &&
                        text != "null" && text != "Null" && text != "NULL";
  return is_plain ? text : json_text(text);
}

std::string yaml_text(const testing::Fact& fact) {
  if (!fact.is_list) return yaml_text(fact.items.front());
  std::vector<std::string> items;
  for (const std::string& item : fact.items) items.push_back(yaml_text(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

/// The event as a file of tests says it.
std::string example_text(std::string_view title, const testing::Facts& facts) {
  std::vector<std::string> fields;
  for (const auto& [name, fact] : facts.all()) {
    if (name == "evt.type") continue;
    const bool is_plain = name.find('[') == std::string::npos;
    fields.push_back(fmt::format("{}: {}", is_plain ? name : json_text(name), yaml_text(fact)));
  }
  std::string text = fmt::format("  {}:\n    event: {}\n", title, facts.event_type());
  if (!fields.empty()) text += fmt::format("    fields: {{{}}}\n", fmt::join(fields, ", "));
  return text;
}

nlohmann::ordered_json example_json(const testing::Facts& facts) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
  for (const auto& [name, fact] : facts.all()) {
    if (name == "evt.type") continue;
    if (fact.is_list) {
      fields[name] = fact.items;
    } else {
      fields[name] = fact.items.front();
    }
  }
  return {{"event", facts.event_type()}, {"fields", std::move(fields)}};
}

std::string place(const RuleDiff& diff) {
  const ir::Rule& rule = diff.is_removed() ? *diff.old_rule : *diff.new_rule;
  return fmt::format("{}:{}", rule.origin.file, rule.origin.line);
}

/// Which examples belong to the verdict, and that one was not found.
std::string examples_text(const RuleDiff& diff) {
  const diff::ConditionDiff& condition = diff.condition;
  std::string text;
  const auto add = [&](std::string_view title, const std::optional<testing::Facts>& facts) {
    text += facts ? example_text(title, *facts) : fmt::format("  {}: no example found\n", title);
  };
  const bool is_changed = condition.verdict == Verdict::CHANGED;
  if (is_changed || condition.verdict == Verdict::STRICTER)
    add("only the old rule matches", condition.only_old);
  if (is_changed || condition.verdict == Verdict::LOOSER)
    add("only the new rule matches", condition.only_new);
  return text;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string shown(const std::string& text) { return text.empty() ? "(none)" : one_line(text); }

/// "changed (not decided)".
std::string long_verdict(const RuleDiff& diff) {
  return fmt::format("{}{}", diff::verdict_name(diff),
                     diff.condition.is_decided ? "" : " (not decided)");
}

/// "2 stricter, 1 added, 40 equal".
std::string summary(const std::vector<RuleDiff>& diffs) {
  std::map<std::string_view, size_t> counts;
  for (const RuleDiff& diff : diffs) ++counts[diff::verdict_name(diff)];
  std::vector<std::string> parts;
  for (const std::string_view name :
       {"changed", "looser", "stricter", "added", "removed", "equal"}) {
    if (counts[name] > 0) parts.push_back(fmt::format("{} {}", counts[name], name));
  }
  return parts.empty() ? "no rules" : fmt::format("{}", fmt::join(parts, ", "));
}

/// Text of rules in a cell of a table.
std::string cell(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '\n') {
      made += ' ';
    } else if (c == '<') {
      made += "&lt;";
    } else {
      if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos) made += '\\';
      made += c;
    }
  }
  return made;
}

}  // namespace

std::string diff_text(const std::vector<RuleDiff>& diffs) {
  std::string text;
  for (const RuleDiff& diff : diffs) {
    if (diff.is_same()) continue;
    text += fmt::format("{:<9} {}  {}\n", long_verdict(diff), diff.name, place(diff));
    if (!diff.in_both()) continue;
    text += examples_text(diff);
    for (const diff::Change& change : diff.changes)
      text +=
          fmt::format("  {}: {} -> {}\n", change.what, shown(change.before), shown(change.after));
  }
  return text + summary(diffs) + "\n";
}

std::string diff_json(const std::vector<RuleDiff>& diffs) {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const RuleDiff& diff : diffs) {
    nlohmann::ordered_json changes = nlohmann::ordered_json::array();
    for (const diff::Change& change : diff.changes)
      changes.push_back({{"what", change.what}, {"old", change.before}, {"new", change.after}});
    nlohmann::ordered_json rule = {{"rule", diff.name},
                                   {"verdict", diff::verdict_name(diff)},
                                   {"decided", diff.condition.is_decided},
                                   {"changes", std::move(changes)}};
    const auto add_place = [&](std::string_view which, const ir::Rule* it) {
      if (it != nullptr)
        rule[std::string(which)] = {{"file", it->origin.file}, {"line", it->origin.line}};
    };
    add_place("old", diff.old_rule);
    add_place("new", diff.new_rule);
    if (diff.condition.only_old) rule["only_old"] = example_json(*diff.condition.only_old);
    if (diff.condition.only_new) rule["only_new"] = example_json(*diff.condition.only_new);
    rules.push_back(std::move(rule));
  }
  return nlohmann::ordered_json{{"rules", std::move(rules)}}.dump(
             2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

std::string diff_markdown(const std::vector<RuleDiff>& diffs) {
  std::string text = fmt::format("\n{}.\n", summary(diffs));
  if (std::ranges::all_of(diffs, &RuleDiff::is_same)) return text;
  text += "\n| rule | matches | what else changed | example |\n|---|---|---|---|\n";
  for (const RuleDiff& diff : diffs) {
    if (diff.is_same()) continue;
    std::vector<std::string> changes, examples;
    for (const diff::Change& change : diff.changes) {
      const bool is_short = change.before.size() + change.after.size() < 40;
      changes.push_back(is_short
                            ? fmt::format("{}: {} → {}", change.what, cell(shown(change.before)),
                                          cell(shown(change.after)))
                            : change.what);
    }
    if (diff.condition.only_old)
      examples.push_back("old only: " + cell(json_text(example_json(*diff.condition.only_old))));
    if (diff.condition.only_new)
      examples.push_back("new only: " + cell(json_text(example_json(*diff.condition.only_new))));
    text += fmt::format("| {} | {} | {} | {} |\n", cell(diff.name), long_verdict(diff),
                        fmt::join(changes, "<br>"), fmt::join(examples, "<br>"));
  }
  return text;
}

}  // namespace falcoc::cli
