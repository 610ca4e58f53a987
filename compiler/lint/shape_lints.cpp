// Ways of writing that mean something else than they look, or could be said in a simpler way.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "compiler/ir/field_ref.h"
#include "compiler/lint/context.h"
#include "compiler/lint/values.h"

namespace falcoc::lint {

namespace {

using ir::Operator;
using Kind = ast::Expr::Kind;

bool is_wildcard(char c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

class Shapes {
 public:
  Shapes(Context& context, const Condition& condition) : context_(context), condition_(condition) {}

  void look_at(const ast::Expr& expr) {
    if (expr.kind == Kind::OR) {
      precedence(expr);
      chain(expr);
    }
    if (expr.kind == Kind::NOT) double_negation(expr);
    if (expr.kind == Kind::CHECK) check(expr);
    for (const ast::Expr& child : expr.children) look_at(child);
  }

 private:
  Finding& add(Code code, Span span, std::string message, std::string hint) {
    return context_.add(code, condition_.owner, span, std::move(message), std::move(hint));
  }

  bool is_parenthesised(Span span) const {
    const std::string_view file = context_.input().sources.file(span.file).text();
    size_t begin = span.begin, end = span.end;
    if (begin < end && file[begin] == '(' && file[end - 1] == ')') return true;
    while (begin > 0 && std::isspace(static_cast<unsigned char>(file[begin - 1])) != 0) --begin;
    while (end < file.size() && std::isspace(static_cast<unsigned char>(file[end])) != 0) ++end;
    return begin > 0 && file[begin - 1] == '(' && end < file.size() && file[end] == ')';
  }

  void precedence(const ast::Expr& expr) {
    for (const ast::Expr& child : expr.children) {
      if (child.kind != Kind::AND || is_parenthesised(child.span)) continue;
      add(Code::LINT_PRECEDENCE, child.span, "`and` binds more tightly than the `or` beside it",
          "put parentheses around what belongs together");
      return;
    }
  }

  void chain(const ast::Expr& expr) {
    const auto is_equality = [&](const ast::Expr& part) {
      return part.kind == Kind::CHECK && part.op == Operator::EQ &&
             part.modifier == ir::Modifier::NONE && !part.right_operand &&
             part.left.kind == ast::Operand::Kind::FIELD &&
             ir::field_text(part.left) == ir::field_text(expr.children.front().left);
    };
    if (!std::ranges::all_of(expr.children, is_equality)) return;
    const FieldInfo* const field = left_field(expr.children.front());
    if (field == nullptr || field->shape == Shape::LIST) return;
    std::vector<std::string> items;
    for (const ast::Expr& part : expr.children)
      items.emplace_back(context_.text(literals_of(part).front().span));
    const std::string shorter = fmt::format(
        "{} in ({})", ir::field_text(expr.children.front().left), fmt::join(items, ", "));
    Finding& finding = add(Code::LINT_CHAIN, expr.span, "the same field is compared value by value",
                           "write `" + shorter + "`");
    // A parenthesis would be lost, a comma divide an item, and the item of a list is not what
    // stands here.
    const auto is_plain = [&](const ast::Expr& part) {
      const ast::Literal& literal = literals_of(part).front();
      return expr.span.begin <= literal.span.begin && literal.span.end <= expr.span.end &&
             context_.text(literal.span) == literal.text && !literal.text.contains(',');
    };
    const bool plain = context_.text(expr.span).find_first_of("()") == std::string_view::npos &&
                       std::ranges::all_of(expr.children, is_plain);
    if (plain) context_.edit(finding, expr.span, shorter);
  }

  void double_negation(const ast::Expr& expr) {
    const ast::Expr& inner = expr.children.front();
    if (inner.kind != Kind::CHECK || inner.op != Operator::NE) return;
    add(Code::LINT_DOUBLE_NEGATION, expr.span,
        fmt::format("`not` of `!=` is also true where {} is absent",
                    context_.text(inner.left.span)),
        "write `=` if the value has to be there");
  }

  void check(const ast::Expr& expr) {
    itself(expr);
    single(expr);
    for (const ast::Literal& literal : literals_of(expr)) {
      glob(expr, literal);
      anchors(expr, literal);
      letters(expr, literal);
      const bool part = expr.op == Operator::CONTAINS || expr.op == Operator::ICONTAINS ||
                        expr.op == Operator::STARTSWITH || expr.op == Operator::ENDSWITH;
      if (part && literal.text.empty()) {
        add(Code::LINT_LITERAL_EMPTY, literal.span,
            fmt::format("`{} ''` holds for every value", spelling(expr.op)),
            "write `exists`, or the text that is meant");
      }
    }
  }

  void itself(const ast::Expr& expr) {
    if (!expr.right_operand || expr.right_operand->kind != ast::Operand::Kind::TRANSFORMER) return;
    const ast::Operand& call = *expr.right_operand;
    if (call.transformer != ir::Transformer::VAL || call.arguments.size() != 1) return;
    if (expr.left.kind != ast::Operand::Kind::FIELD ||
        call.arguments[0].kind != ast::Operand::Kind::FIELD)
      return;
    if (ir::field_text(expr.left) != ir::field_text(call.arguments[0])) return;
    add(Code::LINT_ITSELF, expr.span, "a field is compared with itself", "name the other field");
  }

  void single(const ast::Expr& expr) {
    const FieldInfo* const field = left_field(expr);
    if (expr.op != Operator::IN || expr.right.expanded || expr.right.items.size() != 1 ||
        field == nullptr)
      return;
    const Span item = expr.right.items[0].span;
    const bool written = expr.right.span.begin <= item.begin && item.end <= expr.right.span.end;
    if (!written || field->shape == Shape::LIST || expr.modifier != ir::Modifier::NONE ||
        context_.text(item) != expr.right.items[0].text)
      return;
    add(Code::LINT_IN_ONE, expr.span, "a list of one value",
        fmt::format("write `= {}`", expr.right.items[0].text));
  }

  void glob(const ast::Expr& expr, const ast::Literal& literal) {
    if (expr.op != Operator::GLOB || literals_of(expr).size() != 1) return;
    std::string_view text = literal.text;
    const bool front = text.starts_with('*'), back = text.size() > 1 && text.ends_with('*');
    if (front) text.remove_prefix(1);
    if (back) text.remove_suffix(1);
    if (text.empty() || std::ranges::any_of(text, is_wildcard)) return;
    const std::string_view op = front && back ? "contains"
                                : front       ? "endswith"
                                : back        ? "startswith"
                                              : "=";
    const Code code = front || back ? Code::LINT_GLOB_AFFIX : Code::LINT_GLOB_PLAIN;
    Finding& finding =
        add(code, expr.op_span, fmt::format("`glob` uses nothing that `{}` cannot do", op),
            fmt::format("write `{} {}`", op, text));
    if (literal.quoted || context_.text(literal.span) != literal.text) return;
    context_.edit(finding, expr.op_span, std::string(op));
    context_.edit(finding, literal.span, std::string(text));
    if (finding.edits.size() != 2) finding.edits.clear();
  }

  void anchors(const ast::Expr& expr, const ast::Literal& literal) {
    const std::string_view text = literal.text;
    const bool front = text.starts_with('^');
    const bool back = text.ends_with('$') && !text.ends_with("\\$");
    if (expr.op != Operator::REGEX || (!front && !back) || text.find('|') != std::string::npos)
      return;
    add(Code::LINT_REGEX_ANCHOR, literal.span, "a regex always matches the whole value",
        "leave `^` and `$` out; to find a part write `.*` on both sides");
  }

  void letters(const ast::Expr& expr, const ast::Literal& literal) {
    if (expr.left.kind != ast::Operand::Kind::TRANSFORMER) return;
    const bool lower = expr.left.transformer == ir::Transformer::TOLOWER;
    if (!lower && expr.left.transformer != ir::Transformer::TOUPPER) return;
    if (expr.op == Operator::REGEX || expr.op == Operator::ICONTAINS || expr.op == Operator::IGLOB)
      return;
    const auto is_wrong = [&](unsigned char c) {
      return lower ? std::isupper(c) != 0 : std::islower(c) != 0;
    };
    if (!std::ranges::any_of(literal.text, is_wrong)) return;
    add(Code::LINT_CASE_NEVER, literal.span,
        fmt::format("`{}` has {} letters, and {} leaves none", literal.text,
                    lower ? "upper-case" : "lower-case", spelling(expr.left.transformer)),
        "write the letters in the other case");
  }

  Context& context_;
  const Condition& condition_;
};

}  // namespace

void find_odd_shapes(Context& context) {
  for (const Condition& condition : context.conditions())
    Shapes(context, condition).look_at(condition.own);
}

}  // namespace falcoc::lint
