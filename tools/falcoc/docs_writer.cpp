#include "tools/falcoc/docs_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace falcoc::cli {

namespace {

/// https://attack.mitre.org/techniques/T1059/004/
std::string technique_page(std::string technique) {
  std::ranges::replace(technique, '.', '/');
  return fmt::format("https://attack.mitre.org/techniques/{}/", technique);
}

class Markdown : public Writer {
 public:
  std::string begin(std::string_view title, std::string_view lead) const override {
    return fmt::format("# {}\n\n{}\n", title, lead);
  }
  std::string heading(std::string_view text) const override {
    return fmt::format("\n## {}\n\n", text);
  }
  std::string rule_heading(const RuleAnchor& rule) const override {
    return fmt::format("\n<a id=\"{}\"></a>\n\n### {}\n\n", rule.anchor, text(rule.name));
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
  std::string rule_link(const RuleAnchor& rule) const override {
    return fmt::format("[{}](#{})", text(rule.name), rule.anchor);
  }
  std::string table(const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows) const override {
    std::string made = fmt::format("| {} |\n|", fmt::join(head, " | "));
    for (size_t i = 0; i < head.size(); ++i) made += "---|";
    made += '\n';
    for (const auto& row : rows) made += fmt::format("| {} |\n", fmt::join(row, " | "));
    return made;
  }
  /// A table as wide as the tactics are many would not be read: a row for each technique.
  std::string matrix(const std::vector<TacticColumn>& columns) const override {
    std::vector<std::vector<std::string>> rows;
    for (const TacticColumn& column : columns) {
      for (const TacticColumn::Technique& it : column.techniques) {
        std::vector<std::string> links;
        for (const RuleAnchor& rule : it.rules) links.push_back(rule_link(rule));
        rows.push_back({text(column.name), it.name.empty() ? "" : technique(it.name),
                        fmt::format("{}", fmt::join(links, ", "))});
      }
    }
    return table({"tactic", "technique", "rules"}, rows);
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

constexpr std::string_view kStyle =
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: "
    "#222; background: #fff }\n"
    "pre { background: #f4f4f4; padding: .6em; white-space: pre-wrap; overflow-wrap: anywhere }\n"
    "table { border-collapse: collapse }\n"
    "td, th { border: 1px solid #bbb; padding: .2em .5em; text-align: left; vertical-align: top }\n"
    "h3 { margin-top: 2em }\n"
    ".matrix { overflow-x: auto; font-size: 80% }\n"
    ".matrix td, .matrix th { min-width: 9em }\n"
    ".matrix ul { margin: 0; padding-left: 1.2em }\n"
    ".matrix .none { color: #666; font-weight: normal }\n";

class Html : public Writer {
 public:
  std::string begin(std::string_view title, std::string_view lead) const override {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n<style>\n{1}"
        "</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>{2}</p>\n",
        title, kStyle, lead);
  }
  std::string heading(std::string_view what) const override {
    return fmt::format("<h2>{}</h2>\n", text(what));
  }
  std::string rule_heading(const RuleAnchor& rule) const override {
    return fmt::format("<h3 id=\"{}\">{}</h3>\n", rule.anchor, text(rule.name));
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
  std::string rule_link(const RuleAnchor& rule) const override {
    return fmt::format("<a href=\"#{}\">{}</a>", rule.anchor, text(rule.name));
  }
  std::string table(const std::vector<std::string>& head,
                    const std::vector<std::vector<std::string>>& rows) const override {
    std::string made = fmt::format("<table>\n<tr><th>{}</th></tr>\n", fmt::join(head, "</th><th>"));
    for (const auto& row : rows)
      made += fmt::format("<tr><td>{}</td></tr>\n", fmt::join(row, "</td><td>"));
    return made + "</table>\n";
  }
  std::string matrix(const std::vector<TacticColumn>& columns) const override {
    std::string made = "<div class=\"matrix\">\n<table>\n<tr>";
    size_t height = 0;
    for (const TacticColumn& column : columns) {
      made += fmt::format("<th scope=\"col\"{}>{}</th>",
                          column.techniques.empty() ? " class=\"none\"" : "", text(column.name));
      height = std::max(height, column.techniques.size());
    }
    made += "</tr>\n";
    for (size_t row = 0; row < height; ++row) {
      made += "<tr>";
      for (const TacticColumn& column : columns)
        made += fmt::format("<td>{}</td>",
                            row < column.techniques.size() ? cell(column.techniques[row]) : "");
      made += "</tr>\n";
    }
    return made + "</table>\n</div>\n";
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

 private:
  std::string cell(const TacticColumn::Technique& it) const {
    std::string made = it.name.empty() ? "no technique" : technique(it.name);
    made += "<ul>";
    for (const RuleAnchor& rule : it.rules) made += fmt::format("<li>{}</li>", rule_link(rule));
    return made + "</ul>";
  }
};

}  // namespace

std::unique_ptr<Writer> make_writer(std::string_view format) {
  if (format == "html") return std::make_unique<Html>();
  return std::make_unique<Markdown>();
}

}  // namespace falcoc::cli
