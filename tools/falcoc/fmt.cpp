// `falcoc fmt`: rule files in their canonical layout.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "compiler/bundle/bundle.h"
#include "compiler/format/format.h"
#include "compiler/rules/rule_files.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/unified_diff.h"

namespace falcoc::cli {

namespace {

/// Puts `bytes` in the place of a file, whole or not at all, with the file's mode. A
/// symbolic link stays one. Returns the reason if it cannot.
std::string replace_file(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::string target = std::filesystem::canonical(path, error).string();
  if (error) return error.message();
  struct stat old{};
  if (stat(target.c_str(), &old) != 0) return std::strerror(errno);
  std::string beside = target + ".XXXXXX";
  const int file = mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  // Only root can give a file away; what others write is theirs.
  const bool given = fchown(file, old.st_uid, old.st_gid) == 0;
  bool good = fchmod(file, old.st_mode & (given ? 07777 : 0777)) == 0;
  while (good && !bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    good = written >= 0 || errno == EINTR;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  good = good && fsync(file) == 0;
  good = close(file) == 0 && good && rename(beside.c_str(), target.c_str()) == 0;
  if (good) return {};
  const std::string why = std::strerror(errno);
  unlink(beside.c_str());
  return why;
}

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
