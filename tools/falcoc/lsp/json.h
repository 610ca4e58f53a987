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

/// Deepest nesting of a message; the protocol's own have less than 20.
inline constexpr int kMaxJsonDepth = 100;

/// Whether arrays and objects are nested deeper than that: walks over a value are recursive.
inline bool is_too_deep(std::string_view json) {
  int depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

/// As it is sent; bytes that are no UTF-8, in files on disk, are replaced.
inline std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace falcoc::lsp
