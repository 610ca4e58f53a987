// Objects that were generated before, in a directory: one file for each program, processor and
// version of the generator. A file is used only if nobody but its owner could have written it and
// its hash is right; anything else is as good as absent, and said to be so.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcoc::native {

/// What generated code depends on, as a name for its file: 64 hex digits.
/// `bundle` is the program; `absent` says which fields nothing supplies, as one character per
/// field; `generator` identifies the program that generates.
std::string object_key(std::string_view bundle, std::string_view absent,
                       std::string_view generator);

class ObjectCache {
 public:
  /// The directory is made when something is first stored; its parent must exist.
  explicit ObjectCache(std::string directory) : directory_(std::move(directory)) {}

  /// Nothing if there is no file. The error says why a file that is there is not used.
  std::expected<std::optional<std::string>, Diagnostic> find(const std::string& key) const;
  /// Replaces what is there, whole or not at all. Removes what was not used for long if the cache
  /// has become large.
  std::expected<void, Diagnostic> store(const std::string& key, std::string_view object) const;

 private:
  std::string directory_;
};

}  // namespace falcoc::native
