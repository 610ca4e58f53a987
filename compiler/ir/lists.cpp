// Expansion of lists, each once, in full depth.
#include "compiler/ir/lists.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

std::unexpected<Diagnostic> error(Code code, Span span, std::string message,
                                  std::string hint = {}) {
  return std::unexpected(Diagnostic::at(code, span, std::move(message), std::move(hint)));
}

/// A quoted item with escapes: read by the grammar, so that the rules of quoted strings are in one
/// place.
std::expected<ast::Literal, Diagnostic> quoted_literal(const rules::Text& item) {
  Span before = item.span;
  before.end = before.begin;
  MappedText check;
  check.append("evt.args = ", before);
  check.append(item.text);
  auto parsed = parse_condition(check);
  if (parsed && parsed->kind == ast::Expr::Kind::CHECK && parsed->right.items.size() == 1) {
    return std::move(parsed->right.items.front());
  }
  std::string reason = parsed ? std::string{} : ": " + parsed.error().message;
  return error(Code::LIST_ITEM_QUOTES, item.span,
               fmt::format("quotes inside `{}` do not make one text{}", item.str(), reason));
}

/// Whether the operator compares with several literals; a bare word behind it is the name of a
/// list.
bool takes_list(const ast::Expr& check) {
  return check.modifier != Modifier::NONE || check.op == Operator::IN ||
         check.op == Operator::INTERSECTS || check.op == Operator::PMATCH;
}

}  // namespace

std::expected<ast::Literal, Diagnostic> item_literal(const rules::Text& item) {
  const std::string& text = item.str();
  ast::Literal literal{.text = text, .span = item.text.whole()};
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') ||
      text.front() != text.back()) {
    return literal;
  }
  const std::string_view inner = std::string_view(text).substr(1, text.size() - 2);
  if (inner.find('\\') != std::string_view::npos ||
      inner.find(text.front()) != std::string_view::npos) {
    return quoted_literal(item);
  }
  literal.text = inner;
  literal.quoted = true;
  return literal;
}

ListTable::ListTable(const rules::RuleSet& set) {
  entries_.reserve(set.lists.size());
  for (const rules::List& list : set.lists) {
    by_name_.emplace(list.name.str(), entries_.size());
    entries_.emplace_back().list = &list;
  }
}

ListTable::Entry* ListTable::find(const ast::Literal& literal) {
  return literal.quoted ? nullptr : find(literal.text);
}

ListTable::Entry* ListTable::find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

const std::expected<ListTable::Items, Diagnostic>& ListTable::items_of(Entry& entry,
                                                                       uint32_t depth) {
  if (entry.state == Entry::State::UNSEEN) {
    entry.state = Entry::State::OPEN;
    entry.items = collect(entry, depth);
    entry.state = Entry::State::DONE;
  }
  return entry.items;
}

/// An item that names another list stands for that list's items. Falco does so when it resolves
/// lists if the other one is older, and when it substitutes text in conditions if it is younger; a
/// list that names itself means the word.
std::expected<ListTable::Items, Diagnostic> ListTable::collect(Entry& entry, uint32_t depth) {
  if (depth > kMaxListNesting) {
    return error(Code::LIST_CYCLE, entry.list->name.span,
                 fmt::format("lists are nested deeper than {} levels", kMaxListNesting));
  }
  auto items = std::make_shared<std::vector<ast::Literal>>();
  items->reserve(entry.list->items.size());
  for (const rules::Text& item : entry.list->items) {
    auto literal = item_literal(item);
    if (!literal) return std::unexpected(std::move(literal.error()));
    Entry* named = find(*literal);
    if (!named || named == &entry) {
      items->push_back(std::move(*literal));
      continue;
    }
    named->used = true;
    if (named->state == Entry::State::OPEN) {
      return error(Code::LIST_CYCLE, literal->span,
                   fmt::format("list `{}` contains itself through `{}`", named->list->name.str(),
                               entry.list->name.str()));
    }
    const auto& nested = items_of(*named, depth + 1);
    if (!nested) {
      named->reported = true;
      return std::unexpected(nested.error());
    }
    if (items->size() + (*nested)->size() > kMaxListItems) {
      return error(
          Code::LIST_CYCLE, literal->span,
          fmt::format("list `{}` has more than {} items", entry.list->name.str(), kMaxListItems));
    }
    items->insert(items->end(), (*nested)->begin(), (*nested)->end());
  }
  return items;
}

std::expected<ListTable::Items, Diagnostic> ListTable::used_items(Entry& entry, Span use) {
  entry.used = true;
  const auto& items = items_of(entry, 0);
  if (items) return items;
  entry.reported = true;
  Diagnostic diagnostic = items.error();
  diagnostic.related.push_back({use, "the list is used here"});
  return std::unexpected(std::move(diagnostic));
}

std::expected<void, Diagnostic> ListTable::expand(ast::Expr& condition, Diagnostics& warnings) {
  if (condition.kind == ast::Expr::Kind::CHECK) return expand_check(condition, warnings);
  for (ast::Expr& child : condition.children) {
    if (auto done = expand(child, warnings); !done) return done;
  }
  return {};
}

