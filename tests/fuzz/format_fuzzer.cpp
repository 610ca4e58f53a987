// Any bytes as a rule file to lay out, and what came of it once more. Files that nobody writes may
// be refused for a change of meaning; that is what the comparison is for.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/format/format.h"

namespace {

std::optional<std::string> formatted(std::string text) {
  falcoc::SourceMap sources;
  falcoc::Diagnostics found;
  return falcoc::format::format_rules(sources.add("fuzz.yaml", std::move(text)), sources, found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto once = formatted(std::string(reinterpret_cast<const char*>(data), size));
  if (once) (void)formatted(*once);
  return 0;
}
