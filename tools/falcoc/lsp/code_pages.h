// The pages of `falcoc explain-code` as files that an editor can open. Knows codes and the user's
// cache.
#pragma once

#include <map>
#include <string>

namespace falcoc::lsp {

class CodePages {
 public:
  /// URI of the page, which is written when it is asked for first; empty if that cannot be.
  const std::string& uri(const std::string& code);

 private:
  std::map<std::string, std::string> uris_;
};

}  // namespace falcoc::lsp
