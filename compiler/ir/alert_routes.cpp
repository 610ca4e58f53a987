// What a condition asks of the alert is known for each rule, so that it is replaced by what the
// rule says before the condition is lowered, once for each rule.
#include "compiler/ir/alert_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "compiler/ir/output.h"
#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

using Condition = std::expected<ast::Expr, Diagnostic>;

constexpr std::string_view kRule = "alert.rule";
constexpr std::string_view kPriority = "alert.priority";
constexpr std::string_view kSource = "alert.source";
constexpr std::string_view kTags = "alert.tags";

/// What stands for a check that is decided; no name of a macro has blanks.
constexpr std::string_view kTrue = "is true";
constexpr std::string_view kFalse = "is false";

ast::Operand literal(std::string text, Span span) {
  ast::Operand operand;
  operand.span = span;
  operand.name = std::move(text);
  return operand;
}

/// Position in the order of syslog: the gravest is 0.
std::optional<uint8_t> priority_number(std::string_view text) {
  if (const auto priority = parse_priority(text)) return static_cast<uint8_t>(*priority);
  uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (is_number && number <= static_cast<uint8_t>(Priority::DEBUG)) return number;
  return std::nullopt;
}

bool compares_priorities(Operator op) {
  using enum Operator;
  return op == EXISTS || op == EQ || op == NE || op == LT || op == LE || op == GT || op == GE ||
         op == IN;
}

/// `numbers` holds one at least, unless this is about existence.
bool compare(uint8_t priority, Operator op, std::span<const uint8_t> numbers) {
  switch (op) {
    case Operator::EQ:
      return priority == numbers.front();
    case Operator::NE:
      return priority != numbers.front();
    case Operator::LT:
      return priority < numbers.front();
    case Operator::LE:
      return priority <= numbers.front();
    case Operator::GT:
      return priority > numbers.front();
    case Operator::GE:
      return priority >= numbers.front();
    case Operator::IN:
      return std::ranges::find(numbers, priority) != numbers.end();
    default:
      return true;  // they always exist
  }
}

/// Replaces what `rule` decides.
class Specialisation {
 public:
  explicit Specialisation(const Rule& rule) : rule_(rule) {}

  std::expected<void, Diagnostic> apply(ast::Expr& expr) const {
    for (ast::Expr& child : expr.children) {
      if (auto done = apply(child); !done) return done;
    }
    if (expr.kind != ast::Expr::Kind::CHECK || expr.left.kind != ast::Operand::Kind::FIELD ||
        expr.left.argument) {
      return {};
    }
    const Span span = expr.left.span;
    if (expr.left.name == kPriority) return decide_priority(expr);
    if (expr.left.name == kRule) expr.left = literal(rule_.name, span);
    if (expr.left.name == kSource) expr.left = literal(rule_.source, span);
    if (expr.left.name == kTags) {
      ast::Operand tags;
      tags.kind = ast::Operand::Kind::LIST;
      tags.span = span;
      for (const std::string& tag : rule_.tags) tags.arguments.push_back(literal(tag, span));
      expr.left = std::move(tags);
    }
    return {};
  }

 private:
  std::expected<void, Diagnostic> decide_priority(ast::Expr& expr) const {
    const bool has_value = expr.op == Operator::EXISTS || !expr.right.items.empty();
    if (!compares_priorities(expr.op) || expr.modifier != Modifier::NONE || !has_value) {
      return std::unexpected(Diagnostic::at(Code::OPERATOR_TYPE, expr.op_span,
                                            "priorities cannot be compared so",
                                            "use =, !=, <, <=, >, >= or in, and names or numbers"));
    }
    std::vector<uint8_t> numbers;
    for (const ast::Literal& item : expr.right.items) {
      const auto number = priority_number(item.text);
      if (!number) {
        return std::unexpected(Diagnostic::at(
            Code::PRIORITY_UNKNOWN, item.span, fmt::format("`{}` is no priority", item.text),
            "use emergency, alert, critical, error, warning, notice, informational or debug, or 0 "
            "to 7 in this order"));
      }
      numbers.push_back(*number);
    }
    ast::Expr decided;
    decided.kind = ast::Expr::Kind::IDENTIFIER;
    decided.span = expr.span;
    const bool holds = compare(static_cast<uint8_t>(rule_.priority), expr.op, numbers);
    decided.identifier = holds ? kTrue : kFalse;
    expr = std::move(decided);
    return {};
  }

