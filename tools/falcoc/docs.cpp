// `falcoc docs`: the catalogue of rules for people, and which tactics and techniques of MITRE
// ATT&CK they are about.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "compiler/catalog/event_sets.h"
#include "compiler/lint/attack.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/docs_writer.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

constexpr std::string_view kOther = "Other";

struct Entry {
  const ir::Rule* rule;
  std::string anchor;
  std::vector<std::string> tactics;     ///< as people write them; kOther if there is none
  std::vector<std::string> techniques;  ///< T1059, T1059.004
  std::string events;
};

/// "Credential access" of `mitre_credential_access`.
std::string tactic_name(std::string_view tag) {
  std::string name(tag.substr(tag.find('_') + 1));
  std::ranges::replace(name, '_', ' ');
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

std::string event_names(const EventSet& events) {
  std::set<std::string_view> names;
  for_each_kind(events, [&](EventKind kind, const EventInfo& info) {
    // Those are called whatever their contents say, so that every name may be theirs.
    if (info.event_class != EventClass::META) names.insert(event_kind_name(kind));
  });
  constexpr size_t kMost = 20;
  if (names.size() > kMost) return fmt::format("{} events", names.size());
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string anchor_of(std::string_view name, size_t index) {
  std::string anchor;
  for (const unsigned char c : name) {
    if (std::isalnum(c) != 0) anchor += static_cast<char>(std::tolower(c));
    if (c == ' ' || c == '-') anchor += '-';
  }
  return fmt::format("rule-{}-{}", index + 1, anchor);
}

std::vector<Entry> entries_of(const ir::Program& program) {
  std::vector<Entry> entries;
  for (size_t i = 0; i < program.rules.size(); ++i) {
    const ir::Rule& rule = program.rules[i];
    Entry entry{.rule = &rule,
                .anchor = anchor_of(rule.name, i),
                .tactics = {},
                .techniques = {},
                .events = event_names(program.rule_events(rule))};
    for (const std::string& tag : rule.tags) {
      if (tag.starts_with("mitre_")) entry.tactics.push_back(tactic_name(tag));
      if (lint::is_technique(tag)) entry.techniques.push_back(tag);
    }
    if (entry.tactics.empty()) entry.tactics.emplace_back(kOther);
    entries.push_back(std::move(entry));
  }
  return entries;
}

RuleAnchor anchor(const Entry& entry) { return {entry.rule->name, entry.anchor}; }

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

/// Every tactic of ATT&CK in its order, then those that only rules know, each with its techniques.
std::vector<TacticColumn> matrix_of(const std::vector<Entry>& entries) {
  std::map<std::string, std::map<std::string, std::vector<RuleAnchor>>> covered;
  for (const Entry& entry : entries) {
    for (const std::string& tactic : entry.tactics) {
      if (tactic == kOther) continue;
      if (entry.techniques.empty()) covered[tactic][""].push_back(anchor(entry));
      for (const std::string& technique : entry.techniques)
        covered[tactic][technique].push_back(anchor(entry));
    }
  }
  std::vector<TacticColumn> columns;
  const auto add = [&](const std::string& tactic) {
    TacticColumn& column = columns.emplace_back(TacticColumn{tactic, {}});
    for (auto& [technique, rules] : covered[tactic])
      column.techniques.push_back({technique, std::move(rules)});
    covered.erase(tactic);
  };
  if (covered.empty()) return columns;
  for (const std::string_view tag : lint::kTactics) add(tactic_name(tag));
  while (!covered.empty()) add(std::string(covered.begin()->first));
  return columns;
}

std::string coverage(const std::vector<Entry>& entries, const Writer& writer) {
  const std::vector<TacticColumn> columns = matrix_of(entries);
  return columns.empty() ? "" : writer.heading("MITRE ATT&CK") + writer.matrix(columns);
}

std::string catalogue(const ir::Program& program, const Writer& writer) {
  const std::vector<Entry> entries = entries_of(program);
  std::string made = writer.begin("Rules", fmt::format("{} rules.", entries.size())) +
                     coverage(entries, writer) + writer.heading("Rules");
  for (const Entry& entry : entries) {
    const ir::Rule& rule = *entry.rule;
    made += writer.rule_heading(anchor(entry)) + writer.paragraph(one_line(rule.description));
    made += writer.labelled("priority", fmt::format("{}{}", priority_name(rule.priority),
                                                    rule.enabled ? "" : ", disabled"));
    made += writer.labelled("events", entry.events);
    if (!entry.techniques.empty()) {
      std::vector<std::string> links;
      for (const std::string& technique : entry.techniques)
        links.push_back(writer.technique(technique));
      made += writer.labelled_raw("techniques", fmt::format("{}", fmt::join(links, ", ")));
    }
    if (!rule.tags.empty())
      made += writer.labelled("tags", fmt::format("{}", fmt::join(rule.tags, ", ")));
    made += writer.labelled("defined in", fmt::format("{}:{}", rule.origin.file, rule.origin.line));
    made += writer.code("condition", one_line(rule.condition_text)) +
            writer.code("output", one_line(rule.output_text));
  }
  return made + writer.end();
}

}  // namespace

ExitStatus docs(const DocsOptions& options) {
  if (!options.reference.empty()) return docs_reference(options);
  const RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  const std::string text = catalogue(input.program, *make_writer(options.format));
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
