// See statistics.h.
#include "runtime/daemon/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace falcod {

namespace {

RuleTime time_of(const EngineStats& stats, size_t rule) {
  return rule < stats.rule_times.size() ? stats.rule_times[rule] : RuleTime{};
}

double mean_ns(const RuleTime& time) {
  return time.samples == 0 ? 0 : static_cast<double>(time.ns) / static_cast<double>(time.samples);
}

uint64_t at(std::span<const uint64_t> counts, size_t index) {
  return index < counts.size() ? counts[index] : 0;
}

}  // namespace

std::string statistics_text(const falcoc::ir::Program& program, const EngineStats& stats,
                            std::span<const uint64_t> rejected) {
  constexpr std::string_view kRow = "{:<24} {:>12} {:>12} {:>12} {:>12} {:>12}\n";
  std::string text =
      fmt::format(kRow, "event", "seen", "filtered", "candidates", "evaluated", "matched");
  for (size_t kind = 0; kind < stats.kinds.size(); ++kind) {
    const KindCount& count = stats.kinds[kind];
    const uint64_t filtered = at(rejected, kind);
    if (count.events == 0 && filtered == 0) continue;
    text += fmt::format(kRow, falcoc::event_kind_name(static_cast<falcoc::EventKind>(kind)),
                        count.events + filtered, filtered, count.candidates, count.evaluated,
                        count.matched);
  }
  size_t width = 4;
  for (const falcoc::ir::Rule& rule : program.rules) width = std::max(width, rule.name.size());
  text += fmt::format("{:<{}} {:>12} {:>12} {:>12} {:>12}\n", "rule", width, "candidates",
                      "matched", "ns", "samples");
  for (size_t i = 0; i < program.rules.size(); ++i) {
    const RuleTime time = time_of(stats, i);
    const uint64_t candidates = at(stats.candidates_by_rule, i);
    if (stats.alerts_by_rule[i] == 0 && time.samples == 0 && candidates == 0) continue;
    text += fmt::format("{:<{}} {:>12} {:>12} {:>12.0f} {:>12}\n", program.rules[i].name, width,
                        candidates, stats.alerts_by_rule[i], mean_ns(time), time.samples);
  }
  return text;
}

std::string statistics_json(const falcoc::ir::Program& program, const EngineStats& stats,
                            std::span<const uint64_t> rejected) {
  nlohmann::ordered_json out;
  out["events"] = nlohmann::ordered_json::array();
  for (size_t kind = 0; kind < stats.kinds.size(); ++kind) {
    const KindCount& count = stats.kinds[kind];
    const uint64_t filtered = at(rejected, kind);
    if (count.events == 0 && filtered == 0) continue;
    out["events"].push_back(
        {{"event", falcoc::event_kind_name(static_cast<falcoc::EventKind>(kind))},
         {"seen", count.events + filtered},
         {"filtered", filtered},
         {"read", count.events},
         {"candidates", count.candidates},
         {"evaluated", count.evaluated},
         {"matched", count.matched}});
  }
  out["rules"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < program.rules.size(); ++i) {
    const RuleTime time = time_of(stats, i);
    const uint64_t candidates = at(stats.candidates_by_rule, i);
    if (stats.alerts_by_rule[i] == 0 && time.samples == 0 && candidates == 0) continue;
    out["rules"].push_back({{"rule", program.rules[i].name},
                            {"candidates", candidates},
                            {"matched", stats.alerts_by_rule[i]},
                            {"mean_ns", mean_ns(time)},
                            {"samples", time.samples}});
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace falcod
