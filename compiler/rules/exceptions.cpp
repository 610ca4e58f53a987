#include "compiler/rules/exceptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "compiler/catalog/catalog.h"

namespace falcoc::rules {

namespace {

constexpr std::array<std::string_view, 4> kKeys = {"name", "fields", "comps", "values"};
// Operators that take text on the right, and with a modifier a list of texts.
constexpr std::array<std::string_view, 12> kTextOperators = {
    "=",         "==",        "!=",         "glob",        "iglob",    "contains",
    "icontains", "bcontains", "startswith", "bstartswith", "endswith", "regex"};
constexpr std::array<std::string_view, 3> kListOperators = {"in", "pmatch", "intersects"};
constexpr std::array<std::string_view, 4> kNumberOperators = {"<", "<=", ">", ">="};
constexpr std::array<std::string_view, 3> kModifiers = {"oneof", "anyof", "allof"};

/// What an unknown operator of `comps` probably means, as a hint.
std::string suggest_comp(std::string_view comp) {
  const auto suggest = [](std::string_view word,
                          std::initializer_list<std::span<const std::string_view>> sets) {
    std::vector<std::string_view> known;
    for (const auto set : sets) known.insert(known.end(), set.begin(), set.end());
    return std::string(closest_name(word, known));
  };
  const size_t blank = comp.find(' ');
  if (blank == std::string_view::npos) {
    const std::string op = suggest(comp, {kTextOperators, kListOperators, kNumberOperators});
    return op.empty() ? std::string() : fmt::format("did you mean `{}`?", op);
  }
  const std::string op = suggest(comp.substr(0, blank), {kTextOperators});
  const std::string modifier = suggest(comp.substr(blank + 1), {kModifiers});
  if (op.empty() || modifier.empty()) {
    return "a modifier (oneof, anyof, allof) goes with `=`, `!=` and operators that are words";
  }
  return fmt::format("did you mean `{} {}`?", op, modifier);
}

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// Operator and modifier with one blank between them, blanks around removed.
std::string tidy(std::string_view comp) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::string result;
  for (size_t begin = comp.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const size_t end = std::min(comp.find_first_of(kBlanks, begin), comp.size());
    if (!result.empty()) result += ' ';
    result += comp.substr(begin, end - begin);
    begin = comp.find_first_not_of(kBlanks, end);
  }
  return result;
}

struct Comp {
  bool valid = false;
  bool takes_list = false;
};

Comp classify(std::string_view comp) {
  const size_t blank = comp.find(' ');
  if (blank != std::string_view::npos) {
    const bool valid =
        among(kTextOperators, comp.substr(0, blank)) && among(kModifiers, comp.substr(blank + 1));
    return {.valid = valid, .takes_list = true};
  }
  if (among(kListOperators, comp)) return {.valid = true, .takes_list = true};
  const bool scalar = among(kTextOperators, comp) || among(kNumberOperators, comp);
  return {.valid = scalar || comp == "exists", .takes_list = false};
}

/// A scalar or a sequence of scalars under `key`.
void read_scalar_or_list(MapReader& exception, std::string_view key, std::vector<Text>& texts,
                         bool& is_list, std::optional<Span>& span) {
  const YamlNode* value = exception.optional_value(key);
  if (value == nullptr) return;
  span = value->span;
  is_list = value->kind == YamlNode::Kind::SEQUENCE;
  if (is_list) {
    if (auto read = exception.texts(key, *value, false)) texts = std::move(*read);
  } else if (auto text = exception.required_text(key)) {
    texts.push_back(std::move(*text));
  }
}

std::optional<WrittenException> read_exception(MapReader& item, const YamlNode& node,
                                               bool defining) {
  MapReader exception = item.nested(node, "exception");
  exception.check_keys(kKeys, Code::EXCEPTION_UNKNOWN_KEY);
  std::optional<Text> name = exception.required_text("name");
  if (!name) return std::nullopt;
  exception.rename(fmt::format("exception '{}'", name->str()));

  WrittenException result;
  result.span = node.span;
  result.name = std::move(*name);
  if (defining && exception.required_value("fields") == nullptr) return std::nullopt;
  read_scalar_or_list(exception, "fields", result.fields, result.fields_is_list,
                      result.fields_span);
  read_scalar_or_list(exception, "comps", result.comps, result.comps_is_list, result.comps_span);
  for (Text& comp : result.comps) {
    comp.text = MappedText(tidy(comp.str()), comp.span);
  }
  if (exception.has("values")) {
    const YamlNode* values = exception.required_value("values");
    if (values != nullptr && values->kind != YamlNode::Kind::SEQUENCE) {
      exception.error(Code::VALUE_TYPE, values->span,
                      fmt::format("key `values` of {} must be a sequence", exception.what()));
    } else if (values != nullptr) {
      result.has_values = true;
      result.values = values->items;
    }
  }
  if (exception.failed()) return std::nullopt;
  return result;
}

/// One scalar of `values`.
std::optional<Text> read_value_text(MapReader& item, const YamlNode& node, const Exception& owner) {
  if (node.is_scalar() && !node.text.empty()) return text_of(node);
  if (node.kind == YamlNode::Kind::SEQUENCE) {
    item.error(
        Code::EXCEPTION_NESTED, node.span,
        fmt::format("a value of exception '{}' cannot be a list of lists", owner.name.str()));
  } else {
    const bool map = node.kind == YamlNode::Kind::MAP;
    item.error(map ? Code::VALUE_TYPE : Code::VALUE_MISSING, node.span,
               fmt::format("a value of exception '{}' {}", owner.name.str(),
                           map ? "cannot be a map" : "is empty"));
  }
  return std::nullopt;
}

std::optional<ExceptionValue> read_value(MapReader& item, const YamlNode& node,
                                         const Exception& owner) {
  if (node.kind != YamlNode::Kind::SEQUENCE) {
    std::optional<Text> text = read_value_text(item, node, owner);
    if (!text) return std::nullopt;
    return ExceptionValue{.value = std::move(*text), .span = node.span};
  }
  std::vector<Text> texts;
  for (const YamlNode* element : node.items) {
    std::optional<Text> text = read_value_text(item, *element, owner);
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return ExceptionValue{.value = std::move(texts), .span = node.span};
}

/// One element of `values`: for list-form exceptions a row with one element per field, else a
/// scalar.
std::optional<ExceptionRow> read_row(MapReader& item, const YamlNode& node,
                                     const Exception& owner) {
  const bool is_list = node.kind == YamlNode::Kind::SEQUENCE;
  if (node.kind == YamlNode::Kind::EMPTY || node.kind == YamlNode::Kind::MAP) {
    (void)read_value_text(item, node, owner);
    return std::nullopt;
  }
  if (is_list != owner.fields_is_list) {
    item.error(Code::EXCEPTION_SHAPE, node.span,
               fmt::format("fields of exception '{}' are {}, so each of its values must be {}",
                           owner.name.str(), owner.fields_is_list ? "a list" : "a single field",
                           owner.fields_is_list ? "a list as long" : "a single value"));
    return std::nullopt;
  }
  ExceptionRow row{.elements = {}, .span = node.span};
  if (!is_list) {
    std::optional<ExceptionValue> value = read_value(item, node, owner);
    if (!value) return std::nullopt;
    row.elements.push_back(std::move(*value));
    return row;
  }
  if (node.items.size() != owner.fields.size()) {
    item.error(Code::EXCEPTION_SHAPE, node.span,
               fmt::format("exception '{}' has {} fields, but this row has {} values",
                           owner.name.str(), owner.fields.size(), node.items.size()));
    return std::nullopt;
  }
  for (const YamlNode* element : node.items) {
    std::optional<ExceptionValue> value = read_value(item, *element, owner);
    if (!value) return std::nullopt;
    row.elements.push_back(std::move(*value));
  }
  return row;
}

bool add_rows(MapReader& item, const WrittenException& written, Exception& exception) {
  bool good = true;
  for (const YamlNode* node : written.values) {
    if (std::optional<ExceptionRow> row = read_row(item, *node, exception)) {
      exception.rows.push_back(std::move(*row));
    } else {
      good = false;
    }
  }
  if (!good || exception.rows.empty()) return good;
  const auto exists = std::ranges::find(exception.comps, "exists", &Text::str);
  if (exists == exception.comps.end()) return true;
  item.error(Code::EXCEPTION_OPERATOR, exists->span,
             fmt::format("operator `exists` of exception '{}' cannot be given values",
                         exception.name.str()));
  return false;
}

void fill_default_comps(const WrittenException& written, Exception& exception) {
  if (written.comps_span) return;
  exception.comps.clear();
  for (const Text& field : exception.fields) {
    exception.comps.push_back(
        {.text = MappedText(exception.fields_is_list ? "=" : "in", field.span),
         .span = field.span});
  }
}

bool check_comps(MapReader& item, const WrittenException& written, const Exception& exception) {
  if (!written.comps_span) return true;
  if (written.comps_is_list != written.fields_is_list ||
      exception.comps.size() != exception.fields.size()) {
    item.error(Code::EXCEPTION_SHAPE, *written.comps_span,
               fmt::format("comps of exception '{}' must have the shape of its fields",
                           exception.name.str()),
               exception.fields_is_list
                   ? fmt::format("write a list of {} operators", exception.fields.size())
                   : "write one operator");
    return false;
  }
  for (const Text& comp : exception.comps) {
    const Comp kind = classify(comp.str());
    if (kind.valid && (kind.takes_list || exception.fields_is_list)) continue;
    item.error(Code::EXCEPTION_OPERATOR, comp.span,
               kind.valid ? fmt::format("operator `{}` of exception '{}' takes no list of values",
                                        comp.str(), exception.name.str())
                          : fmt::format("unknown operator `{}` in exception '{}'", comp.str(),
                                        exception.name.str()),
               kind.valid ? "use in, pmatch, intersects or add a modifier such as anyof"
                          : suggest_comp(comp.str()));
    return false;
  }
  return true;
}

std::optional<Exception> define_exception(MapReader& item, const WrittenException& written) {
  Exception exception;
  exception.name = written.name;
  exception.fields_is_list = written.fields_is_list;
  exception.fields = written.fields;
  exception.comps = written.comps;
  fill_default_comps(written, exception);
  if (!check_comps(item, written, exception) || !add_rows(item, written, exception)) {
    return std::nullopt;
  }
  return exception;
}

}  // namespace

std::vector<WrittenException> read_exceptions(MapReader& item, const YamlNode& sequence,
                                              bool defining) {
  std::vector<WrittenException> result;
  if (sequence.kind != YamlNode::Kind::SEQUENCE) {
    item.error(Code::VALUE_TYPE, sequence.span,
               fmt::format("key `exceptions` of {} must be a sequence of maps", item.what()));
    return result;
  }
  for (const YamlNode* node : sequence.items) {
    if (node->kind != YamlNode::Kind::MAP) {
      item.error(Code::VALUE_TYPE, node->span, "an exception must be a map");
      continue;
    }
    std::optional<WrittenException> exception = read_exception(item, *node, defining);
    if (!exception) {
      item.fail();
      continue;
    }
    const auto same = std::ranges::find_if(
        result, [&](const auto& other) { return other.name.str() == exception->name.str(); });
    if (same != result.end()) {
      Diagnostic twice = Diagnostic::at(
          Code::EXCEPTION_NAME_NOT_UNIQUE, exception->name.span,
          fmt::format("{} has several exceptions named '{}'", item.what(), exception->name.str()),
          "values appended to this name later go to the first of them");
      twice.related.push_back({.span = same->name.span, .text = "named first here"});
      item.diagnostics().add(std::move(twice));
    }
    result.push_back(std::move(*exception));
  }
  return result;
}

std::optional<std::vector<Exception>> define_exceptions(
    MapReader& item, const std::vector<WrittenException>& written) {
  std::vector<Exception> result;
  for (const WrittenException& entry : written) {
    if (auto exception = define_exception(item, entry)) result.push_back(std::move(*exception));
  }
  if (item.failed()) return std::nullopt;
  return result;
}

std::optional<std::vector<Exception>> append_exceptions(
    MapReader& item, const std::vector<Exception>& existing,
    const std::vector<WrittenException>& written) {
  std::vector<Exception> result = existing;
  for (const WrittenException& entry : written) {
    if (!entry.has_values) {
      item.warn(Code::APPEND_NO_VALUES, entry.name.span,
                fmt::format("appended exception '{}' has no values", entry.name.str()));
    }
    const auto found = std::ranges::find_if(
        result, [&](const Exception& other) { return other.name.str() == entry.name.str(); });
    if (found == result.end()) {
      if (!entry.fields_span || !entry.has_values) {
        item.error(
            Code::EXCEPTION_APPEND, entry.name.span,
            fmt::format("{} has no exception '{}' to append to, so this one needs fields and "
                        "values",
                        item.what(), entry.name.str()));
      } else if (auto exception = define_exception(item, entry)) {
        result.push_back(std::move(*exception));
      }
      continue;
    }
    if (entry.fields_span || entry.comps_span) {
      item.error(
          Code::EXCEPTION_APPEND, entry.fields_span.value_or(entry.comps_span.value_or(entry.span)),
          fmt::format("fields and comps of exception '{}' are already defined", entry.name.str()),
          "leave them out to append values, or use another name");
      continue;
    }
    (void)add_rows(item, entry, *found);
  }
  if (item.failed()) return std::nullopt;
  return result;
}

}  // namespace falcoc::rules
