#include "compiler/lint/context.h"

#include <fmt/format.h>

#include <unordered_map>

#include "compiler/ir/exceptions.h"
#include "compiler/ir/field_ref.h"
#include "compiler/ir/lists.h"
#include "compiler/ir/parse.h"

namespace falcoc::lint {

namespace {

using Kind = ast::Expr::Kind;

/// Puts the trees of macros where their names stand.
class Expansion {
 public:
  explicit Expansion(const std::unordered_map<std::string_view, const ast::Expr*>& macros)
      : macros_(macros) {}

  /// False if the tree would be too large, or names what is not there.
  bool expand(ast::Expr& expr) {
    if (++nodes_ > kMostNodes || depth_ > kMaxDepth) return false;
    if (expr.kind == Kind::IDENTIFIER) {
      const auto macro = macros_.find(expr.identifier);
      if (macro == macros_.end()) return false;
      ast::Expr body = *macro->second;
      expr = std::move(body);
      --nodes_;
      ++depth_;
      const bool done = expand(expr);
      --depth_;
      return done;
    }
    for (ast::Expr& child : expr.children) {
      if (!expand(child)) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kMaxDepth = 200;
  const std::unordered_map<std::string_view, const ast::Expr*>& macros_;
  size_t nodes_ = 0;
  size_t depth_ = 0;
};

}  // namespace

Context::Context(const Input& input) : input_(input) {
  ir::ListTable lists(input.rules);
  Diagnostics ignored;
  const auto add = [&](const std::string& name, const MappedText& text) -> Condition* {
    auto own = ir::parse_condition(text);
    if (!own || !lists.expand(*own, ignored)) return nullptr;
    Condition& made = conditions_.emplace_back();
    made.owner = name;
    made.text = &text;
    made.own = std::move(*own);
    return &made;
  };
  conditions_.reserve(input.rules.macros.size() + input.rules.rules.size());
  for (const rules::Macro& macro : input.rules.macros) {
    if (Condition* made = add(macro.name.str(), macro.condition)) made->macro = &macro;
  }
  std::unordered_map<std::string_view, const ir::Rule*> compiled;
  for (const ir::Rule& rule : input.program.rules) compiled.emplace(rule.name, &rule);
  for (const rules::Rule& rule : input.rules.rules) {
    Condition* made = add(rule.name.str(), rule.condition);
    if (made == nullptr) continue;
    made->rule = &rule;
    if (const auto found = compiled.find(rule.name.str()); found != compiled.end())
      made->compiled = found->second;
    for (const rules::Exception& exception : rule.exceptions) {
      rules::Rule alone;
      alone.exceptions = {exception};
      auto with = ir::with_exceptions(made->own, alone);
      if (!with || with->kind != Kind::AND || !lists.expand(*with, ignored)) continue;
      ast::Expr& last = with->children.back();
      if (last.kind != Kind::NOT || last.span != exception.name.span) continue;
      made->exceptions.push_back(std::move(last));
    }
  }
  std::unordered_map<std::string_view, const ast::Expr*> macros;
  for (const Condition& condition : conditions_) {
    if (condition.macro != nullptr) macros.emplace(condition.owner, &condition.own);
  }
  for (Condition& condition : conditions_) {
    condition.whole = condition.own;
    if (!Expansion(macros).expand(condition.whole)) condition.whole = condition.own;
    if (condition.compiled != nullptr) rules_.push_back(&condition);
  }
}

bool Context::is_own(const Condition& condition, Span span) {
  const Span whole = condition.text->whole();
  return span.file == whole.file && whole.begin <= span.begin && span.end <= whole.end;
}

std::string_view Context::text(Span span) const {
  return input_.sources.file(span.file).text().substr(span.begin, span.end - span.begin);
}

Finding& Context::add(Code code, const std::string& owner, Span span, std::string message,
                      std::string hint) {
  return findings_.emplace_back(
      Finding{.diagnostic = Diagnostic::at(code, span, std::move(message), std::move(hint)),
              .owner = owner});
}

void Context::edit(Finding& finding, Span span, std::string text) {
  // Inside of YAML's quotes an edit might end them.
  const std::string_view old = this->text(span);
  const bool plain = text.find_first_of("\"'\\\n#") == std::string::npos &&
                     old.find_first_of("\"'\\\n#") == std::string::npos &&
                     text.find(": ") == std::string::npos;
  if (plain) finding.edits.push_back({span, std::move(text)});
}

void for_each_check(const ast::Expr& expr, const std::function<void(const ast::Expr&, bool)>& visit,
                    bool negated) {
  if (expr.kind == Kind::CHECK) visit(expr, negated);
  for (const ast::Expr& child : expr.children)
    for_each_check(child, visit, negated != (expr.kind == Kind::NOT));
}

const FieldInfo* left_field(const ast::Expr& check) {
  if (check.left.kind != ast::Operand::Kind::FIELD) return nullptr;
  const auto ref = ir::resolve_field(check.left, ir::FieldPlace::CONDITION);
  return ref ? &field_info(ref->id) : nullptr;
}

}  // namespace falcoc::lint
