// Every diagnostic has a page, and the examples on it are true.
#include "tools/falcoc/pages.h"

#include <doctest/doctest.h>

#include <set>

#include "compiler/ir/compile.h"

using namespace falcoc;
using namespace falcoc::cli;

namespace {

/// Ids of everything found in a rule file, notes aside.
std::set<std::string> codes_of(const std::string& text) {
  SourceMap sources;
  rules::RuleSet set;
  Diagnostics diagnostics;
  const FileId file = sources.add("r.yaml", text);
  if (rules::load_rules(file, sources, set, diagnostics)) {
    (void)ir::compile(set, {.sources = &sources, .notes = true}, diagnostics);
  }
  std::set<std::string> codes;
  for (const Diagnostic& finding : diagnostics.items()) {
    const CodeInfo& info = code_info(finding.code);
    if (info.severity != Severity::NOTE) codes.emplace(info.id);
  }
  return codes;
}

}  // namespace

TEST_CASE("every code has one page with some text") {
  std::set<Code> seen;
  for (const Page& page : pages()) {
    CAPTURE(code_info(page.code).id);
    CHECK(seen.insert(page.code).second);
    CHECK(page.text.size() > 40);
    CHECK(page.text.ends_with('.'));
  }
  for (size_t i = 0; i < static_cast<size_t>(Code::COUNT); ++i) {
    CAPTURE(code_info(Code(i)).id);
    CHECK(find_page(Code(i)) != nullptr);
  }
}

TEST_CASE("a bad example gives exactly its code, a good one gives nothing") {
  for (const Page& page : pages()) {
    if (page.example == Page::Example::NONE || page.is_lint) continue;
    const std::string id(code_info(page.code).id);
    CAPTURE(id);
    std::set<std::string> expected{id};
    if (page.also) expected.emplace(code_info(*page.also).id);
    CHECK(codes_of(example_file(page, page.bad)) == expected);
    CHECK(codes_of(example_file(page, page.good)) == std::set<std::string>{});
  }
}
