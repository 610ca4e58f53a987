// See json.h.
#include "runtime/metadata/json.h"

namespace falcod::metadata {

Json parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = Json::parse(valid_utf8(text), nullptr, false);
  return value.is_discarded() ? Json{} : value;
}

std::string valid_utf8(std::string_view text) {
  std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

const Json& member(const Json& object, std::string_view key) {
  static const Json empty = Json::object();
  if (!object.is_object()) return empty;
  const auto found = object.find(key);
  return found == object.end() ? empty : *found;
}

std::string text_of(const Json& value) {
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= kMaxText ? text : text.substr(0, kMaxText);
}

bool switch_of(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const Json& item : list) {
    if (texts.size() == kMaxItems) break;
    texts.push_back(text_of(item));
  }
  return texts;
}

std::map<std::string, std::string> labels_of(const Json& object, size_t longest) {
  std::map<std::string, std::string> labels;
  if (!object.is_object()) return labels;
  for (const auto& [name, value] : object.items()) {
    if (labels.size() == kMaxItems) break;
    if (!value.is_string() || name.size() > kMaxText) continue;
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() <= longest) labels.emplace(name, text);
  }
  return labels;
}

}  // namespace falcod::metadata
