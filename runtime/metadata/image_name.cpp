// See image_name.h.
#include "runtime/metadata/image_name.h"

#include <algorithm>

namespace falcod::metadata {

namespace {
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr size_t kShortestId = 12;
}  // namespace

ImageName parse_image_name(std::string_view reference) {
  ImageName name;
  if (const size_t at = reference.find('@'); at != std::string_view::npos) {
    name.digest = reference.substr(at + 1);
    reference = reference.substr(0, at);
  }
  const size_t slash = reference.rfind('/');
  const size_t colon = reference.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    name.tag = reference.substr(colon + 1);
    reference = reference.substr(0, colon);
  }
  name.repository = reference;
  return name;
}

bool is_image_id(std::string_view text) {
  if (text.starts_with(kDigestPrefix)) return true;
  return text.size() >= kShortestId && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string_view bare_image_id(std::string_view id) {
  if (id.starts_with(kDigestPrefix)) id.remove_prefix(kDigestPrefix.size());
  return id;
}

}  // namespace falcod::metadata
