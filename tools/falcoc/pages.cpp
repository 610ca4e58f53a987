#include "tools/falcoc/pages.h"

#include <algorithm>

namespace falcoc::cli {

namespace {

// TEXT(code, text)                  a page without example
// CONDITION(code, text, bad, good)  examples are conditions
// PAGE(code, text, bad, good)       examples are rule files
// LINT, LINT_RULES                  likewise, of `falcoc lint`
// PAGE_WITH(code, also, …)          the bad one gives a second code too
constexpr Page kPages[] = {
#define TEXT(id, text) {Code::id, Page::Example::NONE, text, {}, {}, {}},
#define CONDITION(id, text, bad, good) {Code::id, Page::Example::CONDITION, text, bad, good, {}},
#define PAGE(id, text, bad, good) {Code::id, Page::Example::RULES, text, bad, good, {}},
#define LINT(id, text, bad, good) {Code::id, Page::Example::CONDITION, text, bad, good, {}, true},
#define LINT_RULES(id, text, bad, good) {Code::id, Page::Example::RULES, text, bad, good, {}, true},
#define PAGE_WITH(id, also, text, bad, good) \
  {Code::id, Page::Example::RULES, text, bad, good, Code::also},
#include "tools/falcoc/pages/conditions.def"
#include "tools/falcoc/pages/files.def"
#include "tools/falcoc/pages/lints.def"
#include "tools/falcoc/pages/running.def"
#undef TEXT
#undef CONDITION
#undef PAGE
#undef PAGE_WITH
#undef LINT
#undef LINT_RULES
};

}  // namespace

std::span<const Page> pages() { return kPages; }

const Page* find_page(Code code) {
  const auto* const page = std::ranges::find(kPages, code, &Page::code);
  return page == std::end(kPages) ? nullptr : page;
}

std::string example_file(const Page& page, std::string_view example) {
  if (page.example != Page::Example::CONDITION) return std::string(example);
  return "- rule: R\n  desc: d\n  condition: >\n    " + std::string(example) +
         "\n  output: o\n  priority: INFO\n  warn_evttypes: false\n";
}

}  // namespace falcoc::cli
