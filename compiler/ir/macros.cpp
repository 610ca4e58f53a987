// Parsing, ordering and lowering of macros.
#include "compiler/ir/macros.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

/// Rules named in the message about a wrong macro; the rest is counted.
constexpr size_t kMaxVictimLabels = 3;

template <typename Visit>
void for_each_identifier(const ast::Expr& expr, const Visit& visit) {
  if (expr.kind == ast::Expr::Kind::IDENTIFIER) visit(expr);
  for (const ast::Expr& child : expr.children) for_each_identifier(child, visit);
}

}  // namespace

MacroTable::MacroTable(const rules::RuleSet& set, ListTable& lists, Diagnostics& warnings) {
  entries_.resize(set.macros.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].macro = &set.macros[i];
    by_name_.emplace(set.macros[i].name.str(), i);
  }
  // Falco would put the items in the place of the macro (Q34).
  for (const rules::List& list : set.lists) {
    const auto macro = by_name_.find(list.name.str());
    if (macro == by_name_.end()) continue;
    Diagnostic same =
        Diagnostic::at(Code::LIST_NAMED_LIKE_MACRO, list.name.span,
                       fmt::format("`{}` is a list and a macro: Falco takes the macro for the list",
                                   list.name.str()),
                       "give one of them another name");
    same.related.push_back({entries_[macro->second].macro->name.span, "the macro is defined here"});
    warnings.add(std::move(same));
  }
  for (Entry& entry : entries_) {
    auto parsed = parse_condition(entry.macro->condition, &warnings);
    if (!parsed) {
      entry.parsed = false;
      entry.error = std::move(parsed.error());
      entry.error_is_final = true;
      continue;
    }
    entry.body = std::move(*parsed);
    collect_uses(entry, entry.body);
    if (auto expanded = lists.expand(entry.body, warnings); !expanded && !entry.error) {
      entry.error = std::move(expanded.error());
      entry.error_is_final = true;
    }
  }
  order_ = dependency_order();
}

Diagnostic MacroTable::undefined(const ast::Expr& identifier, std::string reason) const {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_) names.push_back(entry.macro->name.str());
  const std::string_view closest = closest_name(identifier.identifier, names);
  std::string hint = std::move(reason);
  if (hint.empty() && !closest.empty()) hint = fmt::format("did you mean `{}`?", closest);
  return Diagnostic::at(Code::MACRO_UNDEFINED, identifier.span,
                        fmt::format("undefined macro `{}`", identifier.identifier),
                        std::move(hint));
}

/// A macro sees those that were first defined before it was last changed (RULE-LANGUAGE 5.9).
void MacroTable::collect_uses(Entry& entry, const ast::Expr& expr) {
  for_each_identifier(expr, [&](const ast::Expr& identifier) {
    const auto found = by_name_.find(identifier.identifier);
    if (found == by_name_.end()) {
      if (!entry.error) entry.error = undefined(identifier, {});
      entry.error_is_final = true;
      return;
    }
    Entry& used = entries_[found->second];
    used.referenced = true;
    if (&used != &entry && used.macro->order.index > entry.macro->order.visibility) {
      if (!entry.error) {
        entry.error = undefined(identifier, "a macro can only use macros defined before it");
        entry.error->related.push_back({used.macro->name.span, "it is defined here, later"});
      }
      entry.error_is_final = true;
      return;
    }
    entry.uses.push_back(found->second);
  });
}

/// Depth-first search without recursion: chains of macros may be long.
std::vector<size_t> MacroTable::dependency_order() {
  enum class Color : uint8_t { WHITE, GREY, BLACK };
  std::vector<Color> colors(entries_.size(), Color::WHITE);
  std::vector<size_t> order, path, next(entries_.size(), 0);
  for (size_t root = 0; root < entries_.size(); ++root) {
    if (colors[root] != Color::WHITE) continue;
    path.push_back(root);
    colors[root] = Color::GREY;
    while (!path.empty()) {
      const size_t current = path.back();
      if (next[current] == entries_[current].uses.size()) {
        colors[current] = Color::BLACK;
        order.push_back(current);
        path.pop_back();
        continue;
      }
      const size_t used = entries_[current].uses[next[current]++];
      if (colors[used] == Color::GREY) {
        report_cycle(path, used);
      } else if (colors[used] == Color::WHITE) {
        colors[used] = Color::GREY;
        path.push_back(used);
      }
    }
  }
  return order;
}

