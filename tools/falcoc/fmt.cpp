// `falcoc fmt`: rule files in their canonical layout.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "compiler/bundle/bundle.h"
#include "compiler/format/format.h"
#include "compiler/rules/rule_files.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/replace_file.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/unified_diff.h"

namespace falcoc::cli {

namespace {

class Formatter {
 public:
  explicit Formatter(const FormatOptions& options) : options_(options) {}

  void path(const std::string& path) {
    auto bytes = rules::read_file(path);
    if (!bytes) {
      findings_.diagnostics.add(std::move(bytes.error()));
      findings_.unreadable = true;
      return;
    }
    const std::string name = rules::shown_path(path);
    if (bundle::is_bundle(*bytes)) {
      findings_.diagnostics.add(Diagnostic::global(
          Code::RULE_INPUT_MIXED, fmt::format("{} is a bundle of compiled rules", name),
          "name the rule files it was made of"));
      return;
    }
    const FileId file = findings_.sources.add(name, std::move(*bytes));
    const auto text = format::format_rules(file, findings_.sources, findings_.diagnostics);
    if (text) formatted(path, file, *text);
  }

  void unreadable(const Diagnostics& problems) {
    for (const Diagnostic& problem : problems.items()) findings_.diagnostics.add(problem);
    findings_.unreadable = findings_.unreadable || problems.has_errors();
  }

  ExitStatus finish() const {
    if (!findings_.diagnostics.items().empty()) report(findings_, formats().front(), false, stderr);
    if (findings_.unreadable || failed_) return ExitStatus::FAILURE;
    if (findings_.diagnostics.has_errors()) return ExitStatus::FINDINGS;
    return options_.check && changes_ ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
  }

 private:
  void formatted(const std::string& path, FileId file, const std::string& text) {
    const SourceFile& old = findings_.sources.file(file);
    const bool changed = old.text() != text;
    changes_ = changes_ || changed;
    if (options_.check || options_.diff) {
      if (!changed) return;
      print(options_.diff ? unified_diff(old.name(), old.text(), text) : old.name() + "\n");
    } else if (path == "-") {
      print(text);
    } else if (changed) {
      fail_if(old.name(), replace_file(path, text));
    }
  }

  void print(std::string_view text) {
    if (!write_all(text, stdout)) fail_if("standard output", std::strerror(errno));
  }

  void fail_if(std::string_view name, std::string_view why) {
    if (why.empty()) return;
    fmt::print(stderr, "error: {}: {}\n", name, why);
    failed_ = true;
  }

  const FormatOptions& options_;
  RuleInput findings_;
  bool changes_ = false;
  bool failed_ = false;  ///< something could not be written
};

}  // namespace

ExitStatus format_files(const FormatOptions& options) {
  Formatter formatter(options);
  Diagnostics problems;
  for (const std::string& path : rules::expand_paths(options.paths, problems)) {
    formatter.path(path);
  }
  formatter.unreadable(problems);
  return formatter.finish();
}

}  // namespace falcoc::cli
