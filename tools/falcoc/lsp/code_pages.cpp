#include "tools/falcoc/lsp/code_pages.h"

#include <fmt/format.h>

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

/// Writes the page unless it is there.
std::string written_page(const std::string& code) {
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

}  // namespace

const std::string& CodePages::uri(const std::string& code) {
  const auto known = uris_.find(code);
  if (known != uris_.end()) return known->second;
  return uris_[code] = written_page(code);
}

}  // namespace falcoc::lsp
