// The table of codes, and the collector of diagnostics. Rendering is in render_text.cpp and
// render_json.cpp.
#include "compiler/source/diagnostic.h"

#include <algorithm>
#include <array>

namespace falcoc {

namespace {

constexpr std::array<CodeInfo, static_cast<size_t>(Code::COUNT)> kCodes = {{
#define DIAGNOSTIC(id, code, severity, falco_code, title) \
  {code, Severity::severity, falco_code, title},
#include "compiler/source/diagnostics.def"
#undef DIAGNOSTIC
}};

}  // namespace

const CodeInfo& code_info(Code code) { return kCodes[static_cast<size_t>(code)]; }

std::optional<Code> find_code(std::string_view id) {
  const auto* const found = std::ranges::find(kCodes, id, &CodeInfo::id);
  if (found == kCodes.end()) return std::nullopt;
  return static_cast<Code>(found - kCodes.begin());
}

std::string_view severity_name(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"error", "warning", "note"};
  return kNames[static_cast<size_t>(severity)];
}

Diagnostic Diagnostic::at(Code code, Span span, std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.span = span;
  diagnostic.has_span = true;
  diagnostic.hint = std::move(hint);
  return diagnostic;
}

Diagnostic Diagnostic::global(Code code, std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  return diagnostic;
}

bool Diagnostics::has_errors() const { return count(Severity::ERROR) != 0; }

size_t Diagnostics::count(Severity severity) const {
  return static_cast<size_t>(std::ranges::count_if(
      items_, [&](const Diagnostic& item) { return code_info(item.code).severity == severity; }));
}

std::vector<const Diagnostic*> in_file_order(const Diagnostics& diagnostics) {
  std::vector<const Diagnostic*> sorted;
  sorted.reserve(diagnostics.items().size());
  for (const Diagnostic& item : diagnostics.items()) sorted.push_back(&item);
  std::ranges::stable_sort(sorted, [](const Diagnostic* a, const Diagnostic* b) {
    if (a->has_span != b->has_span) return !a->has_span;
    if (!a->has_span) return false;
    if (a->span.file != b->span.file) return a->span.file < b->span.file;
    return a->span.begin < b->span.begin;
  });
  return sorted;
}

}  // namespace falcoc
