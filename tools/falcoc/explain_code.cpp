// `falcoc explain-code`: the page of one code.
#include <fmt/format.h>

#include "compiler/source/diagnostic.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/pages.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

constexpr size_t kLineWidth = 80;

/// Words of `text` in lines of at most kLineWidth bytes.
std::string wrapped(std::string_view text) {
  std::string result;
  size_t column = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (column > 0 && column + 1 + end > kLineWidth) {
      result += '\n';
      column = 0;
    } else if (column > 0) {
      result += ' ';
      ++column;
    }
    result += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result + '\n';
}

/// The example indented under its heading.
std::string shown_example(std::string_view heading, const Page& page, std::string_view example) {
  std::string result = fmt::format("\n{}:\n\n", heading);
  if (page.example == Page::Example::CONDITION) {
    return result + fmt::format("    condition: {}\n", example);
  }
  while (!example.empty()) {
    const size_t end = std::min(example.find('\n'), example.size());
    result += fmt::format("    {}\n", example.substr(0, end));
    example.remove_prefix(std::min(end + 1, example.size()));
  }
  return result;
}

}  // namespace

ExitStatus explain_code(const std::string& code) {
  const std::optional<Code> found = find_code(code);
  if (!found) {
    fmt::print(stderr, "error: no diagnostic has the code `{}`; codes look like E0301\n", code);
    return ExitStatus::FAILURE;
  }
  const CodeInfo& info = code_info(*found);
  std::string text =
      fmt::format("{} ({}): {}\n", info.id, severity_name(info.severity), info.title);
  if (!info.falco_code.empty()) text += fmt::format("Falco reports it as {}.\n", info.falco_code);
  if (const Page* page = find_page(*found)) {
    text += "\n" + wrapped(page->text);
    if (page->example != Page::Example::NONE) {
      text += shown_example("Bad", *page, page->bad) + shown_example("Good", *page, page->good);
    }
  }
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
