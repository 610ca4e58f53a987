// See alert.h.
#include "runtime/route/alert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace falcod::route {

namespace {

using nlohmann::json;

/// Falcosidekick cuts long values of alerts that are larger than this.
constexpr size_t kLargeAlert = 4096;
constexpr size_t kLongValue = 512;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string{} : plain(*found);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// `proc.aname[2]` → `proc.aname_2` with the replacer `_`.
json without_brackets(const json& fields, const std::string& replacer) {
  json out = json::object();
  for (const auto& [key, value] : fields.items()) {
    std::string name = key;
    replace_all(name, "[", replacer);
    std::erase(name, ']');
    out[name] = value;
  }
  return out;
}

void cut_long_values(json& fields) {
  if (fields.dump(-1, ' ', false, json::error_handler_t::replace).size() <= kLargeAlert) return;
  for (auto& value : fields) {
    if (!value.is_string()) continue;
    auto& text = value.get_ref<std::string&>();
    if (text.size() > kLongValue) text.resize(kLongValue);
  }
}

}  // namespace

std::string plain(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json SinkAlert::json() const {
  return {{"uuid", id},       {"output", output}, {"priority", priority},
          {"rule", rule},     {"time", time},     {"output_fields", fields},
          {"source", source}, {"tags", tags},     {"hostname", hostname}};
}

std::string SinkAlert::field(std::string_view name) const {
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? std::string{} : plain(*found);
}

json SinkAlert::template_data() const {
  return {{"Rule", rule},     {"Priority", priority}, {"Output", output},
          {"Source", source}, {"Hostname", hostname}, {"Time", time},
          {"UUID", id},       {"Tags", tags},         {"OutputFields", fields}};
}

std::expected<AlertShape, std::string> AlertShape::read(const Settings& settings,
                                                        const config::Environment& environment) {
  AlertShape shape;
  shape.custom_fields_ = settings.map("customfields");
  for (auto& [key, value] : shape.custom_fields_) {
    if (value.starts_with('%')) value = environment(value.substr(1)).value_or("");
  }
  for (const auto& [key, text] : settings.map("templatedfields")) {
    auto parsed = Template::parse(text);
    if (!parsed) {
      return std::unexpected(fmt::format("templatedfields.{}: {}", key, parsed.error()));
    }
    shape.templated_fields_.emplace_back(key, std::move(*parsed));
  }
  shape.custom_tags_ = settings.list("customtags");
  shape.bracket_replacer_ = settings.text("bracketreplacer");
  shape.output_format_ = settings.text("outputfieldformat");
  return shape;
}

SinkAlert AlertShape::shape(const Message& message) const {
  SinkAlert alert;
  alert.id = message.id;
  alert.level = message.priority;
  alert.time_ns = message.time_ns;
  const json all = message.json == nullptr ? json{} : json::parse(*message.json, nullptr, false);
  if (!all.is_object()) return alert;
  alert.output = text_at(all, "output");
  alert.priority = text_at(all, "priority");
  alert.rule = text_at(all, "rule");
  alert.source = text_at(all, "source");
  if (alert.source.empty()) alert.source = "syscalls";
  alert.hostname = text_at(all, "hostname");
  alert.time = text_at(all, "time");
  alert.fields = all.value("output_fields", json::object());
  for (const json& tag : all.value("tags", json::array())) alert.tags.push_back(plain(tag));
  if (!bracket_replacer_.empty()) {
    alert.fields = without_brackets(alert.fields, bracket_replacer_);
  }
  cut_long_values(alert.fields);
  const json original = alert.fields;
  std::string custom;
  for (const auto& [key, value] : custom_fields_) {
    alert.fields[key] = value;
    custom += fmt::format("{}{}={}", custom.empty() ? "" : " ", key, value);
  }
  std::string templated;
  for (const auto& [key, text] : templated_fields_) {
    // Over the alert's own fields, as Falcosidekick does it.
    const std::string value = text.render(original);
    alert.fields[key] = value;
    templated += fmt::format("{}{}={}", templated.empty() ? "" : " ", key, value);
  }
  std::ranges::copy(custom_tags_, std::back_inserter(alert.tags));
  std::ranges::sort(alert.tags);
  if (!output_format_.empty()) {
    std::string text = output_format_;
    replace_all(text, "<timestamp>", alert.time);
    replace_all(text, "<priority>", alert.priority);
    replace_all(text, "<custom_fields>", custom);
    replace_all(text, "<templated_fields>", templated);
    replace_all(text, "<tags>", fmt::format("{}", fmt::join(alert.tags, ",")));
    replace_all(text, "<output>", alert.output);
    alert.output = std::move(text);
  }
  return alert;
}

}  // namespace falcod::route
