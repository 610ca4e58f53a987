// Edits that are offered: what mends a finding, what silences it, and a file in its layout.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/format/format.h"
#include "tools/falcoc/lsp/features.h"
#include "tools/falcoc/lsp/findings.h"

namespace falcoc::lsp {

namespace {

constexpr std::string_view kQuickFix = "quickfix";
constexpr std::string_view kFixAll = "source.fixAll.falcoc";

/// Whether the client wants actions of this kind: all if it names none, else those it names and
/// what is below them.
bool is_wanted(const Json& params, std::string_view kind) {
  const Json& only = at(at(params, "context"), "only");
  if (!only.is_array()) return kind == kQuickFix;
  return std::ranges::any_of(only, [&](const Json& wanted) {
    if (!wanted.is_string()) return false;
    const auto name = wanted.get<std::string>();
    return kind == name || kind.starts_with(name + ".");
  });
}

/// A WorkspaceEdit; null if an edit is in a file that is not there.
Json workspace_edit(const Query& query, const std::vector<TextEdit>& edits) {
  Json changes = Json::object();
  for (const TextEdit& edit : edits) {
    Document* const document = document_of(query.workspace, edit.place);
    if (document == nullptr) return nullptr;
    changes[document->uri()].push_back(
        {{"range", document->range(edit.place.range, query.workspace.encoding)},
         {"newText", edit.text}});
  }
  return {{"changes", std::move(changes)}};
}

/// A comment above the item, which silences the finding for all of it.
std::optional<TextEdit> silencing(Document& document, const Finding& finding) {
  for (const Range& part : parts_of(document.text())) {
    if (!part.contains(finding.place.range.begin)) continue;
    size_t line = part.begin;
    while (document.text().substr(line, 1) == "#") {
      const size_t end = document.text().find('\n', line);
      if (end == std::string::npos) return std::nullopt;
      line = end + 1;
    }
    if (document.text().substr(line, 1) != "-") return std::nullopt;
    const auto at = static_cast<uint32_t>(line);
    return TextEdit{.place = {document.name(), {at, at}},
                    .text = fmt::format("# falcoc-disable {}: reason\n", finding.code)};
  }
  return std::nullopt;
}

bool overlap(const TextEdit& a, const TextEdit& b) {
  const Range x = a.place.range, y = b.place.range;
  return x.begin < y.end && y.begin < x.end;
}

/// Edits of the findings in the file that need no decision: all edits of a finding, or none if one
/// of them overlaps those of an earlier finding or is in another file.
std::vector<TextEdit> all_edits(const Query& query) {
  std::vector<TextEdit> edits;
  for (const Finding& finding : query.analysis.findings) {
    const bool fits = std::ranges::all_of(finding.edits, [&](const TextEdit& edit) {
      return edit.place.file == query.document.name() &&
             std::ranges::none_of(edits, [&](const TextEdit& e) { return overlap(e, edit); });
    });
    if (fits) edits.insert(edits.end(), finding.edits.begin(), finding.edits.end());
  }
  return edits;
}

void add_quick_fixes(const Query& query, Json& actions) {
  const Json& range = at(query.params, "range");
  const uint32_t begin = query.document.offset(at(range, "start"), query.workspace.encoding);
  const uint32_t end = query.document.offset(at(range, "end"), query.workspace.encoding);
  for (const Finding& finding : query.analysis.findings) {
    const Range place = finding.place.range;
    if (finding.place.file != query.document.name() || place.end < begin || place.begin > end) {
      continue;
    }
    const Json diagnostic = diagnostic_of(query.workspace, query.document, finding);
    const auto add = [&](std::string title, const std::vector<TextEdit>& edits, bool preferred) {
      Json edit = workspace_edit(query, edits);
      if (edit.is_null()) return;
      actions.push_back({{"title", std::move(title)},
                         {"kind", kQuickFix},
                         {"diagnostics", Json::array({diagnostic})},
                         {"isPreferred", preferred},
                         {"edit", std::move(edit)}});
    };
    const std::vector<TextEdit> edits = edits_of(query.document, finding);
    if (!edits.empty()) {
      const bool suggested = finding.edits.empty();
      add(suggested ? fmt::format("Write `{}`", edits.front().text)
                    : fmt::format("Mend {}: {}", finding.code, finding.message),
          edits, true);
    }
    if (finding.severity > 1) {
      if (const auto comment = silencing(query.document, finding)) {
        add(fmt::format("Silence {} with a comment", finding.code), {*comment}, false);
      }
    }
  }
}

/// The edit that makes one text of another: what both begin and end with is left alone.
Json replacement(const Query& query, Range part, std::string_view formatted) {
  const std::string_view old = query.document.slice(part);
  if (old == formatted) return Json::array();
  size_t front = 0, back = 0;
  const size_t most = std::min(old.size(), formatted.size());
  while (front < most && old[front] == formatted[front]) ++front;
  while (back < most - front &&
         old[old.size() - 1 - back] == formatted[formatted.size() - 1 - back])
    ++back;
  // Whole lines, so that no character is cut.
  front = front == 0 ? 0 : old.rfind('\n', front - 1) + 1;  // npos + 1 is 0
  const size_t line_end = old.find('\n', old.size() - back);
  back = line_end == old.npos ? 0 : old.size() - line_end;
  if (front + back > most) back = most - front;
  const Range changed{part.begin + static_cast<uint32_t>(front),
                      part.end - static_cast<uint32_t>(back)};
  return Json::array({{{"range", query.range(changed)},
                       {"newText", formatted.substr(front, formatted.size() - back - front)}}});
}

/// The text in its layout; nothing if it does not say what it should.
std::expected<std::string, std::string> formatted(const Query& query, Range part) {
  SourceMap sources;
  Diagnostics diagnostics;
  const FileId file = sources.add(query.document.name(), std::string(query.document.slice(part)));
  if (auto text = format::format_rules(file, sources, diagnostics)) return std::move(*text);
  return std::unexpected(diagnostics.items().empty()
                             ? "the file cannot be laid out"
                             : "not laid out: " + diagnostics.items().front().message);
}

}  // namespace

Answer code_actions(const Query& query) {
  Json actions = Json::array();
  if (is_wanted(query.params, kQuickFix)) add_quick_fixes(query, actions);
  if (is_wanted(query.params, kFixAll)) {
    const std::vector<TextEdit> edits = all_edits(query);
    if (!edits.empty()) {
      actions.push_back({{"title", "Mend all that can be mended without a decision"},
                         {"kind", kFixAll},
                         {"edit", workspace_edit(query, edits)}});
    }
  }
  return actions;
}

Answer format_document(const Query& query) {
  const Range all{0, static_cast<uint32_t>(query.document.text().size())};
  const auto text = formatted(query, all);
  if (!text) return std::unexpected(text.error());
  return replacement(query, all, *text);
}

Answer format_range(const Query& query) {
  const Json& range = at(query.params, "range");
  const uint32_t begin = query.document.offset(at(range, "start"), query.workspace.encoding);
  const uint32_t end = query.document.offset(at(range, "end"), query.workspace.encoding);
  Json edits = Json::array();
  for (const Range& part : parts_of(query.document.text())) {
    if (part.end <= begin || part.begin > end) continue;
    auto text = formatted(query, part);
    if (!text) return std::unexpected(text.error());
    // Empty lines between items are the whole file's business.
    const std::string_view old = query.document.slice(part);
    const auto strip = [](std::string_view lines) {
      return lines.substr(0, lines.find_last_not_of(" \n\r") + 1);
    };
    *text = std::string(strip(*text)) + std::string(old.substr(strip(old).size()));
    for (Json& edit : replacement(query, part, *text)) edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace falcoc::lsp
