// Uses of fields that are probably not what their author meant (RULE-LANGUAGE 4.7, quirks Q27 and
// Q28), and notes about fields without a value.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/ir/lower.h"

namespace falcoc::ir {
namespace {

/// Fields that have a text even where the thing is unknown.
struct Placeholder {
  FieldId field;
  bool with_argument;     ///< only with an index or key
  std::string_view text;  ///< as a rule writes it
};
constexpr std::array kPlaceholders = {Placeholder{FieldId::proc_args, true, "''"},
                                      Placeholder{FieldId::proc_env, true, "''"},
                                      Placeholder{FieldId::proc_aenv, true, "''"},
                                      Placeholder{FieldId::user_name, false, "'<NA>'"},
                                      Placeholder{FieldId::user_homedir, false, "'<NA>'"},
                                      Placeholder{FieldId::user_shell, false, "'<NA>'"},
                                      Placeholder{FieldId::user_loginname, false, "'<NA>'"},
                                      Placeholder{FieldId::user_loginuid, false, "-1"},
                                      Placeholder{FieldId::group_name, false, "'<NA>'"},
                                      Placeholder{FieldId::fd_l4proto, false, "'<NA>'"}};

/// The row of a field with this argument, null if it can be absent.
const Placeholder* placeholder_of(const FieldRef& ref) {
  const auto* const row = std::ranges::find(kPlaceholders, ref.id, &Placeholder::field);
  const bool has_argument = ref.index != FieldRef::kNoIndex || !ref.key.empty();
  const bool applies = row != kPlaceholders.end() && (!row->with_argument || has_argument);
  return applies ? row : nullptr;
}

/// Whether the empty text differs from as many literals as the modifier asks for. Not so for
/// `!= ''`, which asks for presence.
bool empty_differs(const ast::Expr& check) {
  const auto& items = check.right.expanded ? *check.right.expanded : check.right.items;
  const auto different = std::ranges::count_if(
      items, [](const ast::Literal& literal) { return !literal.text.empty(); });
  switch (check.modifier) {
    case Modifier::ONEOF:
      return different == 1;
    case Modifier::ANYOF:
      return different > 0;
    default:
      return different > 0 && static_cast<size_t>(different) == items.size();
  }
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void Lowering::warn_of_existence(const ast::Expr& check, OperandId left) {
  if (at(left).kind != Operand::Kind::FIELD) return;
  const Placeholder* row = placeholder_of(out_.program().field(at(left).field));
  if (row == nullptr) return;
  const std::string field = field_text(check.left);
  warnings_.add(Diagnostic::at(
      Code::ALWAYS_PRESENT, check.left.span,
      fmt::format("`{} exists` is true for every process: what is missing is {}", field, row->text),
      fmt::format("write `{} != {}`", field, row->text)));
}

/// Only where the placeholder is the empty text: a user `<NA>` is not root, as rules mean it.
void Lowering::warn_of_missing(const ast::Expr& check, OperandId left) {
  if (at(left).kind != Operand::Kind::FIELD) return;
  const Placeholder* row = placeholder_of(out_.program().field(at(left).field));
  if (row == nullptr || !row->with_argument) return;
  const bool below = check.op == Operator::LT || check.op == Operator::LE;
  const bool different = check.op == Operator::NE && (check.right_operand || empty_differs(check));
  if (!below && !different) return;
  const std::string field = field_text(check.left);
  warnings_.add(
      Diagnostic::at(Code::MISSING_MATCHES, check.left.span,
                     fmt::format("`{} {}` is also true where `{}` is missing: it is {} then", field,
                                 spelling(check.op), field, row->text),
                     fmt::format("add `{} != {} and`, if it has to be there", field, row->text)));
}

void Lowering::warn_of_argument(const ast::Operand& field, const FieldRef& ref, FieldPlace place) {
  const ArgumentRule rule = field_info(ref.id).argument;
  const bool ignored =
      rule == ArgumentRule::KEY_OPTIONAL ||
      (rule == ArgumentRule::INDEX_OR_KEY_OPTIONAL && place == FieldPlace::CONDITION);
  if (!ignored || !field.argument || !is_digits(*field.argument)) return;
  warnings_.add(
      Diagnostic::at(Code::KEY_IGNORED, field.span,
                     fmt::format("`{}` means `{}`: an argument of digits is ignored",
                                 field_text(field), field.name),
                     fmt::format("write the name of a variable, as in `{}[HOME]`", field.name)));
}

void Lowering::note_unsupplied(const ast::Operand& field, const FieldRef& ref) {
  const FieldInfo& info = field_info(ref.id);
  if (!options_.notes || info.supplied) return;
  if (!noted_.emplace(ref.id, field.span.file).second) return;
  warnings_.add(
      Diagnostic::at(Code::FIELD_NOT_SUPPLIED, field.span,
                     fmt::format("`{}` is always absent in this version of falcod", info.name),
                     "comparisons with it are false, and outputs print <NA>"));
}

}  // namespace falcoc::ir
