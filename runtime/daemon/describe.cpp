// See describe.h.
#include "runtime/daemon/describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/catalog/catalog.h"
#include "compiler/catalog/type_name.h"
#include "compiler/describe/describe.h"
#include "probe/abi.h"
#include "runtime/daemon/inform.h"

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using nlohmann::json;

/// The event sources there are fields for; the runtime knows system calls only.
constexpr std::string_view kSyscallSource = "syscall";

constexpr size_t kNameColumn = 30;   // longer names push their text to the next line
constexpr size_t kTextColumns = 80;  // of the description

/// `text` broken at blanks, every line indented.
std::string wrapped(std::string_view text, size_t indent) {
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > kTextColumns) {
      out += '\n';
      column = 0;
      out.append(indent, ' ');
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// Name, padded, with the text beside it or below.
std::string entry(std::string_view name, std::string_view text) {
  std::string out{name};
  if (out.size() + 1 > kNameColumn) {
    out += '\n';
    out.append(kNameColumn, ' ');
  } else {
    out.resize(kNameColumn, ' ');
  }
  return out + wrapped(text, kNameColumn) + '\n';
}

std::string_view argument_suffix(falcoc::ArgumentRule rule) {
  using enum falcoc::ArgumentRule;
  switch (rule) {
    case NONE:
      return "";
    case INDEX_OPTIONAL:
      return " takes an optional index: [N].";
    case INDEX_REQUIRED:
      return " needs an index: [N].";
    case KEY_OPTIONAL:
      return " takes an optional key: [KEY].";
    case KEY_REQUIRED:
      return " needs a key: [KEY].";
    case INDEX_OR_KEY_OPTIONAL:
      return " takes an optional index or key: [N], [KEY].";
    case INDEX_OR_KEY_REQUIRED:
      return " needs an index or key: [N], [KEY].";
    case SUFFIX_OPTIONAL:
      return " takes an optional suffix: .NAME.";
    case SUFFIX_REQUIRED:
      return " needs a suffix: .NAME.";
    case INDEX_OR_SUFFIX_REQUIRED:
      return " needs an index or suffix: [N], .NAME.";
  }
  return "";
}

std::string field_text(const falcoc::FieldInfo& field) {
  std::string text;
  if (has(field.flags, falcoc::FieldFlag::DEPRECATED)) text += "(deprecated) ";
  if (has(field.flags, falcoc::FieldFlag::EXTENSION)) text += "(extension) ";
  if (has(field.flags, falcoc::FieldFlag::FILTER_ONLY)) text += "(conditions only) ";
  if (has(field.flags, falcoc::FieldFlag::PRINT_ONLY)) text += "(outputs only) ";
  if (!field.supplied) text += "(always absent in this version) ";
  text += field.doc;
  if (!field.doc.empty() && field.doc.back() != '.') text += '.';
  if (const std::string_view suffix = argument_suffix(field.argument); !suffix.empty()) {
    text += fmt::format(" `{}`{}", field.name, suffix);
  }
  return text;
}

std::string class_heading(std::string_view field_class) {
  return fmt::format("\n{:-<34}\n{:<{}}{}\n{:<{}}{}\n\n", "", "Field Class:", kNameColumn,
                     field_class, "Event Sources:", kNameColumn, kSyscallSource);
}

/// One field as it is listed.
struct ListedField {
  std::string name;
  std::string_view field_class;
  std::string_view type;
  std::string text;
};

std::vector<ListedField> listed_fields(const falcoc::ir::StaticFields& static_fields) {
  std::vector<ListedField> all;
  for (const falcoc::FieldInfo& field : falcoc::fields()) {
    if (has(field.flags, falcoc::FieldFlag::HIDDEN)) continue;
    all.push_back({std::string(field.name), field.field_class, falcoc::type_name(field.type),
                   field_text(field)});
  }
  for (const auto& [name, value] : static_fields) {
    all.push_back({name, "static", falcoc::type_name(falcoc::ParamType::CHARBUF),
                   fmt::format("Always `{}`, as static_fields says.", value)});
  }
  return all;
}

std::string fields_json(const std::vector<ListedField>& fields) {
  json classes = json::array();
  for (const ListedField& field : fields) {
    if (classes.empty() || classes.back()["name"] != field.field_class) {
      classes.push_back({{"name", field.field_class},
                         {"event_sources", json::array({kSyscallSource})},
                         {"fields", json::array()}});
    }
    classes.back()["fields"].push_back(
        {{"name", field.name}, {"type", field.type}, {"desc", field.text}});
  }
  return json{{"fieldclasses", classes}}.dump() + "\n";
}

std::string rule_text(const falcoc::ir::Rule& rule) {
  std::string details =
      fmt::format("[{}, {}{}] {}", falcoc::priority_name(rule.priority), rule.source,
                  rule.enabled ? "" : ", disabled", rule.description);
  std::ranges::replace(details, '\n', ' ');
  return entry(rule.name, details);
}

}  // namespace

