// Diagnostics as JUnit XML, which most continuous integration systems show as tests.
#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "compiler/source/display_text.h"
#include "compiler/source/report.h"

namespace falcoc {

namespace {

/// XML text or attribute value; `displayable` has removed what XML cannot hold.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : displayable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// Text of several lines.
std::string escaped_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    result += escaped(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

struct Suite {
  std::string name;
  std::string cases;
  size_t tests = 0;
  size_t failures = 0;
};

void add_case(Suite& suite, const Diagnostic& diagnostic, const Report& report) {
  const CodeInfo& info = code_info(diagnostic.code);
  const bool fails = info.severity == Severity::ERROR ||
                     (info.severity == Severity::WARNING && report.warnings_fail);
  std::string name = fmt::format("{} {}", info.id, info.title);
  if (has_place(diagnostic, report.sources)) {
    const LineColumn at =
        position_in_characters(report.sources.file(diagnostic.span.file), diagnostic.span.begin);
    name = fmt::format("{} at {}:{}", name, at.line, at.column);
  }
  const std::string details = escaped_lines(render_text(diagnostic, report.sources, false));
  suite.cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n", escaped(suite.name),
                             escaped(name));
  suite.cases += fails ? fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                                     info.id, escaped(one_line(diagnostic)), details)
                       : fmt::format("      <system-out>{}</system-out>\n", details);
  suite.cases += "    </testcase>\n";
  ++suite.tests;
  if (fails) ++suite.failures;
}

}  // namespace

std::string render_junit(const Report& report) {
  std::vector<Suite> suites(report.sources.size() + 1);  // the last: without a place
  for (size_t i = 0; i < report.sources.size(); ++i) {
    suites[i].name = report.sources.file(FileId(i)).name();
  }
  suites.back().name = "falcoc";
  for (const Diagnostic* diagnostic : in_file_order(report.diagnostics)) {
    const bool placed = has_place(*diagnostic, report.sources);
    Suite& suite = placed ? suites[static_cast<size_t>(diagnostic->span.file)] : suites.back();
    add_case(suite, *diagnostic, report);
  }
  if (suites.back().tests == 0) suites.pop_back();

  std::string body;
  size_t tests = 0, failures = 0;
  for (Suite& suite : suites) {
    if (suite.tests == 0) {
      suite.cases = fmt::format("    <testcase classname=\"{}\" name=\"no findings\"/>\n",
                                escaped(suite.name));
      suite.tests = 1;
    }
    body +=
        fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>\n",
                    escaped(suite.name), suite.tests, suite.failures, suite.cases);
    tests += suite.tests;
    failures += suite.failures;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"falcoc\" tests=\"{}\" failures=\"{}\">\n{}</testsuites>\n",
      tests, failures, body);
}

}  // namespace falcoc
