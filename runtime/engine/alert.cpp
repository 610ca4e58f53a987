// See alert.h.
#include "runtime/engine/alert.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "runtime/engine/render.h"

namespace falcod {

namespace {

using falcoc::FieldId;
using falcoc::PrintFormat;
namespace ir = falcoc::ir;

constexpr uint64_t kSecond = 1'000'000'000;
constexpr std::string_view kAbsent = "<NA>";

/// Text in outputs, but integer nanoseconds in JSON (RULE-LANGUAGE 6.2).
constexpr std::array kTimeFields{FieldId::evt_time, FieldId::evt_time_s, FieldId::evt_time_iso8601,
                                 FieldId::evt_datetime, FieldId::evt_datetime_s};

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Where evt.rawarg's argument points: its print format is the parameter's.
PrintFormat parameter_format(const falcoc::FieldRef& field, const Event& event) {
  if (event.info == nullptr) return PrintFormat::NA;
  for (const falcoc::ParamInfo& param : event.info->params) {
    if (param.name == field.key) return param.format;
  }
  return PrintFormat::NA;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return texts;
}

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminator
  return text;
}

bool is_buffer(ir::Type type) {
  return type.shape == falcoc::Shape::SCALAR && type.param == falcoc::ParamType::BYTEBUF;
}

/// Pads or cuts what follows `begin` to `width` bytes.
void fit(std::string& out, size_t begin, uint32_t width) {
  if (width != 0) out.resize(begin + width, ' ');
}

}  // namespace

std::string local_time(uint64_t time_ns) {
  const auto seconds = static_cast<time_t>(time_ns / kSecond);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:02}:{:02}:{:02}.{:09}", parts.tm_hour, parts.tm_min, parts.tm_sec,
                     time_ns % kSecond);
}

std::string iso8601_time(uint64_t time_ns, std::string_view zone) {
  const auto seconds = static_cast<time_t>(time_ns / kSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}{}", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     time_ns % kSecond, zone);
}

std::string json_escaped(const std::string& text) {
  std::string quoted = dump(nlohmann::json(text));
  return quoted.substr(1, quoted.size() - 2);
}

AlertFormatter::AlertFormatter(const ir::Program& program,
                               std::span<const falcoc::Accessor> accessors,
                               const AlertOptions& options, std::string hostname)
    : program_(program), accessors_(accessors), options_(options), hostname_(std::move(hostname)) {}

std::string AlertFormatter::line(const ir::Rule& rule, uint64_t time_ns,
                                 const std::string& message) const {
  return fmt::format("{}: {} {}",
                     options_.iso8601_time ? iso8601_time(time_ns, "+0000") : local_time(time_ns),
                     falcoc::priority_name(rule.priority), message);
}

std::string AlertFormatter::format(const ir::Rule& rule, EventContext& context) const {
  const uint64_t time_ns = context.event->time_ns;
  const std::string message = text(rule.output.pieces, context);
  if (!options_.json) return json_escaped(line(rule, time_ns, message));

  nlohmann::json alert = {{"hostname", hostname_},
                          {"priority", falcoc::priority_name(rule.priority)},
                          {"rule", rule.name},
                          {"source", rule.source},
                          {"time", iso8601_time(time_ns, "Z")}};
  if (options_.include_message) alert["message"] = message;
  if (options_.include_output) alert["output"] = line(rule, time_ns, message);
  if (options_.include_output_fields) alert["output_fields"] = output_fields(rule, context);
  if (options_.include_tags) alert["tags"] = sorted(rule.tags);
  return dump(alert);
}

std::string AlertFormatter::json(const ir::Rule& rule, EventContext& context) const {
  const uint64_t time_ns = context.event->time_ns;
  const std::string message = text(rule.output.pieces, context);
  return dump({{"hostname", hostname_},
               {"priority", falcoc::priority_name(rule.priority)},
               {"rule", rule.name},
               {"source", rule.source},
               {"time", iso8601_time(time_ns, "Z")},
               {"message", message},
               {"output", line(rule, time_ns, message)},
               {"output_fields", output_fields(rule, context)},
               {"tags", sorted(rule.tags)}});
}

AlertRoutes AlertFormatter::routes(const ir::Rule& rule, EventContext& context) const {
  AlertRoutes routes(program_.routes.size());
  for (size_t i = 0; i < routes.size(); ++i) {
    if (!ir::evaluate(program_, rule.routes[i], source(context), *context.arena)) continue;
    routes[i] = text(program_.routes[i].group, context);
  }
  return routes;
}

std::string AlertFormatter::text(const std::vector<ir::OutputPiece>& pieces,
                                 EventContext& context) const {
  std::string out;
  for (const ir::OutputPiece& piece : pieces) {
    const size_t begin = out.size();
    if (piece.is_text) {
      out += piece.text;
    } else {
      append_value(out, piece.operand, context);
    }
    fit(out, begin, piece.width);
  }
  return out;
}

void AlertFormatter::append_value(std::string& out, ir::OperandId id, EventContext& context) const {
  const ir::Operand& operand = program_.operand(id);
  falcoc::Value value;
  if (!ir::evaluate_operand(program_, id, source(context), *context.arena, value)) {
    out += kAbsent;
    return;
  }
  if (options_.base64_buffers && is_buffer(operand.type)) {
    out += base64(value.text());
    return;
  }
  append_text(out, operand.type, print_format(operand, *context.event), value);
}

nlohmann::json AlertFormatter::output_fields(const ir::Rule& rule, EventContext& context) const {
  nlohmann::json fields = nlohmann::json::object();
  for (const ir::OutputField& field : rule.output.fields) {
    fields[field.key] = json_value(field.operand, context);
  }
  fields[options_.iso8601_time ? "evt.time.iso8601" : "evt.time"] = context.event->time_ns;
  for (const ir::OutputText& added : rule.output.texts) {
    fields[added.key] = text(added.pieces, context);
  }
  return fields;
}

nlohmann::json AlertFormatter::json_value(ir::OperandId id, EventContext& context) const {
  const ir::Operand& operand = program_.operand(id);
  if (operand.kind == ir::Operand::Kind::FIELD &&
      std::ranges::find(kTimeFields, program_.field(operand.field).id) != kTimeFields.end()) {
    return context.event->time_ns;
  }
  falcoc::Value value;
  if (!ir::evaluate_operand(program_, id, source(context), *context.arena, value)) return nullptr;
  if (options_.base64_buffers && is_buffer(operand.type)) return base64(value.text());
  return to_json(operand.type, print_format(operand, *context.event), value);
}

/// Integers whose format is NA print as decimals (quirk Q41: Falco prints <NA>).
PrintFormat AlertFormatter::print_format(const ir::Operand& operand, const Event& event) const {
  PrintFormat format = PrintFormat::NA;
  if (operand.kind == ir::Operand::Kind::FIELD) {
    const falcoc::FieldRef& field = program_.field(operand.field);
    format = field.id == FieldId::evt_rawarg ? parameter_format(field, event)
                                             : falcoc::field_info(field.id).format;
  }
  return format == PrintFormat::NA ? PrintFormat::DEC : format;
}

ir::FieldSource AlertFormatter::source(EventContext& context) const {
  return {&context, accessors_};
}

}  // namespace falcod