std::expected<void, Diagnostic> ListTable::expand_check(ast::Expr& check, Diagnostics& warnings) {
  ast::Literals& right = check.right;
  warn_of_names_in_text(right, warnings);
  if (!takes_list(check)) {
    return right.items.empty() ? std::expected<void, Diagnostic>{}
                               : replace_scalar(right.items.front());
  }
  if (right.items.size() == 1) {
    if (Entry* entry = find(right.items.front())) {
      auto items = used_items(*entry, right.items.front().span);
      if (!items) return std::unexpected(std::move(items.error()));
      right.expanded = *items;
      right.items.clear();
      return {};
    }
    if (!right.parenthesised) warn_of_undefined(right, warnings);
    return {};
  }
  return splice(right);
}

std::expected<void, Diagnostic> ListTable::splice(ast::Literals& literals) {
  if (std::ranges::none_of(literals.items, [&](const ast::Literal& item) { return find(item); })) {
    return {};
  }
  std::vector<ast::Literal> result;
  for (ast::Literal& item : literals.items) {
    Entry* entry = find(item);
    if (!entry) {
      result.push_back(std::move(item));
      continue;
    }
    auto items = used_items(*entry, item.span);
    if (!items) return std::unexpected(std::move(items.error()));
    result.insert(result.end(), (*items)->begin(), (*items)->end());
  }
  literals.items = std::move(result);
  return {};
}

std::expected<void, Diagnostic> ListTable::replace_scalar(ast::Literal& literal) {
  Entry* entry = find(literal);
  if (!entry) return {};
  auto items = used_items(*entry, literal.span);
  if (!items) return std::unexpected(std::move(items.error()));
  if ((*items)->size() != 1) {
    return error(Code::LIST_NOT_SCALAR, literal.span,
                 fmt::format("`{}` is a list of {} items, and this operator compares with one",
                             literal.text, (*items)->size()),
                 fmt::format("use `in ({0})`, or quotes for the word itself: '{0}'", literal.text));
  }
  const Span use = literal.span;
  literal = (*items)->front();
  literal.span = use;
  return {};
}

void ListTable::warn_of_undefined(const ast::Literals& literals, Diagnostics& warnings) const {
  const ast::Literal& name = literals.items.front();
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_) names.push_back(entry.list->name.str());
  const std::string_view closest = closest_name(name.text, names);
  warnings.add(Diagnostic::at(
      Code::LIST_UNDEFINED, name.span,
      fmt::format("no list is called `{}`: it stands for the word itself", name.text),
      closest.empty() ? fmt::format("write `({})` if you mean the word", name.text)
                      : fmt::format("did you mean `{}`?", closest)));
}

/// Falco replaces names of lists wherever they stand between blanks, commas, parentheses or `=`, in
/// quoted text as well (Q34).
void ListTable::warn_of_names_in_text(const ast::Literals& literals, Diagnostics& warnings) {
  constexpr std::string_view kDelimiters = " \n\r(),=";
  for (const ast::Literal& literal : literals.items) {
    if (!literal.quoted) continue;
    const std::string_view text = literal.text;
    // The first and the last word touch a quote, which is no delimiter.
    for (size_t begin = text.find_first_of(kDelimiters); begin != std::string_view::npos;) {
      const size_t end = text.find_first_of(kDelimiters, ++begin);
      if (end == std::string_view::npos) break;
      const std::string_view word = text.substr(begin, end - begin);
      if (by_name_.contains(word)) {
        warnings.add(Diagnostic::at(
            Code::LIST_NAME_IN_TEXT, literal.span,
            fmt::format("Falco replaces `{}` in this text by the items of the list", word),
            "falcoc compares with the text as it is; for Falco, give the list another name"));
        break;
      }
      begin = end;
    }
  }
}

/// Falco expands one level of a list when it resolves lists, and another when it substitutes text
/// in conditions, in the order of definition: an older name inside that stays a word (Q33).
void ListTable::warn_of_nesting(const Entry& entry, Diagnostics& warnings) {
  for (const rules::Text& item : entry.list->items) {
    const Entry* outer = find(item.str());
    if (!outer || outer == &entry || outer->list->order.index >= entry.list->order.visibility) {
      continue;
    }
    for (const rules::Text& inner : outer->list->items) {
      const Entry* innermost = find(inner.str());
      const bool left_alone = innermost && innermost != outer && innermost != &entry &&
                              innermost->list->order.index < entry.list->order.index;
      if (!left_alone) continue;
      Diagnostic deep = Diagnostic::at(
          Code::LIST_NESTED_DEEPLY, item.span,
          fmt::format("Falco takes `{}` in list `{}` for a word where list `{}` is used",
                      inner.str(), outer->list->name.str(), entry.list->name.str()),
          fmt::format("falcoc expands it; for Falco, name `{}` in `{}` too", inner.str(),
                      entry.list->name.str()));
      deep.related.push_back({inner.span, "the list is named here"});
      warnings.add(std::move(deep));
      break;
    }
  }
}

void ListTable::report(Diagnostics& diagnostics, bool with_unused) {
  for (const Entry& entry : entries_) warn_of_nesting(entry, diagnostics);
  for (Entry& entry : entries_) {
    const auto& items = items_of(entry, 0);  // marks what it names as used
    if (!items && !entry.reported) diagnostics.add(items.error());
  }
  if (!with_unused) return;
  for (const Entry& entry : entries_) {
    if (entry.used) continue;
    diagnostics.add(Diagnostic::at(Code::UNUSED_LIST, entry.list->name.span,
                                   fmt::format("list `{}` is never used", entry.list->name.str())));
  }
}

}  // namespace falcoc::ir
