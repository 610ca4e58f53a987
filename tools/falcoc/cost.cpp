// `falcoc cost`: what each rule costs per event type, as a table or as JSON, and a limit for CI.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/explain.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

struct Row {
  const KindView* kind;
  const RuleView* view;
};

std::vector<Row> rows_of(const std::vector<KindView>& kinds) {
  std::vector<Row> rows;
  for (const KindView& kind : kinds) {
    for (const RuleView& view : kind.rules) rows.push_back({&kind, &view});
  }
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.view->rule; });
  return rows;
}

std::string table(const ir::Program& program, const std::vector<Row>& rows, double budget) {
  size_t width = 4;
  for (const Row& row : rows) width = std::max(width, program.rules[row.view->rule].name.size());
  std::string text = fmt::format("{:<{}}  {:<18}  {:<10}  {:>8}  {}\n", "rule", width, "event",
                                 "kernel", "ns", "fields");
  for (const Row& row : rows) {
    const RuleView& view = *row.view;
    text += fmt::format("{:<{}}  {:<18}  {:<10}  {:>7.0f}{}  {}\n", program.rules[view.rule].name,
                        width, event_kind_name(row.kind->kind),
                        view.is_filtered ? "filtered" : "unfiltered", view.ns,
                        budget > 0 && view.ns > budget ? "!" : " ", fmt::join(view.fields, " "));
  }
  return text;
}

std::string json(const ir::Program& program, const std::vector<Row>& rows, double budget) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    const RuleView& view = *row.view;
    out.push_back({{"rule", program.rules[view.rule].name},
                   {"event", event_kind_name(row.kind->kind)},
                   {"filtered", view.is_filtered},
                   {"guard", view.guard},
                   {"not_exact_because", view.blames},
                   {"fields", view.fields},
                   {"estimated_ns", view.ns},
                   {"over_budget", budget > 0 && view.ns > budget}});
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitStatus cost(const CostOptions& options) {
  const RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  const std::vector<KindView> kinds = view_kinds(input.program);
  const std::vector<Row> rows = rows_of(kinds);
  const bool written = write_all(options.json ? json(input.program, rows, options.budget_ns)
                                              : table(input.program, rows, options.budget_ns),
                                 stdout);
  if (!written) return ExitStatus::FAILURE;
  const bool over = options.budget_ns > 0 && std::ranges::any_of(rows, [&](const Row& row) {
                      return row.view->ns > options.budget_ns;
                    });
  return over ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
}

}  // namespace falcoc::cli