void MacroTable::report_cycle(const std::vector<size_t>& path, size_t back_to) {
  const auto begin = std::ranges::find(path, back_to);
  std::string way;
  for (auto it = begin; it != path.end(); ++it) way += entries_[*it].macro->name.str() + " → ";
  Entry& entry = entries_[path.back()];
  if (!entry.error) {
    entry.error = Diagnostic::at(
        Code::MACRO_CYCLE, entry.macro->name.span,
        fmt::format("macro refers to itself: {}{}", way, entries_[back_to].macro->name.str()));
  }
  entry.error_is_final = true;
}

std::expected<void, Diagnostic> MacroTable::require(const ast::Expr& condition) {
  std::optional<Diagnostic> first;
  for_each_identifier(condition, [&](const ast::Expr& identifier) {
    const auto found = by_name_.find(identifier.identifier);
    if (found == by_name_.end()) {
      if (!first) first = undefined(identifier, {});
      return;
    }
    entries_[found->second].referenced = true;
    entries_[found->second].required = true;
  });
  if (first) return std::unexpected(std::move(*first));
  return {};
}

void MacroTable::lower(Lowering& lowering) {
  for (size_t user : std::views::reverse(order_)) {  // users before what they use
    if (!entries_[user].required) continue;
    for (size_t used : entries_[user].uses) entries_[used].required = true;
  }
  for (size_t position : order_) {
    if (entries_[position].required) lower_entry(position, lowering);
  }
}

void MacroTable::lower_entry(size_t position, Lowering& lowering) {
  Entry& entry = entries_[position];
  if (!entry.error) {
    auto made = condition(entry.body, lowering);
    if (made) {
      entry.node = *made;
      entry.body = {};  // trees are large
      return;
    }
    if (made.error().macro) {
      entry.culprit = made.error().macro;
      return;
    }
    entry.error = std::move(made.error().diagnostic);
  }
  entry.culprit = position;
}

std::expected<NodeId, MacroTable::Failure> MacroTable::condition(const ast::Expr& condition,
                                                                 Lowering& lowering) const {
  std::optional<size_t> culprit;
  auto node = lowering.condition(
      condition, [&](const ast::Expr& identifier) -> std::expected<NodeId, Diagnostic> {
        const auto found = by_name_.find(identifier.identifier);
        if (found == by_name_.end()) return std::unexpected(undefined(identifier, {}));
        const Entry& entry = entries_[found->second];
        if (!entry.culprit) return entry.node;
        culprit = entry.culprit;
        return std::unexpected(*entries_[*culprit].error);
      });
  if (node) return *node;
  return std::unexpected(Failure{std::move(node.error()), culprit});
}

void MacroTable::add_victim(size_t macro, const rules::Rule& rule) {
  Entry& entry = entries_[macro];
  if (entry.victims.size() < kMaxVictimLabels) {
    entry.victims.push_back(
        {rule.name.span, fmt::format("rule `{}` uses the macro", rule.name.str())});
  }
  ++entry.victim_count;
}

void MacroTable::report(Diagnostics& diagnostics, bool with_unused) const {
  for (const Entry& entry : entries_) {
    if (!entry.error || (!entry.error_is_final && entry.victims.empty())) continue;
    Diagnostic diagnostic = *entry.error;
    diagnostic.related.insert(diagnostic.related.end(), entry.victims.begin(), entry.victims.end());
    if (entry.victim_count > entry.victims.size()) {
      diagnostic.related.back().text +=
          fmt::format(", and so do {} more rules", entry.victim_count - entry.victims.size());
    }
    diagnostics.add(std::move(diagnostic));
  }
  if (!with_unused) return;
  for (const Entry& entry : entries_) {
    if (entry.referenced) continue;
    diagnostics.add(
        Diagnostic::at(Code::UNUSED_MACRO, entry.macro->name.span,
                       fmt::format("macro `{}` is never used", entry.macro->name.str())));
  }
}

bool MacroTable::any_unparsed() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return !entry.parsed; });
}

}  // namespace falcoc::ir
