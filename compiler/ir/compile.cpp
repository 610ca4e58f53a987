// The driver: rule set to program, rule by rule, collecting the errors of all of them.
#include "compiler/ir/compile.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/ir/exceptions.h"
#include "compiler/ir/lists.h"
#include "compiler/ir/lower.h"
#include "compiler/ir/macros.h"
#include "compiler/ir/output.h"
#include "compiler/ir/parse.h"

namespace falcoc::ir {
namespace {

/// The only source there are events of.
constexpr std::string_view kSource = "syscall";
/// Falco warns of conditions that leave more event codes than this to evaluate
/// (RULE-LANGUAGE 4.10).
constexpr size_t kMaxUnwarnedCodes = 100;

/// As many codes as Falco counts: one for entering and one for leaving, and two for all the system
/// calls without an event of their own.
size_t falco_code_count(const EventSet& kinds) {
  size_t own = 0;
  bool generic = false;
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    if (!kinds.test(kind)) continue;
    if (kind < kGenericBase) {
      ++own;
    } else {
      generic = true;
    }
  }
  return 2 * (own + (generic ? 1 : 0));
}

/// What `skip-if-unknown-filter` tolerates (RULE-LANGUAGE 3.10).
bool names_something_unknown(const Diagnostic& diagnostic) {
  return diagnostic.code == Code::FIELD_UNKNOWN || diagnostic.code == Code::EVENT_TYPE_UNKNOWN ||
         diagnostic.code == Code::OUTPUT_FIELD_UNKNOWN ||
         diagnostic.code == Code::OUTPUT_TOKEN_INVALID;
}

class Compiler {
 public:
  Compiler(const rules::RuleSet& set, const CompileOptions& options, Diagnostics& diagnostics)
      : set_(set),
        options_(options),
        diagnostics_(diagnostics),
        lists_(set),
        macros_(set, lists_, findings_),
        lowering_(builder_, findings_,
                  {.notes = options.notes, .static_fields = options.static_fields}) {}

  Program run() &&;

 private:
  struct Pending {
    const rules::Rule* rule = nullptr;
    std::expected<ast::Expr, Diagnostic> condition;
  };

  Pending prepare(const rules::Rule& rule);
  void compile_rule(const Pending& pending);
  std::expected<NodeId, MacroTable::Failure> condition_node(const Pending& pending) const;
  Rule described(const rules::Rule& rule, std::string output) const;
  void reject(const rules::Rule& rule, Diagnostic diagnostic, std::optional<size_t> macro = {});
  void warn_of_missing_event_types(const Program& program);

