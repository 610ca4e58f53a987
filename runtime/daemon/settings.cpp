// The keys of falco.yaml that `-o` knows: one row each. A key that is not here is an error; nothing
// is read and ignored.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "runtime/daemon/options.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// Reads `value` into its option; false if it is none of what `expects` says.
using Apply = bool (*)(Options& options, std::string_view value);

/// `buffered_outputs`: how long alerts are gathered.
constexpr std::chrono::milliseconds kBufferTime{1000};

/// YAML's booleans, as Falco reads them.
bool parse_bool(std::string_view text, bool& out) {
  static constexpr std::array kTrue{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
  static constexpr std::array kFalse{"false", "False", "FALSE", "no", "No",
                                     "NO",    "off",   "Off",   "OFF"};
  const bool is_true = std::ranges::find(kTrue, text) != kTrue.end();
  if (!is_true && std::ranges::find(kFalse, text) == kFalse.end()) return false;
  out = is_true;
  return true;
}

template <bool AlertOptions::* member>
bool set_alert_switch(Options& options, std::string_view value) {
  return parse_bool(value, options.alerts.*member);
}

bool set_watch_files(Options& options, std::string_view value) {
  return parse_bool(value, options.watch_files);
}

bool set_priority(Options& options, std::string_view value) {
  const auto priority = falcoc::parse_priority(value);
  if (!priority) return false;
  options.alerts.minimum_priority = *priority;
  return true;
}

bool set_rule_matching(Options& options, std::string_view value) {
  if (value != "first" && value != "all") return false;
  options.alerts.all_rules = value == "all";
  return true;
}

bool set_buffered(Options& options, std::string_view value) {
  bool buffered = false;
  if (!parse_bool(value, buffered)) return false;
  options.queue.linger = buffered ? kBufferTime : std::chrono::milliseconds{0};
  return true;
}

bool set_queue_capacity(Options& options, std::string_view value) {
  size_t capacity = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), capacity);
  if (error != std::errc{} || end != value.data() + value.size()) return false;
  options.queue.messages = capacity == 0 ? QueueLimits{}.messages : capacity;
  return true;
}

std::optional<DropAction> parse_drop_action(std::string_view value) {
  if (value == "ignore") return DropAction::IGNORE;
  if (value == "log") return DropAction::LOG;
  if (value == "alert") return DropAction::ALERT;
  if (value == "exit") return DropAction::EXIT;
  return std::nullopt;
}

/// The list is this action alone.
bool set_drop_action(Options& options, std::string_view value) {
  const auto action = parse_drop_action(value);
  if (action) options.drops.actions = {*action};
  return action.has_value();
}

bool append_drop_action(Options& options, std::string_view value) {
  const auto action = parse_drop_action(value);
  if (action) options.drops.actions.push_back(*action);
  return action.has_value();
}

template <size_t index>
bool set_drop_action_at(Options& options, std::string_view value) {
  const auto action = parse_drop_action(value);
  auto& actions = options.drops.actions;
  if (!action || index > actions.size()) return false;
  if (index == actions.size()) actions.push_back(*action);
  actions[index] = *action;
  return true;
}

/// A decimal number, not negative.
bool parse_number(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0;
}

bool set_drop_threshold(Options& options, std::string_view value) {
  double threshold = 0;
  if (!parse_number(value, threshold) || threshold > 1) return false;
  options.drops.threshold = threshold;
  return true;
}

bool set_drop_rate(Options& options, std::string_view value) {
  double rate = 0;
  if (!parse_number(value, rate)) return false;
  options.drops.rate = rate;
  return true;
}

bool set_drop_burst(Options& options, std::string_view value) {
  uint32_t burst = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), burst);
  if (error != std::errc{} || end != value.data() + value.size()) return false;
  options.drops.max_burst = burst;
  return true;
}

bool set_simulate_drops(Options& options, std::string_view value) {
  return parse_bool(value, options.drops.simulate_drops);
}

bool set_engine_kind(Options& options, std::string_view value) {
  options.replay_configured = value == "replay";
  return value == "replay" || value == "modern_ebpf";
}

