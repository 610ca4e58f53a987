// Reads the files of conformance cases.
#include "tests/conformance/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "compiler/ir/text_match.h"

namespace falcoc::conformance {
namespace {

constexpr std::array<std::pair<std::string_view, Verdict>, 4> kVerdicts = {{
    {"true", Verdict::TRUE},
    {"false", Verdict::FALSE},
    {"malformed", Verdict::MALFORMED},
    {"rejected", Verdict::REJECTED},
}};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Splits at the first `separator`; both parts trimmed. Nothing if there is none.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text,
                                                                   std::string_view separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair(trim(text.substr(0, at)), trim(text.substr(at + separator.size())));
}

/// Text between quotes, escapes resolved.
std::optional<std::string> unquoted(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i >= text.size()) return std::nullopt;
    switch (text[i]) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case '\\':
        out += '\\';
        break;
      case '"':
        out += '"';
        break;
      case 'x': {
        const std::optional<std::string> byte = ir::decode_hex(text.substr(i + 1, 2));
        if (!byte || byte->empty()) return std::nullopt;
        out += *byte;
        i += 2;
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return out;
}

std::optional<std::string> value_of(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return unquoted(text.substr(1, text.size() - 2));
  }
  return std::string(text);
}

class Reader {
 public:
  explicit Reader(std::string name) { file_.name = std::move(name); }

  std::expected<CaseFile, std::string> read(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      const std::string error = take(trim(text.substr(0, end)));
      if (!error.empty()) {
        return std::unexpected(fmt::format("{}:{}: {}", file_.name, line_, error));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(file_);
  }

 private:
  /// Takes one line; returns what is wrong with it, empty if nothing is.
  std::string take(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return {};
    if (line.starts_with("facts ")) {
      current_set_ = &sets_[std::string(trim(line.substr(6)))];
      return {};
    }
    if (line.starts_with("case ")) {
      file_.cases.push_back(
          {.title = std::string(trim(line.substr(5))), .facts = {}, .expectations = {}});
      current_set_ = nullptr;
      return {};
    }
    if (current_set_ != nullptr) return take_fact(line, *current_set_);
    if (file_.cases.empty()) return "expected `case` or `facts`";
    Case& current = file_.cases.back();
    if (line.starts_with("given ")) {
      const auto set = sets_.find(trim(line.substr(6)));
      if (set == sets_.end()) return "no such set of facts";
      for (const auto& [field, fact] : set->second.all()) current.facts.set(field, fact);
      return {};
    }
    if (line.starts_with("with ")) return take_fact(line.substr(5), current.facts);
    return take_expectation(line, current);
  }

  static std::string take_fact(std::string_view line, testing::Facts& facts) {
    const auto parts = split(line, "=");
    if (!parts) return "expected `field = value`";
    const auto& [field, text] = *parts;
    if (!text.starts_with('[') || !text.ends_with(']')) {
      std::optional<std::string> value = value_of(text);
      if (!value) return "malformed value";
      facts.set(std::string(field), *std::move(value));
      return {};
    }
    std::vector<std::string> items;
    std::string_view rest = trim(text.substr(1, text.size() - 2));
    while (!rest.empty()) {
      const auto item = split(rest, ",").value_or(std::pair(rest, std::string_view{}));
      std::optional<std::string> value = value_of(item.first);
      if (!value) return "malformed value";
      items.push_back(*std::move(value));
      rest = item.second;
    }
    facts.set_list(std::string(field), std::move(items));
    return {};
  }

  std::string take_expectation(std::string_view line, Case& current) const {
    const auto parts = split(line, ":");
    if (!parts) return "expected `verdict: condition`";
    const std::string_view word = parts->first.substr(0, parts->first.find(' '));
    const auto* verdict =
        std::ranges::find(kVerdicts, word, &std::pair<std::string_view, Verdict>::first);
    if (verdict == kVerdicts.end()) return "expected true, false, malformed or rejected";
    current.expectations.push_back({.verdict = verdict->second,
                                    .code = std::string(trim(parts->first.substr(word.size()))),
                                    .condition = std::string(parts->second),
                                    .line = line_});
    return {};
  }

  CaseFile file_;
  std::map<std::string, testing::Facts, std::less<>> sets_;
  testing::Facts* current_set_ = nullptr;
  unsigned line_ = 0;
};

}  // namespace

std::string_view spelling(Verdict verdict) {
  return std::ranges::find(kVerdicts, verdict, &std::pair<std::string_view, Verdict>::second)
      ->first;
}

std::expected<CaseFile, std::string> parse_case_file(std::string name, std::string_view text) {
  return Reader(std::move(name)).read(text);
}

std::expected<CaseFile, std::string> read_case_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(path.string() + ": cannot be read");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return parse_case_file(path.filename().string(), text);
}

std::vector<std::filesystem::path> case_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace falcoc::conformance
