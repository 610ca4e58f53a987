// Any bytes as a rule file: load, compile, render what was found.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/ir/compile.h"
#include "compiler/rules/ruleset.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  falcoc::SourceMap sources;
  const falcoc::FileId file =
      sources.add("fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size));
  falcoc::rules::RuleSet set;
  falcoc::Diagnostics diagnostics;
  (void)falcoc::rules::load_rules(file, sources, set, diagnostics);
  (void)falcoc::ir::compile(set, {}, diagnostics);
  for (const falcoc::Diagnostic& diagnostic : diagnostics.items()) {
    (void)falcoc::render_text(diagnostic, sources, false);
  }
  return 0;
}
