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

/// https://attack.mitre.org/techniques/T1059/004/
std::string technique_page(std::string technique) {
  std::ranges::replace(technique, '.', '/');
  return fmt::format("https://attack.mitre.org/techniques/{}/", technique);
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

/// How a format writes what the catalogue says. Texts of rules are foreign: every piece is escaped.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual std::string begin(size_t rules) const = 0;
  virtual std::string heading(std::string_view text) const = 0;
  virtual std::string rule_heading(const Entry& entry) const = 0;
  virtual std::string paragraph(std::string_view text) const = 0;
  virtual std::string labelled(std::string_view label, std::string_view text) const = 0;
  virtual std::string code(std::string_view label, std::string_view text) const = 0;
  virtual std::string technique(const std::string& technique) const = 0;
  virtual std::string rule_link(const Entry& entry) const = 0;
  /// Rows of cells that are in this format already.
  virtual std::string table(const std::vector<std::string>& head,
                            const std::vector<std::vector<std::string>>& rows) const = 0;
  virtual std::string labelled_raw(std::string_view label, std::string_view made) const = 0;
  virtual std::string text(std::string_view text) const = 0;
  virtual std::string end() const = 0;
};

class Markdown : public Writer {
 public:
  std::string begin(size_t rules) const override {
    return fmt::format("# Rules\n\n{} rules.\n", rules);
  }
  std::string heading(std::string_view text) const override {
    return fmt::format("\n## {}\n\n", text);
  }
  std::string rule_heading(const Entry& entry) const override {
    return fmt::format("\n<a id=\"{}\"></a>\n\n### {}\n\n", entry.anchor, text(entry.rule->name));
  }
  std::string paragraph(std::string_view what) const override { return text(what) + "\n\n"; }
  std::string labelled(std::string_view label, std::string_view what) const override {
    return labelled_raw(label, text(what));
  }
  std::string labelled_raw(std::string_view label, std::string_view made) const override {
    return fmt::format("* {}: {}\n", label, made);
  }
  std::string code(std::string_view label, std::string_view what) const override {
    std::string fence = "```";
    while (what.find(fence) != std::string_view::npos) fence += '`';
    return fmt::format("\n{}:\n\n{}\n{}\n{}\n", label, fence, what, fence);
  }
  std::string technique(const std::string& name) const override {
    return fmt::format("[{}]({})", name, technique_page(name));
  }
  std::string rule_link(const Entry& entry) const override {
    return fmt::format("[{}](#{})", text(entry.rule->name), entry.anchor);
  }
  std::string table(const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows) const override {
    std::string made = fmt::format("| {} |\n|", fmt::join(head, " | "));
    for (size_t i = 0; i < head.size(); ++i) made += "---|";
    made += '\n';
    for (const auto& row : rows) made += fmt::format("| {} |\n", fmt::join(row, " | "));
    return made;
  }
  std::string text(std::string_view what) const override {
    std::string made;
    for (const char c : what) {
      if (c == '<' || c == '>') {
        made += c == '<' ? "&lt;" : "&gt;";
        continue;
      }
      if (std::string_view("\\`*_{}[]()#|!").find(c) != std::string_view::npos) made += '\\';
      made += c;
    }
    return made;
  }
  std::string end() const override { return {}; }
};

class Html : public Writer {
 public:
  std::string begin(size_t rules) const override {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Rules</title>\n<style>\n"
        "body {{ font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; "
        "color: #222; background: #fff }}\n"
        "pre {{ background: #f4f4f4; padding: .6em; white-space: pre-wrap; overflow-wrap: anywhere "
        "}}\n"
        "table {{ border-collapse: collapse }} td, th {{ border: 1px solid #bbb; padding: .2em "
        ".5em; text-align: left; vertical-align: top }}\n"
        "h3 {{ margin-top: 2em }}\n</style>\n</head>\n<body>\n<h1>Rules</h1>\n<p>{} rules.</p>\n",
        rules);
  }
  std::string heading(std::string_view what) const override {
    return fmt::format("<h2>{}</h2>\n", text(what));
  }
  std::string rule_heading(const Entry& entry) const override {
    return fmt::format("<h3 id=\"{}\">{}</h3>\n", entry.anchor, text(entry.rule->name));
  }
  std::string paragraph(std::string_view what) const override {
    return fmt::format("<p>{}</p>\n", text(what));
  }
  std::string labelled(std::string_view label, std::string_view what) const override {
    return labelled_raw(label, text(what));
  }
  std::string labelled_raw(std::string_view label, std::string_view made) const override {
    return fmt::format("<div>{}: {}</div>\n", text(label), made);
  }
  std::string code(std::string_view label, std::string_view what) const override {
    return fmt::format("<p>{}:</p>\n<pre>{}</pre>\n", text(label), text(what));
  }
  std::string technique(const std::string& name) const override {
    return fmt::format("<a href=\"{}\">{}</a>", technique_page(name), name);
  }
  std::string rule_link(const Entry& entry) const override {
    return fmt::format("<a href=\"#{}\">{}</a>", entry.anchor, text(entry.rule->name));
  }
  std::string table(const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows) const override {
    std::string made = fmt::format("<table>\n<tr><th>{}</th></tr>\n", fmt::join(head, "</th><th>"));
    for (const auto& row : rows)
      made += fmt::format("<tr><td>{}</td></tr>\n", fmt::join(row, "</td><td>"));
    return made + "</table>\n";
  }
  std::string text(std::string_view what) const override {
    std::string made;
    for (const char c : what) {
      switch (c) {
        case '&':
          made += "&amp;";
          break;
        case '<':
          made += "&lt;";
          break;
        case '>':
          made += "&gt;";
          break;
        case '"':
          made += "&quot;";
          break;
        default:
          made += c;
      }
    }
    return made;
  }
  std::string end() const override { return "</body>\n</html>\n"; }
};

/// Tactic by tactic the techniques, and which rules look for each.
std::string coverage(const std::vector<Entry>& entries, const Writer& writer) {
  std::map<std::string, std::map<std::string, std::vector<const Entry*>>> covered;
  for (const Entry& entry : entries) {
    for (const std::string& tactic : entry.tactics) {
      if (tactic == kOther) continue;
      if (entry.techniques.empty()) covered[tactic][""].push_back(&entry);
      for (const std::string& technique : entry.techniques)
        covered[tactic][technique].push_back(&entry);
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [tactic, techniques] : covered) {
    for (const auto& [technique, rules] : techniques) {
      std::vector<std::string> links;
      for (const Entry* entry : rules) links.push_back(writer.rule_link(*entry));
      rows.push_back({writer.text(tactic), technique.empty() ? "" : writer.technique(technique),
                      fmt::format("{}", fmt::join(links, ", "))});
    }
  }
  return rows.empty() ? ""
                      : writer.heading("MITRE ATT&CK") +
                            writer.table({"tactic", "technique", "rules"}, rows);
}

std::string catalogue(const ir::Program& program, const Writer& writer) {
  const std::vector<Entry> entries = entries_of(program);
  std::string made =
      writer.begin(entries.size()) + coverage(entries, writer) + writer.heading("Rules");
  for (const Entry& entry : entries) {
    const ir::Rule& rule = *entry.rule;
    made += writer.rule_heading(entry) + writer.paragraph(one_line(rule.description));
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
  const RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  const std::string text = options.format == "html" ? catalogue(input.program, Html())
                                                    : catalogue(input.program, Markdown());
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
