// Any bytes as a bundle. The hash refuses nearly all of them, so the same bytes are also read as
// the payload behind a header that is right for them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/bundle/bundle.h"
#include "compiler/bundle/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)falcoc::bundle::read(bytes, "fuzz");
  (void)falcoc::bundle::read(falcoc::bundle::seal(bytes), "fuzz");
  return 0;
}
