#include "compiler/lint/suppression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace falcoc::lint {

namespace {

constexpr std::string_view kMark = "falcoc-disable";

struct Comment {
  Span span;  ///< of the mark and what belongs to it
  FileId file{};
  std::vector<Code> codes;
  uint32_t first_line = 0, last_line = 0;  ///< that it is for
  std::vector<bool> used;                  ///< parallel to codes
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  return text;
}

class Comments {
 public:
  Comments(const SourceMap& sources, std::vector<Finding>& findings)
      : sources_(sources), findings_(findings) {}

  std::vector<Comment> read() {
    for (size_t i = 0; i < sources_.size(); ++i) read_file(FileId(i));
    return std::move(comments_);
  }

 private:
  void read_file(FileId id) {
    const SourceFile& file = sources_.file(id);
    const std::string_view text = file.text();
    size_t at = 0;
    while ((at = text.find(kMark, at)) != std::string_view::npos) {
      const size_t line_begin =
          text.rfind('\n', at) == std::string_view::npos ? 0 : text.rfind('\n', at) + 1;
      const size_t line_end = std::min(text.find('\n', at), text.size());
      const std::string_view before = trimmed(text.substr(line_begin, at - line_begin));
      if (before.ends_with('#')) {
        const bool alone = before == "#";
        read_comment(id, at, text.substr(at, line_end - at), alone);
      }
      at = line_end;
    }
  }

  void read_comment(FileId id, size_t at, std::string_view text, bool alone) {
    Comment comment;
    comment.file = id;
    comment.span = {id, static_cast<uint32_t>(at),
                    static_cast<uint32_t>(at + trimmed(text).size())};
    std::string_view rest = text.substr(kMark.size());
    const size_t colon = rest.find(':');
    const std::string_view reason =
        colon == std::string_view::npos ? "" : trimmed(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
    if (reason.empty()) {
      complain(Code::LINT_SUPPRESSION_REASON, comment.span,
               "the comment silences a lint and does not say why",
               "write `# falcoc-disable CODE: reason`");
    }
    while (!(rest = trimmed(rest)).empty()) {
      const size_t end = std::min(rest.find_first_of(", \t"), rest.size());
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (word.empty()) continue;
      if (const auto code = find_code(word)) {
        comment.codes.push_back(*code);
      } else {
        complain(Code::LINT_SUPPRESSION_UNKNOWN, comment.span,
                 fmt::format("no finding has the code `{}`", word),
                 "codes look like W1001; `falcoc list lints` shows them");
      }
    }
    comment.used.resize(comment.codes.size());
    find_extent(comment, sources_.file(id).position(static_cast<uint32_t>(at)).line, alone);
    comments_.push_back(std::move(comment));
  }

  void find_extent(Comment& comment, uint32_t line, bool alone) const {
    const SourceFile& file = sources_.file(comment.file);
    comment.first_line = comment.last_line = line;
    if (!alone) {
      if (!file.line(line).starts_with("- ")) return;
    } else {
      do {
        ++line;
      } while (line <= file.line_count() && trimmed(file.line(line)).starts_with('#'));
      if (line > file.line_count()) return;
      comment.first_line = comment.last_line = line;
      if (!file.line(line).starts_with("- ")) return;
    }
    while (comment.last_line < file.line_count() &&
           !file.line(comment.last_line + 1).starts_with("- "))
      ++comment.last_line;
  }

  void complain(Code code, Span span, std::string message, std::string hint) {
    findings_.push_back(
        {.diagnostic = Diagnostic::at(code, span, std::move(message), std::move(hint))});
  }

  const SourceMap& sources_;
  std::vector<Finding>& findings_;
  std::vector<Comment> comments_;
};

bool silences(Comment& comment, const Finding& finding, const SourceMap& sources) {
  const Diagnostic& diagnostic = finding.diagnostic;
  if (!diagnostic.has_span || diagnostic.span.file != comment.file) return false;
  const uint32_t line = sources.file(comment.file).position(diagnostic.span.begin).line;
  if (line < comment.first_line || line > comment.last_line) return false;
  for (size_t i = 0; i < comment.codes.size(); ++i) {
    if (comment.codes[i] != diagnostic.code) continue;
    comment.used[i] = true;
    return true;
  }
  return false;
}

}  // namespace

void suppress(const SourceMap& sources, const Policy& policy, std::vector<Finding>& findings) {
  std::vector<Finding> of_comments;
  std::vector<Comment> comments = Comments(sources, of_comments).read();
  std::erase_if(findings, [&](const Finding& finding) {
    bool silenced = false;  // every comment that does is of use
    for (Comment& comment : comments) silenced = silences(comment, finding, sources) || silenced;
    return silenced;
  });
  for (const Comment& comment : comments) {
    for (size_t i = 0; i < comment.codes.size(); ++i) {
      if (comment.used[i] || policy.disabled.contains(comment.codes[i])) continue;
      of_comments.push_back(
          {.diagnostic = Diagnostic::at(
               Code::LINT_SUPPRESSION_NEEDLESS, comment.span,
               fmt::format("there is no {} to silence here", code_info(comment.codes[i]).id),
               "remove the comment")});
    }
  }
  for (Finding& finding : of_comments) findings.push_back(std::move(finding));
}

}  // namespace falcoc::lint
