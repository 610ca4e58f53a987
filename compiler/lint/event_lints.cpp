// Rules about events that cannot be, or about some of the calls that do the same.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/catalog/event_sets.h"
#include "compiler/ir/field_ref.h"
#include "compiler/lint/context.h"
#include "compiler/lint/values.h"

namespace falcoc::lint {

namespace {

/// Calls that do the same, so that who names one can be evaded by another. The first are what rules
/// name.
const std::vector<std::vector<std::string_view>>& families() {
  static const std::vector<std::vector<std::string_view>> kAll = {
      {"open", "openat", "openat2"},
      {"execve", "execveat"},
      {"rename", "renameat", "renameat2"},
      {"unlink", "unlinkat"},
      {"link", "linkat"},
      {"symlink", "symlinkat"},
      {"mkdir", "mkdirat"},
      {"chmod", "fchmod", "fchmodat"},
      {"chown", "fchown", "lchown", "fchownat"},
      {"mknod", "mknodat"},
      {"dup", "dup2", "dup3"},
      {"accept", "accept4"},
      {"init_module", "finit_module"},
      {"setuid", "setreuid", "setresuid"},
      {"setgid", "setregid", "setresgid"},
      {"kill", "tkill", "tgkill"},
      {"umount", "umount2"},
      {"pipe", "pipe2"},
      {"eventfd", "eventfd2"},
      {"signalfd", "signalfd4"},
      {"inotify_init", "inotify_init1"},
      {"preadv", "preadv2"},
      {"pwritev", "pwritev2"},
      {"clone", "clone3", "fork", "vfork"},
  };
  return kAll;
}

bool holds_any(const EventSet& set, std::string_view name) {
  const auto kinds = event_kinds_named(name);
  return kinds && (set & *kinds).any();
}

/// The check that names a member of the family, null if none does.
const ast::Expr* naming_check(const ast::Expr& whole, const std::vector<std::string_view>& family) {
  const ast::Expr* found = nullptr;
  for_each_check(whole, [&](const ast::Expr& check, bool negated) {
    const FieldInfo* const field = left_field(check);
    if (found != nullptr || negated || field == nullptr || field->name != "evt.type") return;
    const auto is_member = [&](const ast::Literal& literal) {
      return std::ranges::find(family, literal.text) != family.end();
    };
    if (std::ranges::any_of(literals_of(check), is_member)) found = &check;
  });
  return found;
}

void find_missing_siblings(Context& context, const Condition& rule, const EventSet& events) {
  for (const std::vector<std::string_view>& family : families()) {
    std::vector<std::string_view> missing;
    for (const std::string_view member : family) {
      if (event_kinds_named(member) && !holds_any(events, member)) missing.push_back(member);
    }
    if (missing.empty() || missing.size() == family.size()) continue;
    const ast::Expr* const check = naming_check(rule.whole, family);
    if (check == nullptr) continue;
    context.add(Code::LINT_SIBLING_MISSING, rule.owner, check->span,
                fmt::format("rule `{}` does not see {}, which can do the same", rule.owner,
                            fmt::join(missing, ", ")),
                "name the whole family in evt.type");
  }
}

/// A check that has to hold for the rule to match.
void for_each_required(const ast::Expr& expr, const std::function<void(const ast::Expr&)>& visit) {
  if (expr.kind == ast::Expr::Kind::CHECK) visit(expr);
  if (expr.kind != ast::Expr::Kind::AND) return;
  for (const ast::Expr& child : expr.children) for_each_required(child, visit);
}

/// A field of descriptors that the rule needs, though no event that it names has one; null if there
/// is none.
const ast::Expr* descriptor_never_there(const Condition& rule) {
  EventSet named = all_event_kinds();
  const ast::Expr* found = nullptr;
  for_each_required(rule.whole, [&](const ast::Expr& check) {
    const FieldInfo* const field = left_field(check);
    if (field == nullptr) return;
    if (field->name.starts_with("fd.")) found = &check;
    if (field->id != FieldId::evt_type ||
        (check.op != ir::Operator::EQ && check.op != ir::Operator::IN))
      return;
    EventSet of_check;
    for (const ast::Literal& literal : literals_of(check))
      of_check |= event_kinds_named(literal.text).value_or(EventSet{});
    named &= of_check;
  });
  return named.any() && !any_event(named, has_descriptor) ? found : nullptr;
}

void tell_of_no_event(Context& context, const Condition& rule) {
  if (const ast::Expr* const check = descriptor_never_there(rule)) {
    context.add(Code::LINT_DESCRIPTOR_NEVER, rule.owner, check->span,
                fmt::format("no event that rule `{}` names has a descriptor, so {} is absent",
                            rule.owner, ir::field_text(check->left)),
                "compare fs.path.name or an argument of the event");
    return;
  }
  context.add(
      Code::LINT_NO_EVENT, rule.owner, rule.rule->name.span,
      fmt::format("no event can make rule `{}` match", rule.owner),
      "the checks of event types, or of arguments that only some events have, exclude one another");
}

}  // namespace

void find_event_slips(Context& context) {
  for (const Condition* rule : context.rules()) {
    const EventSet& events = context.input().program.rule_events(*rule->compiled);
    if (events.none()) {
      tell_of_no_event(context, *rule);
    } else {
      find_missing_siblings(context, *rule, events);
    }
  }
}

}  // namespace falcoc::lint
