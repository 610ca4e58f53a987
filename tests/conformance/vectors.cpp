// Rows of vectors.tsv: id, condition, facts as JSON, what Falco answers, why.
#include "tests/conformance/vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace falcoc::conformance {
namespace {

/// A row whose answer here is another one than Falco's.
struct Deviation {
  std::string_view row;
  Verdict verdict;
  std::string_view reason;
};

constexpr std::array kDeviations = {
    Deviation{"V024", Verdict::MALFORMED, "Q03: a bad escape is an error in every element"},
    Deviation{"V036", Verdict::TRUE, "Q05: a quoted string can end in a backslash"},
    Deviation{"V097", Verdict::TRUE, "Q22: globs of pmatch do not disturb one another"},
    Deviation{"V099", Verdict::REJECTED, "Q08: numbers out of range are errors"},
    Deviation{"V102", Verdict::REJECTED, "Q08: numbers out of range are errors"},
    Deviation{"V123", Verdict::TRUE, "Q16: modifiers count for either side"},
    Deviation{"V124", Verdict::TRUE, "Q14: intersects works for either side"},
    Deviation{"V127", Verdict::TRUE, "Q13: every network is looked at"},
    Deviation{"V132", Verdict::TRUE, "Q10: /0 is a prefix of both families"},
    Deviation{"V142", Verdict::REJECTED, "Q09: ports above 65535 are errors"},
    Deviation{"V171", Verdict::TRUE, "Q18: a transformed right side has no NUL"},
    Deviation{"V190", Verdict::TRUE, "Q16: modifiers count for ancestors"},
    Deviation{"V202", Verdict::TRUE, "Q24: numeric arguments can be in sets"},
    Deviation{"V210", Verdict::TRUE, "Q37: a literal is not a field"},
};

struct LeftOut {
  std::string_view row;
  std::string_view reason;
};
constexpr std::array kLeftOut = {
    LeftOut{"V160", "lists of networks: only plugins have such fields, and none is built in"},
};

/// Fields of the plugin that the vectors made up, and fields of the same type and shape.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kStandIns = {{
    {"pl.strs", "k8smeta.svc.name"},
}};

std::string with_stand_ins(std::string text) {
  for (const auto& [made_up, ours] : kStandIns) {
    for (size_t at = text.find(made_up); at != std::string::npos; at = text.find(made_up, at)) {
      text.replace(at, made_up.size(), ours);
    }
  }
  return text;
}

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string fact_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return from_hex(value.at("hex").get<std::string>());
  return value.dump();
}

testing::Facts facts_of(const nlohmann::json& values) {
  testing::Facts facts;
  for (const auto& [name, value] : values.items()) {
    if (value.is_null()) continue;
    std::string field = with_stand_ins(name);
    if (!value.is_array()) {
      facts.set(std::move(field), fact_text(value));
      continue;
    }
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(fact_text(item));
    facts.set_list(std::move(field), std::move(items));
  }
  // The vectors give a buffer to no event in particular; native code knows which events have one.
  if (facts.find("evt.buffer") != nullptr && facts.find("evt.type") == nullptr) {
    facts.set("evt.type", "read");
  }
  return facts;
}

std::optional<Verdict> verdict_of(std::string_view expected) {
  if (expected == "true") return Verdict::TRUE;
  if (expected == "false") return Verdict::FALSE;
  if (expected == "parse-error") return Verdict::MALFORMED;
  if (expected == "compile-error") return Verdict::REJECTED;
  return std::nullopt;  // "runtime-error": Falco throws
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns(1);
  for (const char c : line) {
    if (c == '\t') {
      columns.emplace_back();
    } else {
      columns.back() += c;
    }
  }
  return columns;
}

}  // namespace

std::expected<CaseFile, std::string> read_vectors(const std::filesystem::path& path,
                                                  size_t& left_out) {
  CaseFile file{.name = path.filename().string(), .cases = {}};
  std::ifstream in(path);
  std::set<std::string_view> used;
  unsigned number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::vector<std::string> columns = columns_of(line);
    if (columns.size() < 4) return std::unexpected(fmt::format("line {} is short", number));
    const std::string& id = columns[0];
    if (id == "id") continue;
    if (const auto* out = std::ranges::find(kLeftOut, id, &LeftOut::row); out != kLeftOut.end()) {
      used.insert(out->row);
      ++left_out;
      continue;
    }
    std::optional<Verdict> verdict = verdict_of(columns[3]);
    if (const auto* other = std::ranges::find(kDeviations, id, &Deviation::row);
        other != kDeviations.end()) {
      if (verdict == other->verdict) return std::unexpected(id + " does not deviate");
      used.insert(other->row);
      verdict = other->verdict;
    }
    if (!verdict) return std::unexpected(fmt::format("{} has no verdict", id));
    const auto values =
        nlohmann::json::parse(columns[2].empty() ? "{}" : columns[2], nullptr, false);
    if (!values.is_object()) return std::unexpected(fmt::format("{} has no facts", id));
    file.cases.push_back({.title = id,
                          .facts = facts_of(values),
                          .expectations = {{.verdict = *verdict,
                                            .code = {},
                                            .condition = with_stand_ins(columns[1]),
                                            .line = number}}});
  }
  if (used.size() != kDeviations.size() + kLeftOut.size()) {
    return std::unexpected("a row of the tables is not in the file");
  }
  return file;
}

}  // namespace falcoc::conformance