bool set_capture_file(Options& options, std::string_view value) {
  options.configured_capture = value;
  return !value.empty();
}

struct Setting {
  std::string_view key;
  std::string_view expects;
  Apply apply;
};

constexpr std::string_view kBoolean = "true or false";
constexpr std::string_view kDropAction =
    "ignore, log, alert or exit; [N] is the N-th of the list, [] appends to it";

constexpr std::array kSettings{
    Setting{"buffered_outputs", kBoolean, set_buffered},
    Setting{"engine.kind", "modern_ebpf or replay", set_engine_kind},
    Setting{"engine.replay.capture_file", "the path of a .scap file", set_capture_file},
    Setting{"json_include_message_property", kBoolean,
            set_alert_switch<&AlertOptions::include_message>},
    Setting{"json_include_output_fields_property", kBoolean,
            set_alert_switch<&AlertOptions::include_output_fields>},
    Setting{"json_include_output_property", kBoolean,
            set_alert_switch<&AlertOptions::include_output>},
    Setting{"json_include_tags_property", kBoolean, set_alert_switch<&AlertOptions::include_tags>},
    Setting{"json_output", kBoolean, set_alert_switch<&AlertOptions::json>},
    Setting{"outputs_queue.capacity", "a number of alerts (0 = the default)", set_queue_capacity},
    Setting{"priority",
            "emergency, alert, critical, error, warning, notice, informational, info or debug",
            set_priority},
    Setting{"rule_matching", "first or all", set_rule_matching},
    Setting{"syscall_event_drops.actions", kDropAction, set_drop_action},
    Setting{"syscall_event_drops.actions[0]", kDropAction, set_drop_action_at<0>},
    Setting{"syscall_event_drops.actions[1]", kDropAction, set_drop_action_at<1>},
    Setting{"syscall_event_drops.actions[2]", kDropAction, set_drop_action_at<2>},
    Setting{"syscall_event_drops.actions[3]", kDropAction, set_drop_action_at<3>},
    Setting{"syscall_event_drops.actions[]", kDropAction, append_drop_action},
    Setting{"syscall_event_drops.max_burst", "a number of alerts", set_drop_burst},
    Setting{"syscall_event_drops.rate", "a number of alerts per second", set_drop_rate},
    Setting{"syscall_event_drops.simulate_drops", kBoolean, set_simulate_drops},
    Setting{"syscall_event_drops.threshold", "a number from 0 to 1", set_drop_threshold},
    Setting{"time_format_iso_8601", kBoolean, set_alert_switch<&AlertOptions::iso8601_time>},
    Setting{"watch_config_files", kBoolean, set_watch_files},
};

std::vector<std::string_view> keys() {
  std::vector<std::string_view> all{"append_output"};
  for (const Setting& setting : kSettings) all.push_back(setting.key);
  return all;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::expected<void, Diagnostic> apply_setting(Options& options, std::string_view setting) {
  const size_t equals = setting.find('=');
  if (equals == std::string_view::npos) {
    return std::unexpected(Diagnostic::global(Code::OPTION_VALUE,
                                              fmt::format("-o {}: a value is missing", setting),
                                              fmt::format("write -o {}=VALUE", setting)));
  }
  const std::string_view key = trimmed(setting.substr(0, equals));
  const std::string_view value = unquoted(trimmed(setting.substr(equals + 1)));
  const auto* row = std::ranges::find(kSettings, key, &Setting::key);
  if (row == kSettings.end()) {
    const std::string_view close = falcoc::closest_name(key, keys());
    return std::unexpected(Diagnostic::global(
        Code::OPTION_UNKNOWN, fmt::format("-o {}: falcod has no such setting", key),
        fmt::format("{}settings: {}",
                    close.empty() ? std::string{} : fmt::format("did you mean {}? ", close),
                    fmt::join(keys(), ", "))));
  }
  if (!row->apply(options, value)) {
    return std::unexpected(Diagnostic::global(
        Code::OPTION_VALUE, fmt::format("-o {}: `{}` is not a value of this setting", key, value),
        fmt::format("use {}", row->expects)));
  }
  return {};
}

}  // namespace falcod
