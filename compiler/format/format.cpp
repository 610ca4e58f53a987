#include "compiler/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/format/conditions.h"
#include "compiler/format/line_layout.h"
#include "compiler/format/same_rules.h"
#include "compiler/ir/parse.h"
#include "compiler/rules/ruleset.h"
#include "compiler/rules/yaml.h"

namespace falcoc::format {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// What makes a file one that is not formatted. Anything else that may be wrong with it does not
/// matter to its layout, or is right together with other files.
constexpr std::array kNoRuleFile = {Code::YAML_SYNTAX,    Code::YAML_STRUCTURE,
                                    Code::FILE_TOO_LARGE, Code::TEXT_NOT_UTF8,
                                    Code::YAML_LIMIT,     Code::TEXT_CONTROL_CHARACTER};

/// Two do unless the indentation is a strange one.
constexpr int kMaxRounds = 4;

bool is_rule_file(FileId file, const SourceMap& sources, Diagnostics& diagnostics) {
  rules::RuleSet rules;
  Diagnostics found;
  rules::load_rules(file, sources, rules, found);
  bool good = true;
  for (const Diagnostic& finding : found.items()) {
    if (std::ranges::find(kNoRuleFile, finding.code) == kNoRuleFile.end()) continue;
    diagnostics.add(finding);
    good = false;
  }
  return good;
}

bool conditions_parse(const rules::YamlStream& stream, Diagnostics& diagnostics) {
  bool good = true;
  for (const rules::YamlNode* document : stream.documents) {
    for (const rules::YamlNode* item : document->items) {
      const rules::YamlNode* condition = condition_of(*item);
      if (condition == nullptr || appends(*item)) continue;
      if (auto parsed = ir::parse_condition(condition->text); !parsed) {
        diagnostics.add(parsed.error());
        good = false;
      }
    }
  }
  return good;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t at = 0; (at = text.find(from, done)) != text.npos; done = at + from.size()) {
    out.append(text, done, at - done).append(to);
  }
  text = out.append(text, done);
}

/// Text of a file without what only its bytes have: byte order mark and CR LF line ends.
struct PlainText {
  explicit PlainText(std::string_view bytes)
      : marked(bytes.starts_with(kByteOrderMark)),
        crlf(bytes.find("\r\n") != bytes.npos),
        text(bytes.substr(marked ? kByteOrderMark.size() : 0)) {
    if (crlf) replace_all(text, "\r\n", "\n");
  }

  std::string bytes() const {
    std::string out = text;
    if (crlf) replace_all(out, "\n", "\r\n");
    return marked ? std::string(kByteOrderMark) + out : out;
  }

  bool marked;
  bool crlf;
  std::string text;
};

/// One step over the text; false if what was made of it so far is no YAML.
template <typename Step>
bool rewrite(std::string& text, Step step) {
  SourceMap sources;
  const FileId file = sources.add("", text);
  const auto stream = rules::read_yaml(file, sources.file(file));
  if (!stream) return false;
  text = step(sources.file(file).text(), *stream);
  return true;
}

struct Attempt {
  std::string text;
  std::optional<std::string> difference;
};

Attempt attempt(FileId file, const SourceMap& sources, bool indent) {
  const std::string_view before = sources.file(file).text();
  PlainText plain(before);
  const auto lines = [indent](auto text, const auto& stream) {
    return lay_out_lines(text, stream, indent);
  };
  const auto conditions = [](auto text, const auto& stream) {
    return lay_out_conditions(text, stream);
  };
  // Where a condition begins decides how it is broken, and lines behind one may have been its text.
  bool done = true;
  std::string last;
  for (int round = 0; done && round < kMaxRounds && plain.text != last; ++round) {
    last = plain.text;
    done = rewrite(plain.text, lines) && rewrite(plain.text, conditions);
  }
  Attempt result{.text = plain.bytes(), .difference = std::nullopt};
  if (!done) {
    result.difference = "what is read at all";
    return result;
  }
  SourceMap both;
  const FileId old_file = both.add("before", std::string(before));
  const FileId new_file = both.add("after", result.text);
  result.difference = difference(both, old_file, new_file);
  return result;
}

}  // namespace

std::optional<std::string> format_rules(FileId file, const SourceMap& sources,
                                        Diagnostics& diagnostics) {
  if (!is_rule_file(file, sources, diagnostics)) return std::nullopt;
  const auto stream = rules::read_yaml(file, sources.file(file));
  if (!stream || !conditions_parse(*stream, diagnostics)) return std::nullopt;
  Attempt result = attempt(file, sources, true);
  if (result.difference) result = attempt(file, sources, false);
  if (!result.difference) return std::move(result.text);
  diagnostics.add(
      Diagnostic::at(Code::FORMAT_CHANGES_MEANING, {file, 0, 0},
                     fmt::format("the file would not say the same in its new layout: {} differs",
                                 *result.difference),
                     "the file was left as it is"));
  return std::nullopt;
}

}  // namespace falcoc::format
