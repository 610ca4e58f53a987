// Any text as an output format.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/ir/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)falcoc::ir::parse_output(
      falcoc::MappedText(text, {.file = {}, .begin = 0, .end = static_cast<uint32_t>(size)}));
  return 0;
}
