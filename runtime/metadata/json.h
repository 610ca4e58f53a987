// JSON of engines, which nobody vouches for: missing and odd values read as empty ones.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::metadata {

using Json = nlohmann::json;

/// No text of a container is kept beyond this: names and paths have their limits below it.
inline constexpr size_t kMaxText = 4096;
/// Labels, mounts and words of one container.
inline constexpr size_t kMaxItems = 1024;

/// Null if it is no JSON. Bytes that are not UTF-8 become U+FFFD.
Json parse_json(std::string_view text);
/// The text with U+FFFD in place of what is not UTF-8, as Go and Falco do it.
std::string valid_utf8(std::string_view text);

/// A member of an object; an empty object if there is none.
const Json& member(const Json& object, std::string_view key);
std::string text_of(const Json& value);
inline std::string text_of(const Json& object, std::string_view key) {
  return text_of(member(object, key));
}
bool switch_of(const Json& object, std::string_view key);
std::vector<std::string> texts_of(const Json& list);
/// Those whose values are not longer than `longest`.
std::map<std::string, std::string> labels_of(const Json& object, size_t longest);

}  // namespace falcod::metadata
