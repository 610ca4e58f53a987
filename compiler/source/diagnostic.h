// Diagnostics: what is wrong, where, why, how to fix it, under a stable code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/source.h"

namespace falcoc {

enum class Severity : uint8_t { ERROR, WARNING, NOTE };

/// Stable codes, one per kind of finding; never renumbered. The table says code, default severity,
/// the Falco load code it reports as, and a title.
enum class Code : uint16_t {
#define DIAGNOSTIC(id, code, severity, falco_code, title) id,
#include "compiler/source/diagnostics.def"
#undef DIAGNOSTIC
  COUNT
};

struct CodeInfo {
  std::string_view id;  ///< "E0301"
  Severity severity;
  std::string_view falco_code;  ///< "LOAD_ERR_COMPILE_CONDITION", empty if Falco has none
  std::string_view title;
};
const CodeInfo& code_info(Code code);
/// By its id ("E0301"), nothing if there is no such code.
std::optional<Code> find_code(std::string_view id);
/// "error", "warning", "note".
std::string_view severity_name(Severity severity);

/// A further place that explains the first one ("macro expanded here").
struct Label {
  Span span;
  std::string text;
};

struct Diagnostic {
  Code code{};
  std::string message;  ///< what is wrong, one sentence without full stop
  Span span;            ///< underlined; meaningful if has_span
  bool has_span = false;
  std::string label;  ///< short text at the underline, may be empty
  std::vector<Label> related;
  std::string hint;  ///< how to fix it, may be empty

  static Diagnostic at(Code code, Span span, std::string message, std::string hint = {});
  static Diagnostic global(Code code, std::string message, std::string hint = {});
};

/// Collects diagnostics of a compilation in the order found.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }
  const std::vector<Diagnostic>& items() const { return items_; }
  bool has_errors() const;
  size_t count(Severity severity) const;

 private:
  std::vector<Diagnostic> items_;
};

/// The diagnostics by file, then position; those without a place first. Pointers into
/// `diagnostics`.
std::vector<const Diagnostic*> in_file_order(const Diagnostics& diagnostics);

/// Text as a compiler prints it: `file:line:col: error[E0301]: …`, the line, carets, hint.
/// `color` adds ANSI colours.
std::string render_text(const Diagnostic& diagnostic, const SourceMap& sources, bool color);

/// One JSON object: code, severity, falco_code, title, message, label, hint, file, line, column,
/// end_line, end_column, offset, length (1-based positions, columns and offsets in bytes) and
/// `related`. Keys about the place are absent where there is none.
std::string render_json(const Diagnostic& diagnostic, const SourceMap& sources);

}  // namespace falcoc
