#include "tools/falcoc/lsp/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compiler/rules/rule_files.h"
#include "tools/falcoc/lsp/uri.h"
#include "tools/falcoc/pages.h"
#include "tools/falcoc/replace_file.h"

namespace falcoc::lsp {

namespace fs = std::filesystem;

namespace {

std::string fenced(std::string_view heading, const std::string& example) {
  return fmt::format("\n{}:\n\n```yaml\n{}{}```\n", heading, example,
                     example.ends_with('\n') ? "" : "\n");
}

std::string page_text(Code code) {
  const CodeInfo& info = code_info(code);
  std::string text =
      fmt::format("# {} ({}): {}\n", info.id, severity_name(info.severity), info.title);
  if (!info.falco_code.empty()) text += fmt::format("\nFalco reports it as {}.\n", info.falco_code);
  const cli::Page* const page = cli::find_page(code);
  if (page == nullptr) return text;
  text += fmt::format("\n{}\n", page->text);
  if (page->example == cli::Page::Example::NONE) return text;
  return text + fenced("Bad", cli::example_file(*page, page->bad)) +
         fenced("Good", cli::example_file(*page, page->good));
}

/// The folder for pages, with a slash at its end; empty if the user has no cache.
std::string page_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/falcoc/codes/";
  const char* const home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache/falcoc/codes/";
  return {};
}

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

std::string page_uri(const std::string& code) {
  const auto known = find_code(code);
  const std::string folder = page_folder();
  if (!known || folder.empty()) return {};
  const std::string path = folder + code + ".md";
  const std::string text = page_text(*known);
  if (const auto there = rules::read_file(path); !there || *there != text) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return {};
    if (!fs::exists(path, error)) std::ofstream(path).flush();
    if (!cli::replace_file(path, text).empty()) return {};
  }
  return uri_of(path);
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
  if (std::string page = page_uri(finding.code); !page.empty()) {
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
