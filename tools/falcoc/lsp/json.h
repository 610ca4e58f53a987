// JSON of messages, which come from outside: reading never throws, whatever stands there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace falcoc::lsp {

using Json = nlohmann::json;

/// What is behind `key`, null if `value` is no object or has no such key.
inline const Json& at(const Json& value, std::string_view key) {
  static const Json none;
  if (!value.is_object()) return none;
  const auto found = value.find(key);
  return found == value.end() ? none : *found;
}

inline std::string text_at(const Json& value, std::string_view key) {
  const Json& found = at(value, key);
  return found.is_string() ? found.get<std::string>() : std::string();
}

/// A number of a position or version; negative ones, and what is none, are 0.
inline uint32_t number_at(const Json& value, std::string_view key) {
  const Json& found = at(value, key);
  if (!found.is_number_integer()) return 0;
  constexpr uint64_t kMost = UINT32_MAX;
  if (found.is_number_unsigned()) {
    return static_cast<uint32_t>(std::min(found.get<uint64_t>(), kMost));
  }
  const auto number = found.get<int64_t>();
  return number < 0 ? 0 : static_cast<uint32_t>(std::min(static_cast<uint64_t>(number), kMost));
}

/// As it is sent; bytes that are no UTF-8, in files on disk, are replaced.
inline std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace falcoc::lsp
