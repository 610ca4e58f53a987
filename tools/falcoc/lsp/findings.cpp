#include "tools/falcoc/lsp/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {

namespace {

/// `text` between backquotes behind `before`; empty if there is none.
std::string_view quoted_behind(std::string_view text, std::string_view before) {
  const size_t begin = text.find(before);
  if (begin == text.npos) return {};
  text.remove_prefix(begin + before.size());
  return text.substr(0, text.find('`'));
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}

/// Where `word` stands as a whole word in the range; the first place.
std::optional<Range> find_word_in(std::string_view text, Range range, std::string_view word) {
  const size_t end = std::min<size_t>(range.end, text.size());
  for (size_t at = text.find(word, range.begin); at != text.npos && at + word.size() <= end;
       at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_character(text[at - 1]);
    const size_t behind = at + word.size();
    const bool ends = behind == text.size() || !is_word_character(text[behind]);
    if (begins && ends) return Range{static_cast<uint32_t>(at), static_cast<uint32_t>(behind)};
  }
  return std::nullopt;
}

/// "did you mean `X`?" as an edit of the word that the message quotes.
std::vector<TextEdit> suggestion(Document& document, const Finding& finding) {
  std::string_view meant = quoted_behind(finding.hint, "did you mean `");
  const std::string_view wrong = quoted_behind(finding.message, "`");
  if (meant.empty() || wrong.empty()) return {};
  std::string_view word = wrong;
  if (meant.starts_with('%')) meant.remove_prefix(1);
  if (word.starts_with('%')) word.remove_prefix(1);
  auto place = find_word_in(document.text(), finding.place.range, word);
  if (!place) {
    // The finding is at the name of a rule, and about another part of it.
    for (const Item& item : document.outline().items) {
      if (item.range.touches(finding.place.range.begin)) {
        place = find_word_in(document.text(), item.range, word);
      }
    }
  }
  if (!place) return {};
  return {{.place = {document.name(), *place}, .text = std::string(meant)}};
}

}  // namespace

Document* document_of(Workspace& workspace, const FilePlace& place) {
  return workspace.find(place.file.starts_with('/') ? uri_of(place.file) : place.file);
}

std::vector<TextEdit> edits_of(Document& document, const Finding& finding) {
  return finding.edits.empty() ? suggestion(document, finding) : finding.edits;
}

Json diagnostic_of(Workspace& workspace, Document& document, const Finding& finding) {
  std::string message = finding.message;
  if (!finding.label.empty()) message += " (" + finding.label + ")";
  if (!finding.hint.empty()) message += "\n" + finding.hint;
  Json diagnostic{{"range", document.range(finding.place.range, workspace.encoding)},
                  {"severity", finding.severity},
                  {"code", finding.code},
                  {"source", "falcoc"},
                  {"message", message}};
  if (std::string page = workspace.pages.uri(finding.code); !page.empty()) {
    diagnostic["codeDescription"] = {{"href", std::move(page)}};
  }
  for (const auto& [place, text] : finding.related) {
    Document* const there = document_of(workspace, place);
    if (there == nullptr) continue;
    diagnostic["relatedInformation"].push_back(
        {{"location", there->location(place.range, workspace.encoding)}, {"message", text}});
  }
  return diagnostic;
}

}  // namespace falcoc::lsp
