// `falcoc docs --reference`: fields and events from the catalog, for people.
#include <fmt/format.h>

#include <map>

#include "tools/falcoc/commands.h"
#include "tools/falcoc/docs_writer.h"
#include "tools/falcoc/report.h"
#include "tools/falcoc/vocabulary.h"

namespace falcoc::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string fields_reference(const Writer& writer) {
  std::vector<std::pair<std::string_view, Rows>> classes;  // in the order of the catalog
  size_t count = 0;
  for (const FieldInfo& field : fields()) {
    if (!is_shown(field)) continue;
    ++count;
    if (classes.empty() || classes.back().first != field.field_class)
      classes.emplace_back(field.field_class, Rows{});
    classes.back().second.push_back({writer.text(shown_name(field)), writer.text(shown_type(field)),
                                     writer.text(shown_meaning(field))});
  }
  std::string made =
      writer.begin("Fields", fmt::format("{} fields for conditions and outputs. ARG is an "
                                         "argument; with a question mark it may be left out.",
                                         count));
  for (const auto& [name, rows] : classes)
    made += writer.heading(name) + writer.table({"field", "type", "meaning"}, rows);
  return made + writer.end();
}

std::string events_reference(const Writer& writer) {
  Rows rows;
  for (const ShownEvent& event : shown_events()) {
    rows.push_back({writer.text(event.name),
                    writer.text(fmt::format("{}", fmt::join(event.parameters, ", ")))});
  }
  return writer.begin("Events", fmt::format("{} values of evt.type, with the parameters that "
                                            "evt.arg.NAME gives and their types.",
                                            rows.size())) +
         writer.table({"event", "parameters"}, rows) + writer.end();
}

}  // namespace

ExitStatus docs_reference(const DocsOptions& options) {
  const std::unique_ptr<Writer> writer = make_writer(options.format);
  const std::string text =
      options.reference == "events" ? events_reference(*writer) : fields_reference(*writer);
  return write_all(text, stdout) ? ExitStatus::CLEAN : ExitStatus::FAILURE;
}

}  // namespace falcoc::cli
