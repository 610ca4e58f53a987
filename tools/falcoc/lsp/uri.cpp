#include "tools/falcoc/lsp/uri.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

namespace falcoc::lsp {

std::optional<std::string> path_of(std::string_view uri) {
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  constexpr std::string_view kLocal = "localhost/";
  if (uri.starts_with(kLocal)) uri.remove_prefix(kLocal.size() - 1);
  if (!uri.starts_with('/')) return std::nullopt;
  std::string path;
  for (size_t i = 0; i < uri.size(); ++i) {
    unsigned byte = 0;
    const bool escaped = uri[i] == '%' && i + 2 < uri.size();
    const char* const digits = uri.data() + i + 1;
    if (escaped && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      path += static_cast<char>(byte);
      i += 2;
    } else {
      path += uri[i];
    }
  }
  if (path.find('\0') != path.npos) return std::nullopt;
  return std::filesystem::path(path).lexically_normal().string();
}

std::string uri_of(std::string_view path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  std::string uri = "file://";
  for (const char c : path) {
    if (kPlain.find(c) != kPlain.npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

}  // namespace falcoc::lsp