std::expected<std::string, Diagnostic> list_fields(const std::string& source, bool names_only,
                                                   ListFormat format,
                                                   const falcoc::ir::StaticFields& static_fields) {
  if (!source.empty() && source != kSyscallSource) {
    return std::unexpected(Diagnostic::global(
        Code::OPTION_VALUE, fmt::format("--list {}: no such event source", source),
        fmt::format("event sources: {}", kSyscallSource)));
  }
  const std::vector<ListedField> fields = listed_fields(static_fields);
  if (format == ListFormat::JSON && !names_only) return fields_json(fields);
  std::string out;
  std::string_view field_class;
  for (const ListedField& field : fields) {
    const bool begins_class = field.field_class != field_class;
    field_class = field.field_class;
    if (names_only) {
      out += fmt::format("{}\n", field.name);
    } else if (format == ListFormat::MARKDOWN) {
      if (begins_class) {
        out += fmt::format(
            "\n## Field Class: {}\n\nEvent Sources: {}\n\nName | Type | Description\n:----|:-----|"
            ":-----------\n",
            field_class, kSyscallSource);
      }
      out += fmt::format("`{}` | {} | {}\n", field.name, field.type, field.text);
    } else {
      if (begins_class) out += class_heading(field_class);
      out += entry(field.name, field.text);
    }
  }
  return out;
}

std::expected<std::string, Diagnostic> describe_rules(const LoadedRules& rules,
                                                      const std::string& name, bool as_json) {
  std::vector<const falcoc::ir::Rule*> chosen;
  std::vector<std::string_view> names;
  for (const falcoc::ir::Rule& rule : rules.program.rules) {
    names.push_back(rule.name);
    if (name.empty() || rule.name == name) chosen.push_back(&rule);
  }
  if (chosen.empty() && !name.empty()) {
    const std::string_view close = falcoc::closest_name(name, names);
    return std::unexpected(Diagnostic::global(
        Code::RULE_NOT_FOUND, fmt::format("no rule is named `{}`", name),
        close.empty() ? "falcod -L lists the rules" : fmt::format("did you mean `{}`?", close)));
  }
  if (as_json) {
    const auto* written = rules.written ? &*rules.written : nullptr;
    const json result = name.empty() ? falcoc::describe::ruleset(rules.program, written)
                                     : falcoc::describe::rule(rules.program, written, name);
    return result.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  std::string out = entry("Rule", "Description") + entry("----", "-----------");
  for (const falcoc::ir::Rule* rule : chosen) out += rule_text(*rule);
  return out;
}

std::string version_text(bool as_json) {
  if (as_json) {
    json all = json::parse(versions_json());
    all["version"] = FALCOD_VERSION;
    all["catalog_version"] = falcoc::kCatalogVersion;
    all["probe_abi_version"] = FC_ABI_VERSION;
    return all.dump() + "\n";
  }
  return fmt::format(
      "falcod {}\nFalco engine version {}\ncatalog version {}\nprobe ABI version {}\n",
      FALCOD_VERSION, falcoc::kFalcoEngineVersion, falcoc::kCatalogVersion, FC_ABI_VERSION);
}

}  // namespace falcod
