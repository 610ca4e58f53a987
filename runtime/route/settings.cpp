// See settings.h.
#include "runtime/route/settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "runtime/config/keys.h"

namespace falcod::route {

namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// `SLACK_WEBHOOKURL`, `ELASTICSEARCH_BATCHING_ENABLED`.
std::string variable_name(std::string_view prefix, std::string_view key) {
  std::string name =
      prefix.empty() ? std::string(key) : std::string(prefix) + "_" + std::string(key);
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    return c == '.' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

const config::Node* node_at(const config::Node* at, std::string_view key) {
  while (at != nullptr) {
    const size_t dot = key.find('.');
    at = at->find(key.substr(0, dot));
    if (dot == key.npos) break;
    key.remove_prefix(dot + 1);
  }
  return at == nullptr || at->is_empty() ? nullptr : at;
}

}  // namespace

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const size_t begin = text.find_first_not_of(' ');
    if (begin == text.npos) return out;
    text.remove_prefix(begin);
    out.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(out.back().size());
  }
}

Settings::Settings(const config::Node* section, std::string_view prefix, std::string_view keys,
                   const config::Environment& environment) {
  for (const std::string_view key : words(keys)) {
    Value value;
    value.text = environment(variable_name(prefix, key)).value_or("");
    const config::Node* node = value.text.empty() ? node_at(section, key) : nullptr;
    if (node != nullptr) {
      value.text = node->text;
      for (const config::Node& item : node->items) value.list.push_back(item.text);
      for (const auto& [name, span, item] : node->entries) value.map[name] = item.text;
    }
    if (!value.text.empty() || !value.list.empty() || !value.map.empty()) {
      values_.emplace(key, std::move(value));
    }
  }
}

std::string Settings::identity() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [key, value] : values_) all[key] = {value.text, value.list, value.map};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Settings::text(std::string_view key, std::string_view fallback) const {
  const auto found = values_.find(key);
  return found == values_.end() || found->second.text.empty() ? std::string(fallback)
                                                              : found->second.text;
}

bool Settings::flag(std::string_view key, bool fallback) const {
  bool value = fallback;
  config::parse_bool(text(key), value);
  return value;
}

uint64_t Settings::number(std::string_view key, uint64_t fallback) const {
  const std::string value = text(key);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() ? number : fallback;
}

std::vector<std::string> Settings::list(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return {};
  return found->second.text.empty() ? found->second.list : split(found->second.text, ',');
}

std::map<std::string, std::string> Settings::map(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return {};
  std::map<std::string, std::string> out = found->second.map;
  for (const std::string& pair : split(found->second.text, ',')) {
    const size_t colon = pair.find(':');
    if (colon != pair.npos) out[pair.substr(0, colon)] = pair.substr(colon + 1);
  }
  return out;
}

}  // namespace falcod::route