  const rules::RuleSet& set_;
  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  Diagnostics findings_;  ///< of rules, behind those of lists and macros in the end
  ProgramBuilder builder_;
  ListTable lists_;
  MacroTable macros_;
  mutable Lowering lowering_;
  std::vector<const rules::Rule*> compiled_;  ///< parallel to Program::rules
};

Program Compiler::run() && {
  std::vector<Pending> pending;
  bool all_parsed = !macros_.any_unparsed();
  for (const rules::Rule& rule : set_.rules) {
    if (rule.source != kSource) {
      findings_.add(
          Diagnostic::at(Code::UNKNOWN_SOURCE, rule.name.span,
                         fmt::format("rule `{}` has the unknown source `{}` and is left out",
                                     rule.name.str(), rule.source)));
      continue;
    }
    pending.push_back(prepare(rule));
    all_parsed = all_parsed && pending.back().condition.has_value();
  }
  macros_.lower(lowering_);
  for (Pending& rule : pending) {
    compile_rule(rule);
    rule.condition = ast::Expr{};  // trees are large: what follows can use their memory
  }

  // A condition that does not parse may be the one that uses what seems unused.
  macros_.report(diagnostics_, all_parsed);
  lists_.report(diagnostics_, all_parsed);
  for (const Diagnostic& finding : findings_.items()) diagnostics_.add(finding);

  Program program = std::move(builder_).finish();
  program.required_engine_version = set_.required_engine_version;
  warn_of_missing_event_types(program);
  return program;
}

/// Parses a condition, adds exceptions, expands lists and marks macros as used.
Compiler::Pending Compiler::prepare(const rules::Rule& rule) {
  auto condition = parse_condition(rule.condition, &findings_);
  if (condition) condition = with_exceptions(std::move(*condition), rule);
  if (condition) {
    if (auto expanded = lists_.expand(*condition, findings_); !expanded) {
      condition = std::unexpected(std::move(expanded.error()));
    }
  }
  if (condition) {
    if (auto required = macros_.require(*condition); !required) {
      condition = std::unexpected(std::move(required.error()));
    }
  }
  return {.rule = &rule, .condition = std::move(condition)};
}

std::expected<NodeId, MacroTable::Failure> Compiler::condition_node(const Pending& pending) const {
  if (!pending.condition) {
    return std::unexpected(MacroTable::Failure{pending.condition.error(), std::nullopt});
  }
  return macros_.condition(*pending.condition, lowering_);
}

void Compiler::compile_rule(const Pending& pending) {
  const rules::Rule& rule = *pending.rule;
  const MappedText text = output_text(rule.output, findings_);
  auto output = lower_output(text, lowering_, findings_);
  auto condition = condition_node(pending);
  if (!output) reject(rule, std::move(output.error()));
  if (!condition) reject(rule, std::move(condition.error().diagnostic), condition.error().macro);
  if (!output || !condition) return;
  Rule compiled = described(rule, text.text());
  compiled.condition = *condition;
  compiled.output = std::move(*output);
  builder_.rule(std::move(compiled));
  compiled_.push_back(&rule);
}

Rule Compiler::described(const rules::Rule& rule, std::string output) const {
  Rule result{.name = rule.name.str(),
              .description = rule.description.text(),
              .source = rule.source,
              .priority = rule.priority,
              .tags = rule.tags,
              .enabled = rule.enabled,
              .capture = rule.capture,
              .capture_duration_ms = rule.capture_duration_ms,
              .output = {},
              .condition_text = rule.condition.text(),
              .output_text = std::move(output),
              .origin = {}};
  if (options_.sources) {
    const SourceFile& file = options_.sources->file(rule.name.span.file);
    const LineColumn position = file.position(rule.name.span.begin);
    result.origin = {file.name(), position.line, position.column};
  }
  return result;
}

void Compiler::reject(const rules::Rule& rule, Diagnostic diagnostic, std::optional<size_t> macro) {
  if (rule.skip_if_unknown_filter && names_something_unknown(diagnostic)) {
    diagnostic.message =
        fmt::format("rule `{}` is skipped: {}", rule.name.str(), diagnostic.message);
    diagnostic.code = Code::UNKNOWN_FILTER;
    findings_.add(std::move(diagnostic));
  } else if (macro) {
    macros_.add_victim(*macro, rule);
  } else {
    findings_.add(std::move(diagnostic));
  }
}

void Compiler::warn_of_missing_event_types(const Program& program) {
  for (size_t i = 0; i < compiled_.size(); ++i) {
    if (!compiled_[i]->warn_evttypes) continue;
    if (falco_code_count(program.rule_events(program.rules[i])) <= kMaxUnwarnedCodes) continue;
    diagnostics_.add(Diagnostic::at(
        Code::NO_EVENT_TYPE, compiled_[i]->condition.whole(),
        fmt::format("rule `{}` is evaluated for nearly every event", compiled_[i]->name.str()),
        "restrict it with `evt.type in (…)`"));
  }
}

}  // namespace

Program compile(const rules::RuleSet& set, const CompileOptions& options,
                Diagnostics& diagnostics) {
  return Compiler(set, options, diagnostics).run();
}

}  // namespace falcoc::ir
