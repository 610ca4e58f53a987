// `falcoc expand`: what a rule is once all files are read: which file wrote which part of it, the
// macros and lists that it goes through, and the condition with all of them in place.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/print.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/references.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

std::string place(const SourceMap& sources, Span span) {
  const SourceFile& file = sources.file(span.file);
  return fmt::format("{}:{}", file.name(), file.position(span.begin).line);
}

/// Whether an item of the file begins between two places: what was appended within one file.
bool is_another_item(const SourceMap& sources, Span first, Span next) {
  const std::string_view text = sources.file(first.file).text();
  return text.substr(first.begin, next.begin - first.begin).find("\n- ") != std::string_view::npos;
}

/// A text that several files may have written, a line for each part: where it is from, and what it
/// says.
std::string parts(const SourceMap& sources, const MappedText& text) {
  std::string result;
  const std::string& all = text.text();
  size_t begin = 0;
  while (begin < all.size()) {
    const Span first = text.span(static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + 1));
    size_t end = begin + 1;
    while (end < all.size()) {
      const Span next = text.span(static_cast<uint32_t>(end), static_cast<uint32_t>(end + 1));
      // What was appended is written elsewhere: in another file, or far behind.
      if (next.file != first.file || next.begin < first.begin ||
          is_another_item(sources, first, next))
        break;
      ++end;
    }
    std::string part = all.substr(begin, end - begin);
    std::ranges::replace(part, '\n', ' ');
    const auto doubled =
        std::ranges::unique(part, [](char x, char y) { return x == ' ' && y == ' '; });
    part.erase(doubled.begin(), doubled.end());
    const size_t front = part.find_first_not_of(' ');
    if (front != std::string::npos) {
      part = part.substr(front, part.find_last_not_of(' ') - front + 1);
      result += fmt::format("    {}  {}\n", place(sources, first), part);
    }
    begin = end;
  }
  return result;
}

std::string words_text(const RuleInput& input, const References& all, const rules::Rule& rule) {
  const std::vector<Reference> references = all.of(rule);
  std::string text;
  for (const Reference& reference : references) {
    const rules::Macro* const macro = all.macro(reference);
    if (macro == nullptr) continue;
    text +=
        fmt::format("  macro {}\n{}", macro->name.str(), parts(input.sources, macro->condition));
  }
  for (const Reference& reference : references) {
    const rules::List* const list = all.list(reference);
    if (list == nullptr) continue;
    text += fmt::format("  list {}\n", list->name.str());
    // Items in the order of the files that gave them.
    std::string from;
    for (const rules::Text& item : list->items) {
      const std::string where = place(input.sources, item.span);
      text += where == from
                  ? fmt::format(", {}", item.str())
                  : fmt::format("{}    {}  {}", from.empty() ? "" : "\n", where, item.str());
      from = where;
    }
    text += list->items.empty()
                ? fmt::format("    {}  (empty)\n", place(input.sources, list->name.span))
                : "\n";
  }
  return text;
}

std::string exceptions_text(const RuleInput& input, const rules::Rule& rule) {
  std::string text;
  for (const rules::Exception& exception : rule.exceptions) {
    text += fmt::format(
        "  exception {}\n    {}  {} of values\n", exception.name.str(),
        place(input.sources, exception.name.span),
        exception.rows.size() == 1 ? "1 row" : fmt::format("{} rows", exception.rows.size()));
  }
  return text;
}

std::string rule_text(const RuleInput& input, const References& all, const rules::Rule& rule,
                      const ir::Rule& compiled) {
  std::string text = fmt::format("{}\n  {}  priority {}{}\n", rule.name.str(),
                                 place(input.sources, rule.name.span), priority_name(rule.priority),
                                 rule.enabled ? "" : ", disabled");
  if (!rule.tags.empty()) text += fmt::format("  tags {}\n", fmt::join(rule.tags, ", "));
  text += "  condition\n" + parts(input.sources, rule.condition);
  text += exceptions_text(input, rule) + words_text(input, all, rule);
  text +=
      fmt::format("  expanded\n    {}\n", ir::print_condition(input.program, compiled.condition));
  text += "  output\n" + parts(input.sources, rule.output);
  return text;
}

}  // namespace

ExitStatus expand(const ExpandOptions& options) {
  const RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  const References all(input.rules);
  std::string text;
  for (const ir::Rule& compiled : input.program.rules) {
    if (!options.rule.empty() && compiled.name != options.rule) continue;
    const auto rule = std::ranges::find(input.rules.rules, compiled.name,
                                        [](const rules::Rule& r) { return r.name.str(); });
    text += (text.empty() ? "" : "\n") + rule_text(input, all, *rule, compiled);
  }
  if (text.empty() && !options.rule.empty()) {
    report_unknown_rule(options.rule, input.program);
    return ExitStatus::FAILURE;
  }
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
