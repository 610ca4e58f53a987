// See image_cache.h.
#include "runtime/capture/image_cache.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include <fstream>
#include <iterator>

#include "compiler/codegen/native/cache.h"
#include "compiler/codegen/native/generator_process.h"

namespace falcod {
namespace {

namespace native = falcoc::native;

/// What tells this kernel from every other: its linker's identity, which is in its notes, and what
/// it says of itself. Empty if it keeps its notes to itself: nothing is kept then.
std::string kernel_identity() {
  std::ifstream notes("/sys/kernel/notes", std::ios::binary);
  std::string identity{std::istreambuf_iterator<char>(notes), {}};
  utsname names{};
  struct stat types{};
  if (identity.empty() || uname(&names) != 0 || stat("/sys/kernel/btf/vmlinux", &types) != 0) {
    return {};
  }
  for (const char* name : {names.release, names.version, names.machine}) {
    identity += name;
    identity += '\n';
  }
  return identity + std::to_string(types.st_size);
}

/// Empty: there is nothing to tell kernels or builds apart by.
std::string key_of(std::string_view name) {
  const std::string kernel = kernel_identity();
  const std::string build = native::generator_identity("/proc/self/exe");
  return kernel.empty() || build.empty() ? std::string{} : native::object_key(kernel, name, build);
}

/// In front of the image.
constexpr char kEndOfNote = '\n';

}  // namespace

std::optional<ImageCache::Found> ImageCache::find(std::string_view name) const {
  const std::string key = key_of(name);
  if (key.empty()) return std::nullopt;
  const auto text = native::ObjectCache(directory_).find(key);
  if (!text || !*text) return std::nullopt;
  const std::string_view whole = **text;
  const size_t end = whole.find(kEndOfNote);
  if (end == whole.npos) return std::nullopt;
  auto image = read_image(whole.substr(end + 1));
  if (!image) return std::nullopt;
  return Found{std::move(*image), std::string(whole.substr(0, end))};
}

void ImageCache::store(std::string_view name, const ObjectImage& image,
                       std::string_view note) const {
  const std::string key = key_of(name);
  if (key.empty()) return;
  (void)native::ObjectCache(directory_)
      .store(key, std::string(note) + kEndOfNote + write_image(image));
}

}  // namespace falcod
