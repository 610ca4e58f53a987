// See append_output.h.
#include "runtime/daemon/append_output.h"

#include <fmt/format.h>

#include <algorithm>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using falcoc::ir::OutputAddition;
using Done = std::expected<void, Diagnostic>;

constexpr std::string_view kEntryKeys = "match, extra_output, extra_fields or suggested_output";
constexpr std::string_view kMatchKeys = "rule, source or tags";

std::unexpected<Diagnostic> wrong(const std::string& place, std::string_view expected) {
  return std::unexpected(Diagnostic::global(Code::OPTION_VALUE,
                                            fmt::format("{} is of the wrong kind", place),
                                            fmt::format("use {}", expected)));
}

std::unexpected<Diagnostic> unknown(const std::string& place, std::string_view known) {
  return std::unexpected(Diagnostic::global(Code::OPTION_UNKNOWN,
                                            fmt::format("{} is not a known key", place),
                                            fmt::format("use {}", known)));
}

Done read_text(const YAML::Node& node, const std::string& place, std::string& out) {
  if (!node.IsScalar()) return wrong(place, "a text");
  out = node.Scalar();
  return {};
}

Done read_tags(const YAML::Node& node, const std::string& place, std::vector<std::string>& out) {
  if (!node.IsSequence()) return wrong(place, "a list of tags");
  for (size_t i = 0; i < node.size(); ++i) {
    auto done = read_text(node[i], fmt::format("{}[{}]", place, i), out.emplace_back());
    if (!done) return done;
  }
  return {};
}

Done read_match(const YAML::Node& node, const std::string& place, OutputAddition& out) {
  if (!node.IsMap()) return wrong(place, fmt::format("a map with {}", kMatchKeys));
  for (const auto& entry : node) {
    const std::string& key = entry.first.Scalar();
    const std::string inner = fmt::format("{}.{}", place, key);
    Done done;
    if (key == "rule") {
      done = read_text(entry.second, inner, out.rule);
    } else if (key == "source") {
      done = read_text(entry.second, inner, out.source);
    } else if (key == "tags") {
      done = read_tags(entry.second, inner, out.tags);
    } else {
      return unknown(inner, kMatchKeys);
    }
    if (!done) return done;
  }
  return {};
}

/// `field`, or `{key: format}`.
Done read_field(const YAML::Node& node, const std::string& place, OutputAddition& out) {
  OutputAddition::Field field;
  if (node.IsScalar()) {
    field.key = node.Scalar();
  } else if (node.IsMap() && node.size() == 1 && node.begin()->first.IsScalar() &&
             node.begin()->second.IsScalar()) {
    field.key = node.begin()->first.Scalar();
    field.format = node.begin()->second.Scalar();
  } else {
    return wrong(place, "the name of a field, or {key: \"text with %fields\"}");
  }
  if (std::ranges::find(out.extra_fields, field.key, &OutputAddition::Field::key) !=
      out.extra_fields.end()) {
    return std::unexpected(Diagnostic::global(
        Code::OPTION_VALUE, fmt::format("{}: `{}` is there twice", place, field.key),
        "give each key once"));
  }
  out.extra_fields.push_back(std::move(field));
  return {};
}

Done read_fields(const YAML::Node& node, const std::string& place, OutputAddition& out) {
  if (!node.IsSequence()) return wrong(place, "a list of fields");
  for (size_t i = 0; i < node.size(); ++i) {
    if (auto done = read_field(node[i], fmt::format("{}[{}]", place, i), out); !done) return done;
  }
  return {};
}

Done read_suggested(const YAML::Node& node, const std::string& place, OutputAddition& out) {
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, out.suggested_output)) {
    return wrong(place, "true or false");
  }
  return {};
}

Done read_entry(const YAML::Node& node, OutputAddition& out) {
  if (!node.IsMap()) return wrong(out.name, fmt::format("a map with {}", kEntryKeys));
  for (const auto& entry : node) {
    const std::string& key = entry.first.Scalar();
    const std::string place = fmt::format("{}.{}", out.name, key);
    Done done;
    if (key == "match") {
      done = read_match(entry.second, place, out);
    } else if (key == "extra_output") {
      done = read_text(entry.second, place, out.extra_output);
    } else if (key == "extra_fields") {
      done = read_fields(entry.second, place, out);
    } else if (key == "suggested_output") {
      done = read_suggested(entry.second, place, out);
    } else {
      return unknown(place, kEntryKeys);
    }
    if (!done) return done;
  }
  return {};
}

}  // namespace

std::expected<std::vector<OutputAddition>, Diagnostic> read_append_output(const YAML::Node& list) {
  std::vector<OutputAddition> additions;
  if (!list.IsDefined() || list.IsNull()) return additions;
  if (!list.IsSequence()) return wrong("append_output", "a list: append_output[]={…}");
  for (size_t i = 0; i < list.size(); ++i) {
    OutputAddition& addition =
        additions.emplace_back(OutputAddition{.name = fmt::format("append_output[{}]", i)});
    if (auto done = read_entry(list[i], addition); !done) return std::unexpected(done.error());
  }
  return additions;
}

}  // namespace falcod
