// `falcoc expand`: what a rule is once all files are read: which file wrote which part of it, the
// macros and lists that it goes through, and the condition with all of them in place.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/parse.h"
#include "compiler/ir/print.h"
#include "tools/falcoc/commands.h"
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

/// The macros and lists that a condition names, each after what names it.
class Words {
 public:
  explicit Words(const rules::RuleSet& rules) : rules_(rules) {}

  void condition(const MappedText& text) {
    const auto parsed = ir::parse_condition(text);
    if (parsed) visit(*parsed);
  }
  void exceptions(const rules::Rule& rule) {
    for (const rules::Exception& exception : rule.exceptions) {
      for (const rules::ExceptionRow& row : exception.rows) {
        for (const rules::ExceptionValue& element : row.elements) {
          if (const auto* one = std::get_if<rules::Text>(&element.value)) list(one->str());
          if (const auto* many = std::get_if<std::vector<rules::Text>>(&element.value)) {
            for (const rules::Text& text : *many) list(text.str());
          }
        }
      }
    }
  }

  const std::vector<const rules::Macro*>& macros() const { return macros_; }
  const std::vector<const rules::List*>& lists() const { return lists_; }

 private:
  void visit(const ast::Expr& expr) {
    if (expr.kind == ast::Expr::Kind::IDENTIFIER) macro(expr.identifier);
    for (const ast::Expr& child : expr.children) visit(child);
    for (const ast::Literal& literal : expr.right.items) {
      if (!literal.quoted) list(literal.text);
    }
  }

  void macro(const std::string& name) {
    const auto found =
        std::ranges::find(rules_.macros, name, [](const rules::Macro& m) { return m.name.str(); });
    if (found == rules_.macros.end() || std::ranges::find(macros_, &*found) != macros_.end())
      return;
    macros_.push_back(&*found);
    condition(found->condition);
  }

  void list(const std::string& name) {
    const auto found =
        std::ranges::find(rules_.lists, name, [](const rules::List& l) { return l.name.str(); });
    if (found == rules_.lists.end() || std::ranges::find(lists_, &*found) != lists_.end()) return;
    lists_.push_back(&*found);
    for (const rules::Text& item : found->items) list(item.str());
  }

  const rules::RuleSet& rules_;
  std::vector<const rules::Macro*> macros_;
  std::vector<const rules::List*> lists_;
};

std::string words_text(const RuleInput& input, const rules::Rule& rule) {
  Words words(input.rules);
  words.condition(rule.condition);
  words.exceptions(rule);
  std::string text;
  for (const rules::Macro* macro : words.macros()) {
    text +=
        fmt::format("  macro {}\n{}", macro->name.str(), parts(input.sources, macro->condition));
  }
  for (const rules::List* list : words.lists()) {
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

std::string rule_text(const RuleInput& input, const rules::Rule& rule, const ir::Rule& compiled) {
  std::string text = fmt::format("{}\n  {}  priority {}{}\n", rule.name.str(),
                                 place(input.sources, rule.name.span), priority_name(rule.priority),
                                 rule.enabled ? "" : ", disabled");
  if (!rule.tags.empty()) text += fmt::format("  tags {}\n", fmt::join(rule.tags, ", "));
  text += "  condition\n" + parts(input.sources, rule.condition);
  text += exceptions_text(input, rule) + words_text(input, rule);
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
  std::string text;
  std::vector<std::string_view> names;
  for (const ir::Rule& compiled : input.program.rules) {
    names.emplace_back(compiled.name);
    if (!options.rule.empty() && compiled.name != options.rule) continue;
    const auto rule = std::ranges::find(input.rules.rules, compiled.name,
                                        [](const rules::Rule& r) { return r.name.str(); });
    text += (text.empty() ? "" : "\n") + rule_text(input, *rule, compiled);
  }
  if (text.empty() && !options.rule.empty()) {
    const std::string_view closest = closest_name(options.rule, names);
    fmt::print(stderr, "error: no rule is called '{}'{}\n", options.rule,
               closest.empty() ? "" : fmt::format("; did you mean '{}'?", closest));
    return ExitStatus::FAILURE;
  }
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
