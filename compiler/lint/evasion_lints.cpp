// Checks that somebody who knows them gets around.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/ir/field_ref.h"
#include "compiler/lint/context.h"
#include "compiler/lint/values.h"

namespace falcoc::lint {

namespace {

using ir::Operator;

constexpr std::array<std::string_view, 16> kRoots = {
    "/bin/",  "/boot/", "/dev/",  "/etc/", "/home/", "/lib/", "/opt/", "/proc/",
    "/root/", "/run/",  "/sbin/", "/srv/", "/sys/",  "/tmp/", "/usr/", "/var/"};

bool is_below_root(std::string_view text) {
  return std::ranges::any_of(kRoots, [&](std::string_view root) { return text.starts_with(root); });
}

bool is_command_text(FieldId id) {
  return id == FieldId::proc_cmdline || id == FieldId::proc_args || id == FieldId::proc_exeline ||
         id == FieldId::proc_pcmdline;
}

/// `-x` or `--long` in the middle of a command line.
bool is_option(std::string_view text) {
  const size_t dash = text.find('-');
  return dash != std::string_view::npos && (dash == 0 || text[dash - 1] == ' ') &&
         dash + 1 < text.size() && text[dash + 1] != ' ';
}

/// Arguments of events that hold a path as the program passed it.
bool is_passed_path(const ast::Operand& field, const FieldInfo& info) {
  static const std::set<std::string_view> kArguments = {"name",    "path",   "filename", "oldpath",
                                                        "newpath", "target", "linkpath"};
  if (info.id == FieldId::fd_nameraw || info.id == FieldId::fs_path_nameraw ||
      info.id == FieldId::fs_path_sourceraw || info.id == FieldId::fs_path_targetraw) {
    return true;
  }
  const std::string text = ir::field_text(field);
  constexpr std::string_view kPrefix = "evt.arg.";
  return text.starts_with(kPrefix) &&
         kArguments.contains(std::string_view(text).substr(kPrefix.size()));
}

void look_at(Context& context, const Condition& condition, const ast::Expr& check, bool negated) {
  const FieldInfo* const field = left_field(check);
  if (field == nullptr || check.right_operand) return;
  const bool path_field = field->id == FieldId::fd_name || field->id == FieldId::fs_path_name ||
                          field->id == FieldId::proc_exepath || field->id == FieldId::fd_directory;
  for (const ast::Literal& literal : literals_of(check)) {
    if (check.op == Operator::CONTAINS && path_field && is_below_root(literal.text)) {
      context.add(
          Code::LINT_CONTAINS_PATH, condition.owner, literal.span,
          fmt::format("`contains {}` also finds it in the middle of a path, below any directory",
                      literal.text),
          "write `startswith` if the root's directory is meant");
    }
    const bool finds_text = check.op == Operator::CONTAINS || check.op == Operator::ICONTAINS ||
                            check.op == Operator::ENDSWITH || check.op == Operator::GLOB;
    if (finds_text && !negated && is_command_text(field->id) && is_option(literal.text)) {
      context.add(Code::LINT_ARGUMENT_TEXT, condition.owner, literal.span,
                  fmt::format("options can be written in other ways than `{}`: joined, in another "
                              "order, abbreviated",
                              literal.text),
                  "compare with `getopt(proc.args, …)` or several forms");
    }
    const bool absolute = literal.text.starts_with('/');
    const bool by_front = check.op == Operator::EQ || check.op == Operator::IN ||
                          check.op == Operator::STARTSWITH || check.op == Operator::PMATCH;
    if (absolute && by_front && !negated && is_passed_path(check.left, *field)) {
      context.add(Code::LINT_PATH_AS_PASSED, condition.owner, check.span,
                  fmt::format("{} is the path as the program wrote it: relative, with `..` or `//` "
                              "it is another text",
                              ir::field_text(check.left)),
                  "compare fd.name or fs.path.name, which are absolute and clean");
      return;
    }
  }
}

/// A path that a link can stand for.
void find_links(Context& context, const Condition& rule) {
  bool by_true_name = false;
  const ast::Expr* exact = nullptr;
  for_each_check(rule.whole, [&](const ast::Expr& check, bool negated) {
    const FieldInfo* const field = left_field(check);
    if (field == nullptr) return;
    if (field->id == FieldId::fd_truename || field->id == FieldId::fd_ino) by_true_name = true;
    const bool by_front = check.op == Operator::EQ || check.op == Operator::IN ||
                          check.op == Operator::STARTSWITH || check.op == Operator::PMATCH;
    if (negated || field->id != FieldId::fd_name || !by_front || check.right_operand) return;
    const std::vector<ast::Literal>& literals = literals_of(check);
    if (exact == nullptr && std::ranges::any_of(literals, [](const ast::Literal& l) {
          return is_below_root(l.text);
        })) {
      exact = &check;
    }
  });
  if (by_true_name || exact == nullptr) return;
  context.add(Code::LINT_LINK, rule.owner, exact->span,
              fmt::format("a symbolic link of another name leads around rule `{}`", rule.owner),
              "compare fd.truename too, which is the file that was opened; Falco does not have it");
}

}  // namespace

void find_evasions(Context& context) {
  for (const Condition& condition : context.conditions()) {
    for_each_check(condition.own, [&](const ast::Expr& check, bool negated) {
      look_at(context, condition, check, negated);
    });
  }
  for (const Condition* rule : context.rules()) find_links(context, *rule);
}

}  // namespace falcoc::lint
