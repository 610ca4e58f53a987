// Images of eBPF objects on disk: under a name that is the hash of the kernel, of this program's
// build and of the processor, in files that are used only if nobody but their owner or root could
// have written them (compiler/codegen/native/cache.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/capture/object_image.h"

namespace falcod {

class ImageCache {
 public:
  explicit ImageCache(std::string directory) : directory_(std::move(directory)) {}

  struct Found {
    ObjectImage image;
    std::string note;  ///< what store() was given
  };
  /// Nothing if there is none for this kernel and build that can be used.
  std::optional<Found> find(std::string_view name) const;
  /// What cannot be kept is made again at the next start, which is not worth a warning: the
  /// directory is that of native code, which warns.
  void store(std::string_view name, const ObjectImage& image, std::string_view note = {}) const;

 private:
  std::string directory_;
};

}  // namespace falcod
