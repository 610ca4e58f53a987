// Any bytes as a rule file to lay out: never refused for a change of meaning, and a layout is the
// layout of itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/format/format.h"

namespace {

std::optional<std::string> formatted(std::string text) {
  falcoc::SourceMap sources;
  falcoc::Diagnostics found;
  auto out =
      falcoc::format::format_rules(sources.add("fuzz.yaml", std::move(text)), sources, found);
  for (const falcoc::Diagnostic& finding : found.items()) {
    if (finding.code == falcoc::Code::FORMAT_CHANGES_MEANING) std::abort();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto once = formatted(std::string(reinterpret_cast<const char*>(data), size));
  if (once && formatted(*once) != once) std::abort();
  return 0;
}
