#include "tools/falcoc/lint_fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/format/edits.h"
#include "tools/falcoc/replace_file.h"

namespace falcoc::cli {

namespace {

using check::RuleInput;

bool overlaps(const lint::Edit& a, const lint::Edit& b) {
  return a.span.file == b.span.file && a.span.begin < b.span.end && b.span.begin < a.span.end;
}

/// Which findings can be mended together: one whose edits meet those of an earlier one is left for
/// another run.
std::vector<bool> choose(const std::vector<lint::Finding>& findings) {
  std::vector<bool> chosen(findings.size());
  std::vector<const lint::Edit*> taken;
  for (size_t i = 0; i < findings.size(); ++i) {
    const std::vector<lint::Edit>& edits = findings[i].edits;
    const bool meets = std::ranges::any_of(edits, [&](const lint::Edit& edit) {
      return std::ranges::any_of(taken,
                                 [&](const lint::Edit* other) { return overlaps(edit, *other); });
    });
    if (edits.empty() || meets) continue;
    chosen[i] = true;
    for (const lint::Edit& edit : edits) taken.push_back(&edit);
  }
  return chosen;
}

class Fixer {
 public:
  Fixer(const RuleInput& input, const std::vector<lint::Finding>& findings)
      : input_(input), findings_(findings) {
    result_.fixed = choose(findings);
  }

  FixResult run() {
    edit();
    while (!texts_.empty() && !loads()) edit();
    for (const auto& [id, text] : texts_) {
      const std::string& name = input_.sources.file(id).name();
      if (const std::string why = replace_file(name, text); !why.empty()) {
        fmt::print(stderr, "error: {}: {}\n", name, why);
        leave(id);
      }
    }
    return std::move(result_);
  }

 private:
  /// The texts that files would have.
  void edit() {
    std::map<FileId, std::vector<format::Edit>> edits;
    for (size_t i = 0; i < findings_.size(); ++i) {
      if (!result_.fixed[i]) continue;
      for (const lint::Edit& edit : findings_[i].edits)
        edits[edit.span.file].push_back({edit.span.begin, edit.span.end, edit.text});
    }
    texts_.clear();
    for (auto& [id, of_file] : edits)
      texts_[id] = format::apply(input_.sources.file(id).text(), std::move(of_file));
  }

  /// Reads what the files would be. False if there are errors, and then the files to blame are
  /// left out.
  bool loads() {
    std::vector<check::NamedText> texts;
    for (const check::InputFile& file : input_.files) {
      const SourceFile& source = input_.sources.file(*file.source);
      const auto changed = texts_.find(*file.source);
      texts.push_back(
          {file.name, changed == texts_.end() ? std::string(source.text()) : changed->second});
    }
    const RuleInput edited = check::read_rules(std::move(texts));
    if (!edited.diagnostics.has_errors()) return true;
    std::set<FileId> blamed;
    for (const Diagnostic& diagnostic : edited.diagnostics.items()) {
      if (code_info(diagnostic.code).severity != Severity::ERROR) continue;
      fmt::print(stderr, "{}", render_text(diagnostic, edited.sources, false));
      // Files were read in the same order, so that they have the same numbers.
      if (diagnostic.has_span && texts_.contains(diagnostic.span.file))
        blamed.insert(diagnostic.span.file);
    }
    if (blamed.empty()) {
      for (const auto& [id, text] : texts_) blamed.insert(id);
    }
    for (const FileId id : blamed) {
      fmt::print(stderr, "error: {}: left as it is: mended it would have the errors above\n",
                 input_.sources.file(id).name());
      leave(id);
    }
    return false;
  }

  void leave(FileId id) {
    result_.failed = true;
    for (size_t i = 0; i < findings_.size(); ++i) {
      const bool touches = std::ranges::any_of(
          findings_[i].edits, [id](const lint::Edit& edit) { return edit.span.file == id; });
      if (touches) result_.fixed[i] = false;
    }
  }

  const RuleInput& input_;
  const std::vector<lint::Finding>& findings_;
  std::map<FileId, std::string> texts_;
  FixResult result_;
};

}  // namespace

FixResult fix(const RuleInput& input, const std::vector<lint::Finding>& findings) {
  return Fixer(input, findings).run();
}

}  // namespace falcoc::cli
