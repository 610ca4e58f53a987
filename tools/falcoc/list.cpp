// `falcoc list`: the vocabulary of conditions and outputs, as plain tables.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/vocabulary.h"
#include "tools/falcoc/words.h"

namespace falcoc::cli {

namespace {

using Row = std::vector<std::string>;

/// Rows with their columns under each other; the last column is as wide as it is.
ExitStatus print_table(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace

ExitStatus list_operators() {
  std::vector<Row> rows;
  for (const WordRow& row : kWords) {
    rows.push_back({std::string(row.shown), std::string(row.types), std::string(row.doc)});
  }
  return print_table(rows);
}

ExitStatus list_lints() {
  std::vector<Row> rows;
  for (size_t i = 0; i < static_cast<size_t>(Code::COUNT); ++i) {
    const CodeInfo& info = code_info(Code(i));
    if (!info.id.substr(1).starts_with("10") || info.severity == Severity::ERROR) continue;
    rows.push_back(
        {std::string(info.id), std::string(severity_name(info.severity)), std::string(info.title)});
  }
  return print_table(rows);
}

ExitStatus list_fields() {
  std::vector<Row> rows;
  for (const FieldInfo& field : fields()) {
    if (is_shown(field))
      rows.push_back({shown_name(field), shown_type(field), shown_meaning(field)});
  }
  return print_table(rows);
}

ExitStatus list_events() {
  std::vector<Row> rows;
  for (const ShownEvent& event : shown_events())
    rows.push_back({event.name, fmt::format("{}", fmt::join(event.parameters, ", "))});
  return print_table(rows);
}

}  // namespace falcoc::cli
