// Any text as a condition: parse, type, derive. Must end in a program or a diagnostic.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/ir/compile.h"
#include "compiler/ir/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const falcoc::MappedText mapped(text,
                                  {.file = {}, .begin = 0, .end = static_cast<uint32_t>(size)});
  const auto parsed = falcoc::ir::parse_condition(mapped);
  if (!parsed) return 0;
  falcoc::ir::ProgramBuilder builder;
  falcoc::Diagnostics warnings;
  (void)falcoc::ir::lower_condition(*parsed, builder, warnings);
  (void)std::move(builder).finish();
  return 0;
}
