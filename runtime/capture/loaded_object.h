// Maps and programs in the kernel, by name: taken over from libbpf, or loaded from an image. Gone
// with this, unless something holds them (a link, a map of programs).
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/capture/handle.h"
#include "runtime/capture/object_image.h"

namespace falcod {

class LoadedObject {
 public:
  /// Of what libbpf has loaded, which may be closed then. Nothing if descriptors are out.
  static std::optional<LoadedObject> of(const bpf_object& object);
  /// Loads an image, programs side by side on all processors but those to be `deferred`. The error
  /// is an errno.
  static std::expected<LoadedObject, int> load(ObjectImage image,
                                               std::span<const std::string_view> deferred);

  /// Descriptors; -1 if there is no such map, or no such program in the kernel.
  int map(std::string_view name) const;
  int program(std::string_view name) const;

  /// Has one more program verified, if it was deferred; its descriptor, or -1. Beside other calls:
  /// one thread at a time.
  int load_deferred(std::string_view name);

 private:
  std::expected<void, int> make_maps();
  std::expected<void, int> load_programs(std::span<const std::string_view> deferred);
  Handle load_program(const ObjectImage::Program& program) const;

  std::map<std::string, Handle, std::less<>> maps_, programs_, late_programs_;
  ObjectImage image_;               ///< of load(): what is not in the kernel yet
  Handle types_;                    ///< of its programs
  std::vector<int> descriptors_{};  ///< of its maps
};

}  // namespace falcod
