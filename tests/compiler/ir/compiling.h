// Compiles rule texts for tests and names what was found.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/compile.h"
#include "compiler/ir/parse.h"
#include "compiler/ir/print.h"

namespace falcoc::ir {

struct Compilation {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  Program program;

  explicit Compilation(const std::string& text, const StaticFields& static_fields = {})
      : Compilation(std::vector{text}, static_fields) {}
  /// Several files, read in order.
  explicit Compilation(const std::vector<std::string>& texts,
                       const StaticFields& static_fields = {}) {
    for (size_t i = 0; i < texts.size(); ++i) {
      const FileId file = sources.add("r" + std::to_string(i) + ".yaml", texts[i]);
      if (!rules::load_rules(file, sources, set, diagnostics)) return;
    }
    program = compile(set, {.sources = &sources, .static_fields = &static_fields}, diagnostics);
  }

  bool found(Code code) const {
    return std::ranges::any_of(diagnostics.items(),
                               [&](const Diagnostic& item) { return item.code == code; });
  }
  size_t count(Code code) const {
    return static_cast<size_t>(std::ranges::count(diagnostics.items(), code, &Diagnostic::code));
  }
  const Diagnostic& first(Code code) const {
    return *std::ranges::find(diagnostics.items(), code, &Diagnostic::code);
  }
  /// What the file says at the first diagnostic of this code.
  std::string_view place(Code code) const {
    return found(code) ? written(first(code).span) : "(none)";
  }
  std::string_view written(Span span) const {
    return sources.file(span.file).text().substr(span.begin, span.end - span.begin);
  }
  const Rule* rule(std::string_view name) const {
    const auto rule = std::ranges::find(program.rules, name, &Rule::name);
    return rule == program.rules.end() ? nullptr : &*rule;
  }
  /// The condition of the first rule, as text.
  std::string condition() const {
    return program.rules.empty() ? "(no rule)"
                                 : print_condition(program, program.rules.front().condition);
  }
  /// Names of the event kinds under which the first rule can match.
  std::set<std::string_view> events() const {
    std::set<std::string_view> names;
    const EventSet& kinds = program.rule_events(program.rules.front());
    for (size_t kind = 0; kind < kEventKinds; ++kind) {
      if (kinds.test(kind)) names.insert(event_kind_name(static_cast<EventKind>(kind)));
    }
    return names;
  }
};

/// A rule with this condition, quoted for YAML.
inline std::string rule_yaml(const std::string& condition, const std::string& more = {}) {
  return "- rule: R\n  desc: d\n  condition: >\n    " + condition +
         "\n  output: o\n  priority: INFO\n" + more;
}

/// A program of one condition without macros; the error's code name if it does not compile.
struct Lowered {
  ProgramBuilder builder;
  Diagnostics warnings;
  std::expected<NodeId, Diagnostic> node = NodeId{};

  explicit Lowered(const std::string& condition) {
    auto parsed = parse_condition(MappedText(condition, {}));
    node = parsed ? lower_condition(*parsed, builder, warnings)
                  : std::unexpected(std::move(parsed.error()));
  }
  bool fails_with(Code code) const { return !node && node.error().code == code; }
  bool warns(Code code) const {
    return std::ranges::any_of(warnings.items(),
                               [&](const Diagnostic& item) { return item.code == code; });
  }
  std::string text() const {
    return node ? print_condition(builder.program(), *node) : node.error().message;
  }
  const Node& root() const { return builder.program().node(*node); }
};

}  // namespace falcoc::ir
