#include "tools/falcoc/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "compiler/check/falco_json.h"
#include "compiler/source/report.h"

namespace falcoc::cli {

namespace {

bool wants_color(std::FILE* out) {
  const char* const no_color = std::getenv("NO_COLOR");
  return isatty(fileno(out)) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string count_of(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string as_text(const RuleInput& input, const RenderOptions& options) {
  std::string text;
  for (const Diagnostic* diagnostic : in_file_order(input.diagnostics)) {
    text += render_text(*diagnostic, input.sources, options.color);
  }
  std::string files = count_of(input.sources.size(), "file");
  const size_t notes = input.diagnostics.count(Severity::NOTE);
  const bool only_notes =
      !input.diagnostics.has_errors() && input.diagnostics.count(Severity::WARNING) == 0;
  const bool clean = only_notes && (notes == 0 || !options.notes_fail);
  if (notes > 0 && (clean || !only_notes)) files += fmt::format(" ({})", count_of(notes, "note"));
  if (clean) {
    text +=
        fmt::format("no problems: {}, {}, {} in {}\n", count_of(input.rules.rules.size(), "rule"),
                    count_of(input.rules.macros.size(), "macro"),
                    count_of(input.rules.lists.size(), "list"), files);
  } else {
    text += fmt::format("{} in {}\n", counted(input.diagnostics), files);
  }
  return text;
}

std::string as_json(const RuleInput& input, const RenderOptions&) {
  nlohmann::ordered_json summary;
  summary["files"] = nlohmann::json::array();
  for (size_t i = 0; i < input.sources.size(); ++i) {
    summary["files"].push_back(input.sources.file(FileId(i)).name());
  }
  summary["rules"] = input.rules.rules.size();
  summary["macros"] = input.rules.macros.size();
  summary["lists"] = input.rules.lists.size();
  summary["errors"] = input.diagnostics.count(Severity::ERROR);
  summary["warnings"] = input.diagnostics.count(Severity::WARNING);
  std::string text = summary.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.pop_back();  // the closing brace: the diagnostics, already JSON, come before it
  text += ",\"diagnostics\":[";
  bool first = true;
  for (const Diagnostic* diagnostic : in_file_order(input.diagnostics)) {
    text += first ? "\n" : ",\n";
    text += render_json(*diagnostic, input.sources);
    first = false;
  }
  return text + "]}\n";
}

std::string as_falco_json(const RuleInput& input, const RenderOptions&) {
  using nlohmann::json;
  return check::falco_json(input).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

template <std::string (*render)(const Report&)>
std::string as_report(const RuleInput& input, const RenderOptions& options) {
  return render({.diagnostics = input.diagnostics,
                 .sources = input.sources,
                 .tool_version = FALCOC_VERSION,
                 .warnings_fail = options.warnings_fail});
}

constexpr Format kFormats[] = {
    {"text", as_text},
    {"json", as_json},
    {"sarif", as_report<render_sarif>},
    {"github", as_report<render_github>},
    {"junit", as_report<render_junit>},
    {"falco-json", as_falco_json},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &Format::name);
  return found == std::end(kFormats) ? nullptr : found;
}

std::string counted(const Diagnostics& diagnostics) {
  const size_t errors = diagnostics.count(Severity::ERROR);
  const size_t warnings = diagnostics.count(Severity::WARNING);
  const size_t notes = diagnostics.count(Severity::NOTE);
  if (errors == 0 && warnings == 0 && notes > 0) return count_of(notes, "note");
  if (errors == 0) return count_of(warnings, "warning");
  if (warnings == 0) return count_of(errors, "error");
  return fmt::format("{}, {}", count_of(errors, "error"), count_of(warnings, "warning"));
}

void report_unknown_rule(std::string_view name, const ir::Program& program) {
  std::vector<std::string_view> names;
  for (const ir::Rule& known : program.rules) names.emplace_back(known.name);
  const std::string_view closest = closest_name(name, names);
  fmt::print(stderr, "error: no rule is called '{}'{}\n", name,
             closest.empty() ? "" : fmt::format("; did you mean '{}'?", closest));
}

bool write_all(std::string_view text, std::FILE* out) {
  return std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
}

void report(const RuleInput& input, const Format& format, bool strict, std::FILE* out) {
  report(input, format, RenderOptions{.warnings_fail = strict}, out);
}

void report(const RuleInput& input, const Format& format, RenderOptions options, std::FILE* out) {
  options.color = wants_color(out);
  write_all(format.render(input, options), out);
}

}  // namespace falcoc::cli
