// Any bytes as a rule file that is linted if it loads, or, behind a line `%%`, as settings of lints
// and a rule file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/ir/compile.h"
#include "compiler/lint/lint.h"
#include "compiler/lint/suppression.h"
#include "compiler/rules/ruleset.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace falcoc;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  lint::Policy policy;
  if (const size_t line = rest.find("\n%%\n"); line != std::string_view::npos) {
    SourceMap sources;
    if (auto read = lint::read_policy(
            sources.add("settings.yaml", std::string(rest.substr(0, line))), sources)) {
      policy = std::move(*read);
    }
    rest.remove_prefix(line + 4);
  }
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  if (!rules::load_rules(sources.add("fuzz.yaml", std::string(rest)), sources, set, diagnostics))
    return 0;
  const ir::Program program = ir::compile(set, {}, diagnostics);
  if (diagnostics.has_errors()) return 0;
  std::vector<lint::Finding> findings = lint::lint({set, program, sources, policy});
  lint::suppress(sources, policy, findings);
  for (const lint::Finding& finding : findings) {
    (void)render_text(finding.diagnostic, sources, false);
    for (const lint::Edit& edit : finding.edits) {
      if (edit.span.end > rest.size() || edit.span.begin > edit.span.end) __builtin_trap();
    }
  }
  return 0;
}
