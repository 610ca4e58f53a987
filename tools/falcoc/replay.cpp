// `falcoc replay`: rules on captures, their alerts printed or compared with a file of expected
// ones.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "tools/falcoc/captures.h"
#include "tools/falcoc/expected_alerts.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

using Kind = AlertDifference::Kind;

std::string_view word(Kind kind) {
  switch (kind) {
    case Kind::MISSING:
      return "missing";
    case Kind::UNEXPECTED:
      return "unexpected";
    default:
      return "changed";
  }
}

std::string one_line(const AlertJson& alert) {
  std::string line;
  for (const char* key : {"time", "priority", "rule", "output"}) {
    const auto value = alert.find(key);
    if (value == alert.end() || !value->is_string()) continue;
    line += fmt::format("{}{}", line.empty() ? "" : "  ", value->get_ref<const std::string&>());
  }
  return line;
}

std::string counts_text(size_t expected, size_t got, const std::vector<AlertDifference>& all) {
  const auto count = [&](Kind kind) {
    return std::ranges::count(all, kind, &AlertDifference::kind);
  };
  if (all.empty()) return fmt::format("{} alerts, as expected\n", got);
  return fmt::format("{} alerts, {} expected: {} missing, {} unexpected, {} changed\n", got,
                     expected, count(Kind::MISSING), count(Kind::UNEXPECTED), count(Kind::CHANGED));
}

std::string text_of(size_t expected, size_t got, const std::vector<AlertDifference>& all) {
  std::string text;
  for (const AlertDifference& difference : all) {
    const char mark = difference.kind == Kind::MISSING      ? '-'
                      : difference.kind == Kind::UNEXPECTED ? '+'
                                                            : '~';
    text += fmt::format("{} {}\n", mark, one_line(difference.alert));
    for (const ValueDifference& value : difference.values) {
      text += fmt::format("    {}\n      expected {}\n      got      {}\n", value.key,
                          value.expected, value.got);
    }
  }
  return text + counts_text(expected, got, all);
}

std::string json_of(size_t expected, size_t got, const std::vector<AlertDifference>& all) {
  AlertJson out{{"expected", expected}, {"alerts", got}, {"differences", AlertJson::array()}};
  for (const AlertDifference& difference : all) {
    AlertJson values = AlertJson::array();
    for (const ValueDifference& value : difference.values) {
      values.push_back({{"key", value.key}, {"expected", value.expected}, {"got", value.got}});
    }
    out["differences"].push_back({{"kind", word(difference.kind)},
                                  {"alert", difference.alert},
                                  {"values", std::move(values)}});
  }
  return out.dump(2, ' ', false, AlertJson::error_handler_t::replace) + "\n";
}

std::string listed(const std::vector<AlertJson>& alerts, bool json) {
  if (json) return write_alerts(alerts);
  std::string text;
  for (const AlertJson& alert : alerts) text += one_line(alert) + "\n";
  return text;
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  fmt::print(stderr, "error: {} cannot be written\n", path);
  return false;
}

std::optional<std::vector<AlertJson>> read_expected(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    fmt::print(stderr, "error: {} cannot be read; --update makes it\n", path);
    return std::nullopt;
  }
  auto alerts = parse_alerts(text);
  if (alerts) return std::move(*alerts);
  fmt::print(stderr, "error: {} holds no alerts: {}\n", path, alerts.error());
  return std::nullopt;
}

std::string report_of(bool json, size_t expected, size_t got,
                      const std::vector<AlertDifference>& all) {
  return json ? json_of(expected, got, all) : text_of(expected, got, all);
}

}  // namespace

ExitStatus replay(const ReplayOptions& options) {
  auto rules = rules_for_captures(options.rules);
  if (!rules) return rules.error();
  // Wrong before the work is better than wrong behind it.
  std::vector<AlertJson> expected;
  const bool compares = !options.expected.empty() && !options.update;
  if (compares) {
    auto read = read_expected(options.expected);
    if (!read) return ExitStatus::FAILURE;
    expected = std::move(*read);
  }
  std::vector<AlertJson> got;
  const falcod::AlertOptions alerts{
      .json = true, .iso8601_time = true, .all_rules = options.all_rules};
  auto engine = capture_engine(std::move(rules->program), alerts, [&](const falcod::Alert& alert) {
    got.push_back(normal_alert(AlertJson::parse(alert.line, nullptr, false)));
  });
  if (engine == nullptr) return ExitStatus::FAILURE;
  if (auto replayed = replay_captures(options.captures, *engine); !replayed) {
    return replayed.error();
  }
  if (options.update) {
    if (!write_file(options.expected, write_alerts(got))) return ExitStatus::FAILURE;
    return ExitStatus::CLEAN;
  }
  if (!compares) {
    return write_all(listed(got, options.json), stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
  }
  const auto differences = compare_alerts(expected, got);
  if (!write_all(report_of(options.json, expected.size(), got.size(), differences), stdout)) {
    return ExitStatus::FAILURE;
  }
  return differences.empty() ? ExitStatus::CLEAN : ExitStatus::FINDINGS;
}

}  // namespace falcoc::cli
