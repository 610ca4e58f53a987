// See expected_alerts.h.
#include "tools/falcoc/expected_alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace falcoc::cli {

namespace {

constexpr std::array<std::string_view, 8> kPriorities{"Emergency", "Alert",  "Critical", "Error",
                                                      "Warning",   "Notice", "Info",     "Debug"};
/// Alerts that may come between two that belong together: aligning costs the product.
constexpr size_t kMaxAligned = 4'000'000;

/// Behind `time: Priority `.
std::string_view message_of(std::string_view output) {
  const size_t colon = output.find(": ");
  if (colon == std::string_view::npos) return output;
  const std::string_view rest = output.substr(colon + 2);
  for (const std::string_view priority : kPriorities) {
    if (rest.starts_with(priority) && rest.substr(priority.size()).starts_with(' ')) {
      return rest.substr(priority.size() + 1);
    }
  }
  return output;
}

std::string shown(const AlertJson& value) {
  return value.dump(-1, ' ', false, AlertJson::error_handler_t::replace);
}

bool same_value(std::string_view key, const AlertJson& expected, const AlertJson& got) {
  if (key == "priority" && expected.is_string() && got.is_string()) {
    return std::ranges::equal(expected.get_ref<const std::string&>(),
                              got.get_ref<const std::string&>(),
                              [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  }
  return expected == got;
}

void compare_values(const AlertJson& expected, const AlertJson& got, const std::string& prefix,
                    std::vector<ValueDifference>& out) {
  for (const auto& [key, value] : expected.items()) {
    const std::string name = prefix + key;
    const auto found = got.find(key);
    if (found == got.end()) {
      out.push_back({name, shown(value), "nothing"});
    } else if (value.is_object() && found->is_object()) {
      compare_values(value, *found, name + ".", out);
    } else if (!same_value(name, value, *found)) {
      out.push_back({name, shown(value), shown(*found)});
    }
  }
}

std::vector<ValueDifference> differences(const AlertJson& expected, const AlertJson& got) {
  std::vector<ValueDifference> values;
  compare_values(expected, got, "", values);
  return values;
}

bool matches(const AlertJson& expected, const AlertJson& got) {
  return differences(expected, got).empty();
}

std::string rule_of(const AlertJson& alert) { return alert.value("rule", ""); }

/// Pairs of positions of alerts that are the same, as many as can be in order.
std::vector<std::pair<size_t, size_t>> common(std::span<const AlertJson> expected,
                                              std::span<const AlertJson> got) {
  std::vector<std::pair<size_t, size_t>> pairs;
  const size_t rows = expected.size(), columns = got.size();
  if (rows == 0 || columns == 0) return pairs;
  if (rows > kMaxAligned / columns) {  // in order, each with the next that is the same
    size_t next = 0;
    for (size_t i = 0; i < rows; ++i) {
      const auto found = std::ranges::find_if(
          got.subspan(next), [&](const AlertJson& alert) { return matches(expected[i], alert); });
      if (found == got.end()) continue;
      next = static_cast<size_t>(found - got.begin());
      pairs.emplace_back(i, next++);
    }
    return pairs;
  }
  std::vector<uint32_t> length((rows + 1) * (columns + 1), 0);
  const auto at = [&](size_t i, size_t j) -> uint32_t& { return length[i * (columns + 1) + j]; };
  std::vector<bool> same(rows * columns);
  for (size_t i = rows; i-- > 0;) {
    for (size_t j = columns; j-- > 0;) {
      same[i * columns + j] = matches(expected[i], got[j]);
      at(i, j) =
          same[i * columns + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (size_t i = 0, j = 0; i < rows && j < columns;) {
    if (same[i * columns + j]) {
      pairs.emplace_back(i++, j++);
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

/// What lies between two alerts that are as expected: those of one rule belong together, in order.
void explain_gap(std::span<const AlertJson> expected, std::span<const AlertJson> got,
                 std::vector<AlertDifference>& out) {
  std::vector<bool> used(got.size());
  for (const AlertJson& alert : expected) {
    size_t other = 0;
    while (other < got.size() && (used[other] || rule_of(got[other]) != rule_of(alert))) ++other;
    if (other == got.size()) {
      out.push_back({AlertDifference::Kind::MISSING, alert, {}});
      continue;
    }
    used[other] = true;
    out.push_back({AlertDifference::Kind::CHANGED, alert, differences(alert, got[other])});
  }
  for (size_t i = 0; i < got.size(); ++i) {
    if (!used[i]) out.push_back({AlertDifference::Kind::UNEXPECTED, got[i], {}});
  }
}

}  // namespace

AlertJson normal_alert(const AlertJson& alert) {
  AlertJson normal = AlertJson::object();
  // Keys that people look for first.
  for (const char* key : {"time", "priority", "rule", "source", "tags"}) {
    if (alert.contains(key)) normal[key] = alert[key];
  }
  if (const auto output = alert.find("output"); output != alert.end() && output->is_string()) {
    normal["output"] = message_of(output->get_ref<const std::string&>());
  }
  for (const auto& [key, value] : alert.items()) {
    if (key != "hostname" && key != "message" && !normal.contains(key)) normal[key] = value;
  }
  if (const auto fields = normal.find("output_fields");
      fields != normal.end() && fields->is_object()) {
    // The time of the output, in whatever form outputs have it; `time` says it too.
    fields->erase("evt.time");
    fields->erase("evt.time.iso8601");
  }
  return normal;
}

std::expected<std::vector<AlertJson>, std::string> parse_alerts(std::string_view text) {
  std::vector<AlertJson> alerts;
  const auto take = [&](const AlertJson& alert) {
    if (alert.is_object()) alerts.push_back(normal_alert(alert));
    return alert.is_object();
  };
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && text[start] == '[') {
    const AlertJson all = AlertJson::parse(text, nullptr, false);
    if (!all.is_array() || !std::ranges::all_of(all, take)) {
      return std::unexpected("it is no JSON array of objects");
    }
    return alerts;
  }
  for (size_t line = 1; !text.empty(); ++line) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (!take(AlertJson::parse(row, nullptr, false))) {
      return std::unexpected(fmt::format("line {} is no JSON object", line));
    }
  }
  return alerts;
}

std::string write_alerts(const std::vector<AlertJson>& alerts) {
  return AlertJson(alerts).dump(2, ' ', false, AlertJson::error_handler_t::replace) + "\n";
}

std::vector<AlertDifference> compare_alerts(const std::vector<AlertJson>& expected,
                                            const std::vector<AlertJson>& got) {
  std::vector<AlertDifference> out;
  const std::span<const AlertJson> wanted(expected), came(got);
  // Long files mostly agree at both ends.
  size_t begin = 0;
  while (begin < wanted.size() && begin < came.size() && matches(wanted[begin], came[begin])) {
    ++begin;
  }
  size_t end = 0;
  while (end < wanted.size() - begin && end < came.size() - begin &&
         matches(wanted[wanted.size() - 1 - end], came[came.size() - 1 - end])) {
    ++end;
  }
  const auto inner_wanted = wanted.subspan(begin, wanted.size() - begin - end);
  const auto inner_came = came.subspan(begin, came.size() - begin - end);
  size_t i = 0, j = 0;
  for (const auto& [same_i, same_j] : common(inner_wanted, inner_came)) {
    explain_gap(inner_wanted.subspan(i, same_i - i), inner_came.subspan(j, same_j - j), out);
    i = same_i + 1;
    j = same_j + 1;
  }
  explain_gap(inner_wanted.subspan(i), inner_came.subspan(j), out);
  return out;
}

}  // namespace falcoc::cli
