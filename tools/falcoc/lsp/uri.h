// file: URIs and paths. Knows nothing of documents.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace falcoc::lsp {

/// The path of a file: URI of this machine, in normal form; nothing for any other.
std::optional<std::string> path_of(std::string_view uri);
std::string uri_of(std::string_view path);

}  // namespace falcoc::lsp
