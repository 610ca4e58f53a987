// See alert_gate.h.
#include "runtime/output/alert_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace falcod {

namespace {

/// An alert in JSON with `suffix` behind its output, and the numbers among its fields. What is no
/// object stays as it is.
std::string json_with_repeats(const std::string& text, const std::string& suffix, uint64_t count,
                              uint64_t duration) {
  auto alert = nlohmann::json::parse(text, nullptr, false);
  if (!alert.is_object()) return text;
  for (const char* key : {"output", "message"}) {
    if (alert.contains(key) && alert[key].is_string()) {
      alert[key] = alert[key].get<std::string>() + suffix;
    }
  }
  nlohmann::json& fields = alert["output_fields"];
  if (!fields.is_object()) fields = nlohmann::json::object();
  fields["falcod.repeats"] = count;
  fields["falcod.repeats_seconds"] = duration;
  return alert.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Message with_repeats(Message message, uint64_t count, AlertGate::Time::duration time) {
  const auto duration = static_cast<uint64_t>(std::max(
      std::chrono::round<std::chrono::seconds>(time).count(), std::chrono::seconds::rep{1}));
  const std::string suffix = fmt::format(" (×{} in {} s)", count, duration);
  message.line = message.line.starts_with('{')
                     ? json_with_repeats(message.line, suffix, count, duration)
                     : message.line + suffix;
  if (message.json != nullptr) {
    message.json = std::make_shared<const std::string>(
        json_with_repeats(*message.json, suffix, count, duration));
  }
  return message;
}

AlertGate::AlertGate(const GateOptions& options)
    : options_(options), tokens_(static_cast<double>(options.limit)) {}

AlertGate::Verdict AlertGate::ask(const Message& message, Time now) {
  if (message.priority > options_.minimum) return Verdict::NOT_FOR_IT;
  if (message.routes == nullptr) return Verdict::PASSES;
  std::string key = message.rule;
  if (options_.route && *options_.route < message.routes->size()) {
    const auto& group = (*message.routes)[*options_.route];
    if (!group) return Verdict::NOT_FOR_IT;
    (key += '\0') += *group;
  }
  if (options_.window.count() > 0) {
    const auto known = groups_.find(key);
    // what was held back before and is not out yet, as the sink is slow, goes on being counted
    const bool is_repeat = known != groups_.end() && (now < known->second.begin + options_.window ||
                                                      known->second.repeats > 0);
    if (is_repeat) {
      ++known->second.repeats;
      known->second.last = message;
      return Verdict::REPEATED;
    }
    if (known != groups_.end()) groups_.erase(known);
  }
  if (!takes_another(now)) return Verdict::OVER_LIMIT;
  if (options_.window.count() > 0 && groups_.size() < kMaxGroups) {
    groups_.try_emplace(std::move(key), Group{.begin = now, .repeats = 0, .last = {}});
  }
  return Verdict::PASSES;
}

/// A bucket of `limit` tokens that fills evenly.
bool AlertGate::takes_another(Time now) {
  if (options_.limit == 0) return true;
  const auto limit = static_cast<double>(options_.limit);
  if (refilled_ != Time{}) {
    const std::chrono::duration<double, std::milli> passed = now - refilled_;
    tokens_ += limit * passed.count() / static_cast<double>(options_.limit_time.count());
    tokens_ = std::min(tokens_, limit);
  }
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

std::optional<AlertGate::Time> AlertGate::next_due() const {
  const auto first =
      std::ranges::min_element(groups_, {}, [](const auto& group) { return group.second.begin; });
  if (first == groups_.end()) return std::nullopt;
  return first->second.begin + options_.window;
}

std::vector<Message> AlertGate::take_due(Time now) {
  std::vector<Message> due;
  for (auto at = groups_.begin(); at != groups_.end();) {
    Group& group = at->second;
    const bool is_over = now >= group.begin + options_.window;
    if (is_over && group.repeats == 0) {
      at = groups_.erase(at);
      continue;
    }
    if (is_over) {
      due.push_back(with_repeats(std::move(group.last), group.repeats, now - group.begin));
      // what goes on is held back again: one alert in each window
      group = {.begin = now, .repeats = 0, .last = {}};
    }
    ++at;
  }
  return due;
}

std::vector<Message> AlertGate::take_all(Time now) {
  std::vector<Message> all;
  for (auto& [key, group] : groups_) {
    if (group.repeats == 0) continue;
    all.push_back(with_repeats(std::move(group.last), group.repeats, now - group.begin));
  }
  groups_.clear();
  return all;
}

}  // namespace falcod
