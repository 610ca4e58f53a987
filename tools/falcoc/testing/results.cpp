#include "tools/falcoc/testing/results.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace falcoc::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML has no way to write other control characters.
        out += static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string title(const TestResult& test) {
  return fmt::format("{}:{}: {}", test.file, test.line, test.name);
}

std::string missing(const CheckLine& check) {
  if (check.was_true) return "never false";
  return check.was_false ? "never true" : "never seen";
}

/// `a, b, c and 9 more`.
std::string shortened(const std::vector<std::string>& items) {
  constexpr size_t kShown = 6;
  const size_t shown = std::min(items.size(), kShown);
  const std::string text = fmt::format(
      "{}", fmt::join(items.begin(), items.begin() + static_cast<ptrdiff_t>(shown), ", "));
  return shown == items.size() ? text : fmt::format("{} and {} more", text, items.size() - shown);
}

/// Enough of a check to know it again.
std::string beginning(const std::string& check) {
  constexpr size_t kShown = 48;
  return check.size() <= kShown ? check : check.substr(0, kShown) + "…";
}

bool is_whole(const RuleLine& rule) {
  return rule.seen == rule.wanted && std::ranges::all_of(rule.checks, [](const CheckLine& check) {
           return check.unmet.empty();
         });
}

std::string coverage_text(const TestRun& run) {
  std::string text;
  for (const RuleLine& rule : run.coverage) {
    if (!rule.is_tested) {
      text += fmt::format("{}: no test\n", rule.rule);
      continue;
    }
    if (is_whole(rule)) continue;
    text += fmt::format("{}: {} of {}\n", rule.rule, rule.seen, rule.wanted);
    for (const CheckLine& check : rule.checks) {
      if (!check.was_true || !check.was_false) {
        text += fmt::format("    {:<11}  {}\n", missing(check), check.check);
      }
      if (check.unmet.empty()) continue;
      text += fmt::format("    {:<11}  {} of {}\n", "never met", shortened(check.unmet),
                          beginning(check.check));
    }
  }
  return text + fmt::format("{:.1f} % of checks seen true and false, {} rules\n", run.covered(),
                            run.coverage.size());
}

std::string as_text(const TestRun& run) {
  std::string text;
  for (const TestResult& test : run.tests) {
    if (test.problems.empty()) continue;
    text += fmt::format("FAILED {}\n", title(test));
    for (const std::string& problem : test.problems) text += fmt::format("    {}\n", problem);
    for (const std::string& reason : test.reasons) text += fmt::format("        {}\n", reason);
  }
  if (!run.coverage.empty()) text += coverage_text(run);
  for (const MutantLine& mutant : run.survivors) {
    text += fmt::format("not noticed: {}: {} {}\n", mutant.rule, mutant.check, mutant.mutation);
  }
  if (run.mutants) {
    text += fmt::format("{} changes of rules tried, {} not noticed\n", *run.mutants,
                        run.survivors.size());
  }
  return text +
         fmt::format("{} passed, {} failed\n", run.tests.size() - run.failed(), run.failed());
}