  const Rule& rule_;
};

class Routes {
 public:
  Routes(ProgramBuilder& builder, const StaticFields& static_fields, SourceMap& sources,
         Diagnostics& diagnostics)
      : builder_(builder),
        sources_(sources),
        diagnostics_(diagnostics),
        lowering_(builder, diagnostics, {.static_fields = &static_fields}),
        repeated_(builder, ignored_, {.static_fields = &static_fields}) {}

  /// Of all rules, which each get a condition.
  AlertRoute add(const AlertRouteText& text, std::span<Rule> rules) {
    AlertRoute route{.name = text.name, .group = {}};
    add_condition(text, rules);
    for (const std::string& field : text.group) add_group(text.name, field, route);
    return route;
  }

 private:
  MappedText source(const std::string& name, const std::string& text) {
    const FileId file = sources_.add(name, text);
    return {text, Span{.file = file, .begin = 0, .end = static_cast<uint32_t>(text.size())}};
  }

  void add_condition(const AlertRouteText& text, std::span<Rule> rules) {
    const NodeId always = builder_.constant(true);
    for (Rule& rule : rules) rule.routes.push_back(always);
    if (text.when.empty()) return;
    const auto condition = parse_condition(source(text.name + ".when", text.when), &diagnostics_);
    if (!condition) return diagnostics_.add(condition.error());
    // Once for a rule that there is not: what is wrong is said once, and if there are no rules too.
    const auto tried = lower(*condition, {}, lowering_);
    if (!tried) return diagnostics_.add(tried.error());
    for (Rule& rule : rules) {
      if (const auto node = lower(*condition, rule, repeated_)) rule.routes.back() = *node;
    }
  }

  std::expected<NodeId, Diagnostic> lower(ast::Expr condition, const Rule& rule,
                                          Lowering& lowering) {
    if (auto done = Specialisation(rule).apply(condition); !done) {
      return std::unexpected(std::move(done.error()));
    }
    return lowering.condition(
        condition, [this](const ast::Expr& name) -> std::expected<NodeId, Diagnostic> {
          if (name.identifier == kTrue) return builder_.constant(true);
          if (name.identifier == kFalse) return builder_.constant(false);
          return std::unexpected(Diagnostic::at(
              Code::MACRO_UNDEFINED, name.span,
              fmt::format("`{}`: macros of rule files are not known here", name.identifier),
              "write out its condition; names of fields have a dot, like alert.rule"));
        });
  }

  void add_group(const std::string& name, const std::string& field, AlertRoute& route) {
    const MappedText key = source(name + ".deduplicate.by", field);
    MappedText text;
    text.append("%", key.span(0, 0));
    text.append(key);
    const auto output = lower_output(text, lowering_, diagnostics_);
    if (!output) return diagnostics_.add(output.error());
    if (output->pieces.size() != 1 || output->pieces.front().is_text) {
      return diagnostics_.add(Diagnostic::at(Code::OUTPUT_TOKEN_INVALID, key.whole(),
                                             fmt::format("`{}` is not one field", field),
                                             "name a field, like container.id"));
    }
    // a byte that separates what no text of a field has at its end
    if (!route.group.empty()) route.group.push_back({.is_text = true, .text = {'\0'}});
    route.group.push_back(output->pieces.front());
  }

  ProgramBuilder& builder_;
  SourceMap& sources_;
  Diagnostics& diagnostics_;
  Diagnostics ignored_;
  Lowering lowering_;
  Lowering repeated_;
};

}  // namespace

Program add_alert_routes(Program program, std::span<const AlertRouteText> routes,
                         const StaticFields& static_fields, SourceMap& sources,
                         Diagnostics& diagnostics) {
  if (routes.empty()) return program;
  std::vector<Rule> rules = std::move(program.rules);
  program.rules.clear();
  ProgramBuilder builder(std::move(program));
  Routes compiler(builder, static_fields, sources, diagnostics);
  std::vector<AlertRoute> added;
  for (const AlertRouteText& route : routes) added.push_back(compiler.add(route, rules));
  for (Rule& rule : rules) builder.rule(std::move(rule));
  Program result = std::move(builder).finish();
  result.routes = std::move(added);
  return result;
}

}  // namespace falcoc::ir
