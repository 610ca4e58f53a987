// Alerts as a test expects them, and how they differ from those that came. Knows JSON, nothing of
// rules or captures.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace falcoc::cli {

using AlertJson = nlohmann::ordered_json;  ///< an object

/// An alert line of falcod or Falco in the form that expectations have: the output without its time
/// and priority, and without what belongs to the machine that replays (hostname).
AlertJson normal_alert(const AlertJson& alert);

/// Alerts of a file: one JSON array, or one object per line as falcod and Falco print them. In
/// normal form. Or what is wrong with the text.
std::expected<std::vector<AlertJson>, std::string> parse_alerts(std::string_view text);

/// The file that parse_alerts() reads again.
std::string write_alerts(const std::vector<AlertJson>& alerts);

/// One value of an alert that is not as expected.
struct ValueDifference {
  std::string key;  ///< `output_fields.fd.name`
  std::string expected, got;
};

struct AlertDifference {
  enum class Kind : uint8_t { MISSING, UNEXPECTED, CHANGED };
  Kind kind;
  AlertJson alert;                      ///< the expected one; of UNEXPECTED the one that came
  std::vector<ValueDifference> values;  ///< CHANGED
};

/// Differences in the order of the alerts. What an expected alert does not mention may be anything.
std::vector<AlertDifference> compare_alerts(const std::vector<AlertJson>& expected,
                                            const std::vector<AlertJson>& got);

}  // namespace falcoc::cli