std::string as_json(const TestRun& run) {
  Json out{{"passed", run.tests.size() - run.failed()}, {"failed", run.failed()}};
  out["tests"] = Json::array();
  for (const TestResult& test : run.tests) {
    out["tests"].push_back({{"file", test.file},
                            {"line", test.line},
                            {"name", test.name},
                            {"passed", test.problems.empty()},
                            {"problems", test.problems},
                            {"reasons", test.reasons}});
  }
  if (!run.coverage.empty()) {
    out["coverage"] = {{"percent", run.covered()}, {"rules", Json::array()}};
    for (const RuleLine& rule : run.coverage) {
      Json checks = Json::array();
      for (const CheckLine& check : rule.checks) {
        checks.push_back({{"check", check.check},
                          {"true", check.was_true},
                          {"false", check.was_false},
                          {"never_met", check.unmet}});
      }
      out["coverage"]["rules"].push_back(
          {{"rule", rule.rule}, {"tested", rule.is_tested}, {"checks", std::move(checks)}});
    }
  }
  if (run.mutants) {
    out["mutants"] = {{"tried", *run.mutants}, {"survivors", Json::array()}};
    for (const MutantLine& mutant : run.survivors) {
      out["mutants"]["survivors"].push_back(
          {{"rule", mutant.rule}, {"check", mutant.check}, {"mutation", mutant.mutation}});
    }
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string as_junit(const TestRun& run) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuite name=\"falcoc\" tests=\"{}\" failures=\"{}\">\n", run.tests.size(),
                     run.failed());
  for (const TestResult& test : run.tests) {
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
                       escaped(test.file), escaped(test.name), escaped(test.file), test.line);
    if (test.problems.empty()) {
      out += "/>\n";
      continue;
    }
    out += fmt::format(">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
                       escaped(test.problems.front()),
                       escaped(fmt::format("{}\n{}", fmt::join(test.problems, "\n"),
                                           fmt::join(test.reasons, "\n"))));
  }
  return out + "</testsuite>\n";
}

std::string as_tap(const TestRun& run) {
  std::string out = fmt::format("TAP version 13\n1..{}\n", run.tests.size());
  size_t number = 0;
  for (const TestResult& test : run.tests) {
    std::string name = title(test);
    std::ranges::replace(name, '#', '_');  // begins a directive there
    out += fmt::format("{}ok {} - {}\n", test.problems.empty() ? "" : "not ", ++number, name);
    for (const std::string& problem : test.problems) out += fmt::format("# {}\n", problem);
  }
  return out;
}

constexpr std::array<TestFormat, 4> kFormats = {
    {{"text", &as_text}, {"json", &as_json}, {"junit", &as_junit}, {"tap", &as_tap}}};

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;"
    "border-bottom:1px solid #ddd}td:nth-child(n+2),th:nth-child(n+2){text-align:center;width:5rem}"
    "code{white-space:pre-wrap;overflow-wrap:anywhere}.no{background:#fde2e1}";

}  // namespace

size_t TestRun::failed() const {
  return static_cast<size_t>(
      std::ranges::count_if(tests, [](const TestResult& test) { return !test.problems.empty(); }));
}

double TestRun::covered() const {
  size_t seen = 0, wanted = 0;
  for (const RuleLine& rule : coverage) {
    seen += rule.seen;
    wanted += rule.wanted;
  }
  return wanted == 0 ? 100 : 100.0 * static_cast<double>(seen) / static_cast<double>(wanted);
}

std::span<const TestFormat> test_formats() { return kFormats; }

std::string coverage_page(const TestRun& run) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Coverage of rules"
      "</title><style>{}</style></head><body>\n<h1>Coverage of rules</h1>\n<p>{:.1f} % of the "
      "checks of {} rules were seen true and false by {} tests, of which {} failed.</p>\n",
      kStyle, run.covered(), run.coverage.size(), run.tests.size(), run.failed());
  for (const RuleLine& rule : run.coverage) {
    out += fmt::format(
        "<details{}><summary>{} ({} of {})</summary><table><tr><th>Check</th><th>true</th>"
        "<th>false</th></tr>\n",
        is_whole(rule) ? "" : " open", escaped(rule.rule), rule.seen, rule.wanted);
    const auto cell = [](bool seen) {
      return seen ? "<td>seen</td>" : "<td class=\"no\">never</td>";
    };
    for (const CheckLine& check : rule.checks) {
      const std::string unmet =
          check.unmet.empty()
              ? ""
              : fmt::format("<br><small class=\"no\">never met: {}</small>",
                            escaped(fmt::format("{}", fmt::join(check.unmet, ", "))));
      out += fmt::format("<tr><td><code>{}</code>{}</td>{}{}</tr>\n", escaped(check.check), unmet,
                         cell(check.was_true), cell(check.was_false));
    }
    out += "</table></details>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace falcoc::cli
