#include "tools/falcoc/lsp/analysis.h"

#include <algorithm>
#include <set>

#include "compiler/lint/suppression.h"
#include "compiler/rules/rule_files.h"
#include "tools/falcoc/unfiltered.h"

namespace falcoc::lsp {

namespace {

int severity_of(Code code) {
  switch (code_info(code).severity) {
    case Severity::ERROR:
      return 1;
    case Severity::WARNING:
      return 2;
    default:
      return 3;
  }
}

FilePlace place_of(Span span, const SourceMap& sources) {
  return {sources.file(span.file).name(), {span.begin, span.end}};
}

Finding finding_of(const lint::Finding& found, const SourceMap& sources) {
  const Diagnostic& diagnostic = found.diagnostic;
  Finding finding{.code = std::string(code_info(diagnostic.code).id),
                  .severity = severity_of(diagnostic.code),
                  .place = {},
                  .message = diagnostic.message,
                  .label = diagnostic.label,
                  .hint = diagnostic.hint,
                  .related = {},
                  .edits = {}};
  // What is about all files is shown at the beginning of the last one.
  const auto last = FileId(static_cast<uint32_t>(sources.size() - 1));
  finding.place = place_of(diagnostic.has_span ? diagnostic.span : Span{last, 0, 0}, sources);
  for (const Label& label : diagnostic.related) {
    finding.related.emplace_back(place_of(label.span, sources), label.text);
  }
  for (const lint::Edit& edit : found.edits) {
    finding.edits.push_back({place_of(edit.span, sources), edit.text});
  }
  return finding;
}

/// The settings of lints; what is wrong with them is a finding.
lint::Policy policy_of(const std::string& path, Analysis& analysis) {
  if (path.empty()) return {};
  auto text = rules::read_file(path);
  SourceMap sources;
  std::expected<lint::Policy, Diagnostic> policy;
  if (text) {
    policy = lint::read_policy(sources.add(path, std::move(*text)), sources);
  } else {
    sources.add(path, "");
    policy = std::unexpected(std::move(text.error()));
  }
  if (policy) return std::move(*policy);
  analysis.findings.push_back(finding_of({.diagnostic = policy.error()}, sources));
  return {};
}

void add_rules(const check::RuleInput& input, const std::vector<cli::KindView>& kinds,
               Analysis& analysis) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < input.program.rules.size(); ++i) {
    const ir::Rule& rule = input.program.rules[i];
    if (bytes > kMaxExplanationBytes) break;
    RuleFacts facts{.explanation = cli::explain_rule(input.program, kinds, i), .events = {}};
    std::set<std::string_view> names;
    for (const cli::KindView& kind : kinds) {
      if (std::ranges::find(kind.rules, i, &cli::RuleView::rule) != kind.rules.end()) {
        names.insert(event_kind_name(kind.kind));
      }
    }
    facts.events.assign(names.begin(), names.end());
    bytes += facts.explanation.size();
    analysis.rules[rule.name] = std::move(facts);
  }
}

/// What comments silence is left out; that a comment silences nothing is said only of rules that
/// were linted.
void add(const check::RuleInput& input, const lint::Policy& policy, bool linted,
         std::vector<lint::Finding> findings, Analysis& analysis) {
  for (const Diagnostic& diagnostic : input.diagnostics.items()) {
    if (!policy.disabled.contains(diagnostic.code)) findings.push_back({.diagnostic = diagnostic});
  }
  lint::suppress(input.sources, policy, findings);
  for (const lint::Finding& finding : findings) {
    const bool premature = !linted && finding.diagnostic.code == Code::LINT_SUPPRESSION_NEEDLESS;
    if (premature || analysis.findings.size() >= kMaxFindings) continue;
    analysis.findings.push_back(finding_of(finding, input.sources));
  }
}

}  // namespace

void analyse(const Snapshot& snapshot, const std::function<void(const Analysis&)>& tell) {
  Analysis first;
  const lint::Policy policy = policy_of(snapshot.lint_config, first);
  Analysis second = first;
  std::vector<check::RuleInput> inputs;
  for (const auto& group : snapshot.groups) {
    if (group.empty()) continue;
    inputs.push_back(check::read_rules(group));
    if (inputs.back().sources.size() == 0) inputs.pop_back();  // a bundle
  }
  for (const check::RuleInput& input : inputs) add(input, policy, false, {}, first);
  tell(first);
  for (const check::RuleInput& input : inputs) {
    std::vector<lint::Finding> findings;
    const bool loads = !input.diagnostics.has_errors();
    if (loads) {
      const std::vector<cli::KindView> kinds = cli::view_kinds(input.program);
      add_rules(input, kinds, second);
      if (snapshot.lint) {
        findings = lint::lint({input.rules, input.program, input.sources, policy});
        if (!policy.disabled.contains(Code::LINT_UNFILTERED)) {
          cli::note_unfiltered(input, kinds, findings);
        }
      }
    }
    add(input, policy, loads && snapshot.lint, std::move(findings), second);
  }
  tell(second);
}

namespace {

Json to_json(const FilePlace& place) {
  return {{"file", place.file}, {"begin", place.range.begin}, {"end", place.range.end}};
}

FilePlace place_from(const Json& json) {
  return {text_at(json, "file"), {number_at(json, "begin"), number_at(json, "end")}};
}

Json to_json(const Finding& finding) {
  Json json{{"code", finding.code},
            {"severity", finding.severity},
            {"place", to_json(finding.place)},
            {"message", finding.message},
            {"label", finding.label},
            {"hint", finding.hint},
            {"related", Json::array()},
            {"edits", Json::array()}};
  for (const auto& [place, text] : finding.related) {
    json["related"].push_back({{"place", to_json(place)}, {"text", text}});
  }
  for (const TextEdit& edit : finding.edits) {
    json["edits"].push_back({{"place", to_json(edit.place)}, {"text", edit.text}});
  }
  return json;
}

Finding finding_from(const Json& json) {
  Finding finding{.code = text_at(json, "code"),
                  .severity = static_cast<int>(number_at(json, "severity")),
                  .place = place_from(at(json, "place")),
                  .message = text_at(json, "message"),
                  .label = text_at(json, "label"),
                  .hint = text_at(json, "hint"),
                  .related = {},
                  .edits = {}};
  for (const Json& related : at(json, "related")) {
    finding.related.emplace_back(place_from(at(related, "place")), text_at(related, "text"));
  }
  for (const Json& edit : at(json, "edits")) {
    finding.edits.push_back({place_from(at(edit, "place")), text_at(edit, "text")});
  }
  return finding;
}

}  // namespace

Json to_json(const Analysis& analysis) {
  Json json{{"findings", Json::array()}, {"rules", Json::object()}};
  for (const Finding& finding : analysis.findings) json["findings"].push_back(to_json(finding));
  for (const auto& [name, facts] : analysis.rules) {
    json["rules"][name] = {{"explanation", facts.explanation}, {"events", facts.events}};
  }
  return json;
}

Analysis analysis_from(const Json& json) {
  Analysis analysis;
  for (const Json& finding : at(json, "findings")) {
    analysis.findings.push_back(finding_from(finding));
  }
  const Json& rules = at(json, "rules");
  if (!rules.is_object()) return analysis;
  for (const auto& [name, facts] : rules.items()) {
    RuleFacts& rule = analysis.rules[name];
    rule.explanation = text_at(facts, "explanation");
    for (const Json& event : at(facts, "events")) {
      if (event.is_string()) rule.events.push_back(event.get<std::string>());
    }
  }
  return analysis;
}

}  // namespace falcoc::lsp
