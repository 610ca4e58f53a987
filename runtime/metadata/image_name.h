// References to images: registry/path:tag@digest, taken apart. Pure text work.
#pragma once

#include <string>
#include <string_view>

namespace falcod::metadata {

struct ImageName {
  std::string repository;  ///< with registry and port, without tag and digest
  std::string tag;
  std::string digest;  ///< "sha256:…"
};

/// A colon before the last slash belongs to a port.
ImageName parse_image_name(std::string_view reference);

/// Whether it is an id or digest (with or without "sha256:"), not a name.
bool is_image_id(std::string_view text);

/// Without "sha256:".
std::string_view bare_image_id(std::string_view id);

}  // namespace falcod::metadata
