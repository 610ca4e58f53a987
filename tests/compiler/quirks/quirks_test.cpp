// The table of quirks is complete, and what it refers to exists.
#include <doctest/doctest.h>

#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = FALCOC_ROOT;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(trimmed(part));
  return parts;
}

/// The text of a test file named without its ending.
std::string test_text(const std::string& name) {
  for (const char* const ending : {".cpp", ".txt"}) {
    const fs::path path = kRoot / "tests" / (name + ending);
    if (fs::exists(path)) return read(path);
  }
  return {};
}

/// The rows of QUIRKS.md, in columns.
std::vector<std::vector<std::string>> rows() {
  std::vector<std::vector<std::string>> result;
  std::ifstream in(kRoot / "compiler/QUIRKS.md");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| ")) result.push_back(split(line.substr(1), '|'));
  }
  return result;
}

}  // namespace

TEST_CASE("every quirk has its row") {
  std::set<std::string> quirks;
  for (const auto& row : rows()) {
    if (row.front().starts_with("Q")) CHECK(quirks.insert(row.front()).second);
  }
  CHECK(quirks.size() == 53);
  CHECK(*quirks.begin() == "Q01");
  CHECK(*quirks.rbegin() == "Q53");
}

TEST_CASE("every quirk names tests that exist") {
  for (const auto& row : rows()) {
    if (row.back() == "shown by") continue;
    CAPTURE(row.front());
    // "file: test; another test; file, file".
    std::string text;
    for (const std::string& reference : split(row.back(), ';')) {
      const size_t colon = reference.find(": ");
      const bool names_file = reference.find('/') < std::min(colon, reference.size());
      if (names_file) {
        for (const std::string& file : split(reference.substr(0, colon), ',')) {
          CAPTURE(file);
          text = test_text(file);
          CHECK_FALSE(text.empty());
        }
      }
      if (names_file && colon == std::string::npos) continue;
      const std::string name = names_file ? reference.substr(colon + 2) : reference;
      CAPTURE(name);
      CHECK(text.find(name) != std::string::npos);
    }
  }
}

TEST_CASE("every code is raised somewhere") {
  std::string sources;
  for (const char* const folder : {"compiler", "runtime", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string ending = entry.path().extension().string();
      if (ending == ".cpp" || ending == ".h") sources += read(entry.path());
    }
  }
  for (const char* const name : {
#define DIAGNOSTIC(id, ...) #id,
#include "compiler/source/diagnostics.def"
#undef DIAGNOSTIC
       }) {
    CAPTURE(name);
    const std::string use = std::string("Code::") + name;
    size_t at = sources.find(use);
    const auto goes_on = [&] {
      const char next = sources[at + use.size()];
      return next == '_' || std::isalnum(static_cast<unsigned char>(next)) != 0;
    };
    while (at != std::string::npos && goes_on()) at = sources.find(use, at + 1);
    CHECK(at != std::string::npos);
  }
}

TEST_CASE("codes in the table of quirks exist") {
  const std::string text = read(kRoot / "compiler/QUIRKS.md");
  size_t checked = 0;
  for (size_t at = 0; at + 5 <= text.size(); ++at) {
    const std::string word = text.substr(at, 5);
    const bool is_code = (word[0] == 'E' || word[0] == 'W') &&
                         word.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!is_code) continue;
    CAPTURE(word);
    CHECK(falcoc::find_code(word).has_value());
    ++checked;
  }
  CHECK(checked > 20);
}
