// `falcoc noise`: how often each rule fires on captures, by container image: what to tune first.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/ir/output_additions.h"
#include "tools/falcoc/captures.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

struct Source {
  std::string rule, image;

  auto operator<=>(const Source&) const = default;
};

struct Row {
  Source source;
  uint64_t alerts = 0;
  std::string process;  ///< whose alerts these are most often
  uint64_t process_alerts = 0;
};

/// What alerts have to tell besides what their rules say.
constexpr const char* kId = "container.id";
constexpr const char* kRepository = "container.image.repository";
constexpr const char* kTag = "container.image.tag";
constexpr const char* kProcess = "proc.exepath";

ir::OutputAddition addition() {
  ir::OutputAddition all{.name = "falcoc noise"};
  for (const char* field : {kId, kRepository, kTag, kProcess}) all.extra_fields.push_back({field});
  return all;
}

class Noise {
 public:
  void take(const falcod::Alert& alert) {
    const nlohmann::json line = nlohmann::json::parse(alert.line, nullptr, false);
    const auto value = [&](const char* key) -> std::string {
      const auto fields = line.find("output_fields");
      if (fields == line.end()) return {};
      const auto found = fields->find(key);
      return found != fields->end() && found->is_string() ? found->get<std::string>() : "";
    };
    Count& count = counts_[{alert.rule->name, image(value(kId), value(kRepository), value(kTag))}];
    ++count.alerts;
    ++count.processes[value(kProcess)];
  }

  /// The loudest first.
  std::vector<Row> rows() const {
    std::vector<Row> rows;
    for (const auto& [source, count] : counts_) {
      const auto most = std::ranges::max_element(
          count.processes, {}, [](const auto& process) { return process.second; });
      rows.push_back({source, count.alerts, most->first, most->second});
    }
    std::ranges::stable_sort(rows, std::greater{}, &Row::alerts);
    return rows;
  }

 private:
  struct Count {
    uint64_t alerts = 0;
    std::map<std::string, uint64_t> processes;
  };

  static std::string image(const std::string& id, const std::string& repository,
                           const std::string& tag) {
    if (id == "host" || id.empty()) return "host";
    if (repository.empty()) return fmt::format("container {}", id);
    return tag.empty() ? repository : fmt::format("{}:{}", repository, tag);
  }

  std::map<Source, Count> counts_;
};

/// Nothing to divide by: captures of an instant tell no rate.
double per_hour(const Row& row, const CaptureSpan& span) {
  return span.hours() > 0 ? static_cast<double>(row.alerts) / span.hours() : 0;
}

std::string table(const std::vector<Row>& rows, const CaptureSpan& span) {
  size_t rule_width = 4, image_width = 5;
  uint64_t alerts = 0;
  for (const Row& row : rows) {
    rule_width = std::max(rule_width, row.source.rule.size());
    image_width = std::max(image_width, row.source.image.size());
    alerts += row.alerts;
  }
  std::string text = fmt::format("{:>10}  {:>7}  {:<{}}  {:<{}}  {}\n", "per hour", "alerts",
                                 "rule", rule_width, "image", image_width, "most often by");
  for (const Row& row : rows) {
    text += fmt::format("{:>10.1f}  {:>7}  {:<{}}  {:<{}}  {} ({})\n", per_hour(row, span),
                        row.alerts, row.source.rule, rule_width, row.source.image, image_width,
                        row.process.empty() ? "?" : row.process, row.process_alerts);
  }
  return text +
         fmt::format("{} alerts, {} events in {:.4g} hours\n", alerts, span.events, span.hours());
}

std::string json(const std::vector<Row>& rows, const CaptureSpan& span) {
  nlohmann::ordered_json out{
      {"events", span.events}, {"hours", span.hours()}, {"noise", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    out["noise"].push_back({{"rule", row.source.rule},
                            {"image", row.source.image},
                            {"alerts", row.alerts},
                            {"per_hour", per_hour(row, span)},
                            {"process", row.process},
                            {"process_alerts", row.process_alerts}});
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitStatus noise(const CaptureOptions& options) {
  auto rules = rules_for_captures(options.rules);
  if (!rules) return rules.error();
  const std::array additions{addition()};
  Diagnostics diagnostics;
  ir::Program program =
      ir::add_to_outputs(std::move(rules->program), additions, {}, rules->sources, diagnostics);
  Noise noise;
  auto engine = capture_engine(std::move(program), {.json = true},
                               [&](const falcod::Alert& alert) { noise.take(alert); });
  if (engine == nullptr) return ExitStatus::FAILURE;
  const auto span = replay_captures(options.captures, *engine);
  if (!span) return span.error();
  const std::vector<Row> rows = noise.rows();
  const std::string text = options.json ? json(rows, *span) : table(rows, *span);
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
