// `falcoc profile`: what each rule did and cost on captures. Rules and their checks are timed as
// native code, each for itself, on a part of the events; the rest is counted.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/ir/print.h"
#include "tools/falcoc/captures.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

/// One of so many events of a kind is timed; all that hold more than that would take too long.
constexpr uint64_t kTimedOneIn = 64;

/// A check (an atom of a condition) that is a rule of its own in the timed program.
struct Check {
  ir::NodeId node;
  size_t rule;  ///< its position there
};

struct Row {
  const ir::Rule* rule = nullptr;
  uint64_t evaluations = 0, matches = 0;
  uint64_t samples = 0;
  double mean_ns = 0;
  std::string worst;  ///< the check that takes longest; empty if none was timed
  double worst_ns = 0;

  double total_ms() const { return mean_ns * static_cast<double>(evaluations) / 1e6; }
};

/// Checks below a node, each once.
void collect(const ir::Program& program, ir::NodeId id, std::vector<ir::NodeId>& out) {
  const ir::Node& node = program.node(id);
  if (node.kind == ir::Node::Kind::ATOM && std::ranges::find(out, id) == out.end()) {
    out.push_back(id);
  }
  for (const ir::NodeId child : node.children) collect(program, child, out);
}

/// The rules, and behind them every check of an enabled one as a rule of its own.
ir::Program with_checks(const ir::Program& program, std::vector<Check>& checks) {
  std::vector<ir::NodeId> nodes;
  for (const ir::Rule& rule : program.rules) {
    if (rule.enabled) collect(program, rule.condition, nodes);
  }
  ir::Program timed = program;
  for (const ir::NodeId node : nodes) {
    checks.push_back({node, timed.rules.size()});
    ir::Rule& rule = timed.rules.emplace_back();
    rule.name = fmt::format("check {}", checks.size());
    rule.condition = node;
  }
  return timed;
}

double mean(const falcod::RuleTime& time) {
  return time.samples == 0 ? 0 : static_cast<double>(time.ns) / static_cast<double>(time.samples);
}

class Profile {
 public:
  /// False after an error on standard error.
  bool prepare(const ir::Program& program) {
    engine_ = capture_engine(program, {.all_rules = true}, [](const falcod::Alert&) {});
    if (engine_ == nullptr) return false;
    Diagnostics diagnostics;
    auto timed = engine_->arm(with_checks(program, checks_), diagnostics);
    if (!timed) {
      fmt::print(stderr, "error: {}\n", timed.error().message);
      return false;
    }
    timed_ = std::move(*timed);
    times_.resize(timed_->program().rules.size());
    engine_->observe_samples(kTimedOneIn,
                             [this](falcod::EventContext& context, ir::ValueArena& arena) {
                               timed_->time_rules(context, arena, times_);
                             });
    return true;
  }

  falcod::Engine& engine() { return *engine_; }

  /// The dearest first.
  std::vector<Row> rows() const {
    const ir::Program& program = engine_->program();
    const falcod::EngineStats stats = engine_->stats();
    std::vector<Row> rows;
    for (size_t i = 0; i < program.rules.size(); ++i) {
      const ir::Rule& rule = program.rules[i];
      if (!rule.enabled) continue;
      Row row;
      row.rule = &rule;
      const EventSet& kinds = program.rule_events(rule);
      for (size_t kind = 0; kind < stats.kinds.size(); ++kind) {
        if (kinds.test(kind)) row.evaluations += stats.kinds[kind].evaluated;
      }
      row.matches = stats.alerts_by_rule[i];
      row.samples = times_[i].samples;
      row.mean_ns = mean(times_[i]);
      find_worst(program, row);
      rows.push_back(std::move(row));
    }
    std::ranges::stable_sort(rows, std::greater{}, &Row::total_ms);
    return rows;
  }

 private:
  void find_worst(const ir::Program& program, Row& row) const {
    std::vector<ir::NodeId> nodes;
    collect(program, row.rule->condition, nodes);
    for (const Check& check : checks_) {
      if (times_[check.rule].samples == 0 || std::ranges::find(nodes, check.node) == nodes.end() ||
          mean(times_[check.rule]) <= row.worst_ns) {
        continue;
      }
      row.worst_ns = mean(times_[check.rule]);
      row.worst = ir::print_condition(program, check.node);
    }
  }

  std::unique_ptr<falcod::Engine> engine_;
  std::vector<Check> checks_;
  std::unique_ptr<falcod::ArmedRules> timed_;
  std::vector<falcod::RuleTime> times_;
};

std::string table(const std::vector<Row>& rows, const CaptureSpan& span) {
  constexpr size_t kCheckWidth = 80;
  size_t width = 4;
  for (const Row& row : rows) width = std::max(width, row.rule->name.size());
  std::string text =
      fmt::format("{:<{}}  {:>12}  {:>9}  {:>8}  {:>10}  {}\n", "rule", width, "evaluations",
                  "matches", "ns each", "ms in all", "most expensive check (ns)");
  for (const Row& row : rows) {
    std::string worst = row.worst;
    if (worst.size() > kCheckWidth) worst = worst.substr(0, kCheckWidth) + " …";
    text += fmt::format("{:<{}}  {:>12}  {:>9}  {:>8.0f}  {:>10.3f}  {}\n", row.rule->name, width,
                        row.evaluations, row.matches, row.mean_ns, row.total_ms(),
                        worst.empty() ? "-" : fmt::format("{} ({:.0f})", worst, row.worst_ns));
  }
  return text + fmt::format("{} events in {:.4g} hours; one of {} was timed\n", span.events,
                            span.hours(), kTimedOneIn);
}

std::string json(const std::vector<Row>& rows, const CaptureSpan& span) {
  nlohmann::ordered_json out{{"events", span.events},
                             {"hours", span.hours()},
                             {"timed_one_in", kTimedOneIn},
                             {"rules", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    nlohmann::ordered_json entry{{"rule", row.rule->name}, {"evaluations", row.evaluations},
                                 {"matches", row.matches}, {"samples", row.samples},
                                 {"mean_ns", row.mean_ns}, {"total_ms", row.total_ms()}};
    if (!row.worst.empty()) {
      entry["most_expensive_check"] = {{"check", row.worst}, {"mean_ns", row.worst_ns}};
    }
    out["rules"].push_back(std::move(entry));
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitStatus profile(const CaptureOptions& options) {
  auto rules = rules_for_captures(options.rules);
  if (!rules) return rules.error();
  Profile profile;
  if (!profile.prepare(rules->program)) return ExitStatus::FAILURE;
  const auto span = replay_captures(options.captures, profile.engine());
  if (!span) return span.error();
  const std::vector<Row> rows = profile.rows();
  const std::string text = options.json ? json(rows, *span) : table(rows, *span);
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
