// Outputs that say too little, too much, or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/catalog/event_sets.h"
#include "compiler/ir/field_ref.h"
#include "compiler/ir/parse.h"
#include "compiler/lint/context.h"

namespace falcoc::lint {

namespace {

struct Shown {
  const FieldInfo* info;
  std::string text;      ///< as written, with its argument
  std::string argument;  ///< of evt.arg.NAME: NAME
  Span span;
};

std::vector<Shown> shown_fields(const MappedText& output) {
  std::vector<Shown> shown;
  const auto tokens = ir::parse_output(output);
  if (!tokens) return shown;
  for (const ir::OutputToken& token : *tokens) {
    if (token.is_text) continue;
    const std::function<void(const ast::Operand&)> collect = [&](const ast::Operand& operand) {
      for (const ast::Operand& argument : operand.arguments) collect(argument);
      if (operand.kind != ast::Operand::Kind::FIELD) return;
      const auto ref = ir::resolve_field(operand, ir::FieldPlace::OUTPUT);
      if (!ref) return;
      std::string text = ir::field_text(operand);
      constexpr std::string_view kPrefix = "evt.arg.";
      std::string argument = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : "";
      shown.push_back({&field_info(ref->id), std::move(text), std::move(argument), token.span});
    };
    collect(token.operand);
  }
  return shown;
}

bool shows(const std::vector<Shown>& shown, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(shown, [&](const Shown& field) {
    return std::ranges::any_of(
        prefixes, [&](std::string_view prefix) { return field.text.starts_with(prefix); });
  });
}

bool event_has(const EventSet& events, std::string_view parameter) {
  return any_event(events, [&](const EventInfo& event) {
    return std::ranges::find(event.params, parameter, &ParamInfo::name) != event.params.end();
  });
}

void find_missing(Context& context, const Condition& rule, const std::vector<Shown>& shown,
                  Span where) {
  if (shown.empty()) {
    context.add(Code::LINT_OUTPUT_NO_FIELD, rule.owner, where,
                "the output is the same for every alert",
                "name what was done, by whom and to what: %proc.cmdline, %user.name, %fd.name");
    return;
  }
  if (!shows(shown, {"proc.", "thread."})) {
    context.add(Code::LINT_OUTPUT_NO_PROCESS, rule.owner, where,
                "the output does not say which process it was",
                "add %proc.name, %proc.cmdline or %proc.exepath");
  }
  if (!shows(shown, {"user."})) {
    context.add(Code::LINT_OUTPUT_NO_USER, rule.owner, where,
                "the output does not say which user it was", "add %user.name or %user.uid");
  }
  bool about_path = false;
  for_each_check(rule.whole, [&](const ast::Expr& check, bool) {
    const FieldInfo* const field = left_field(check);
    if (field == nullptr) return;
    about_path = about_path || field->id == FieldId::fd_name ||
                 field->id == FieldId::fd_directory || field->id == FieldId::fd_filename ||
                 field->name.starts_with("fs.path.");
  });
  if (about_path && !shows(shown, {"fd.", "fs.path.", "evt.arg", "evt.args", "evt.info"})) {
    context.add(Code::LINT_OUTPUT_NO_FILE, rule.owner, where,
                "the condition is about a file that the output does not name", "add %fd.name");
  }
}

void find_odd(Context& context, const Condition& rule, const std::vector<Shown>& shown) {
  const EventSet& events = context.input().program.rule_events(*rule.compiled);
  std::set<std::string> seen;
  for (const Shown& field : shown) {
    if (!seen.insert(field.text).second) {
      context.add(Code::LINT_OUTPUT_REPEATED, rule.owner, field.span,
                  fmt::format("`%{}` is in the output twice", field.text), "remove one");
    }
    const bool environment =
        (field.info->id == FieldId::proc_env || field.info->id == FieldId::proc_aenv) &&
        field.text.find('[') == std::string::npos;
    if (environment || field.info->id == FieldId::evt_buffer) {
      context.add(
          Code::LINT_OUTPUT_SECRET, rule.owner, field.span,
          fmt::format("`%{}` may carry passwords and keys to wherever alerts go", field.text),
          environment ? "name the variable: %proc.env[NAME]"
                      : "print evt.buflen, or a part by evt.buffer's condition");
    }
    if (!field.argument.empty() && events.any() && !event_has(events, field.argument)) {
      context.add(Code::LINT_OUTPUT_ARGUMENT, rule.owner, field.span,
                  fmt::format("no event that the rule sees has an argument `{}`: it prints <NA>",
                              field.argument),
                  "`falcoc list events` shows the arguments of events");
    }
    if (field.info->name.starts_with("fd.") && events.any() && !any_event(events, has_descriptor)) {
      context.add(Code::LINT_OUTPUT_ARGUMENT, rule.owner, field.span,
                  fmt::format("no event that the rule sees has a descriptor: `%{}` prints <NA>",
                              field.text),
                  "print fs.path.name or an argument of the event");
    }
  }
}

}  // namespace

void find_output_slips(Context& context) {
  for (const Condition* rule : context.rules()) {
    const MappedText& output = rule->rule->output;
    const std::vector<Shown> shown = shown_fields(output);
    find_missing(context, *rule, shown, output.whole());
    find_odd(context, *rule, shown);
  }
}

}  // namespace falcoc::lint
