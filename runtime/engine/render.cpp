// Field values to text and JSON, see render.h. Absent values are the caller's concern.
#include "runtime/engine/render.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/state/params.h"

namespace falcod {
namespace {

using falcoc::ParamType;
using falcoc::PrintFormat;
using falcoc::Shape;
using falcoc::Value;
using nlohmann::json;

constexpr size_t kListTextLimit = 1023;  // Falco cuts lists there (RULE-LANGUAGE 6.2)
constexpr std::string_view kAbsent = "<NA>";

bool is_text(ParamType type) {
  return type == ParamType::CHARBUF || type == ParamType::FSPATH || type == ParamType::FSRELPATH;
}

bool is_network(ParamType type) {
  return type == ParamType::IPNET || type == ParamType::IPV4NET || type == ParamType::IPV6NET;
}

bool is_address(ParamType type) {
  return type == ParamType::IPADDR || type == ParamType::IPV4ADDR || type == ParamType::IPV6ADDR;
}

/// Numbers that are JSON text since their text is not plain decimal.
bool is_decimal(PrintFormat format) {
  return format != PrintFormat::HEX && format != PrintFormat::OCT &&
         format != PrintFormat::PADDED_DEC;
}

int width_of(ParamType type) {
  switch (type) {
    case ParamType::INT8:
      return 8;
    case ParamType::INT16:
      return 16;
    case ParamType::INT32:
    case ParamType::FD32:
    case ParamType::PID32:
      return 32;
    default:
      return 64;
  }
}

void append_number(std::string& out, ParamType type, PrintFormat format, const Value& value) {
  const bool negative = is_signed_type(type);
  // Bases other than ten show the bits that the type has.
  const uint64_t bits =
      width_of(type) == 64 ? value.u64 : value.u64 & ((uint64_t{1} << width_of(type)) - 1);
  auto to = std::back_inserter(out);
  switch (format) {
    case PrintFormat::HEX:
      fmt::format_to(to, "{:X}", bits);
      break;
    case PrintFormat::OCT:
      fmt::format_to(to, "{:o}", bits);
      break;
    case PrintFormat::PADDED_DEC:
      fmt::format_to(to, "{:09}", value.u64);
      break;
    default:
      if (negative) {
        fmt::format_to(to, "{}", value.i64);
      } else {
        fmt::format_to(to, "{}", value.u64);
      }
  }
}

void append_printable(std::string& out, std::string_view bytes) {
  for (const char c : bytes) out += c >= 0x20 && c < 0x7f ? c : '.';
}

Endpoint address_of(const Value& value) {
  Endpoint endpoint;
  endpoint.size = static_cast<uint8_t>(value.size == 16 ? 16 : 4);
  std::copy_n(value.data, endpoint.size, endpoint.address.begin());
  return endpoint;
}

void append_scalar(std::string& out, ParamType type, PrintFormat format, const Value& value) {
  if (is_text(type)) {
    out += value.text();
  } else if (type == ParamType::BYTEBUF) {
    append_printable(out, value.text());
  } else if (type == ParamType::BOOL) {
    out += value.u64 != 0 ? "true" : "false";
  } else if (type == ParamType::DOUBLE) {
    fmt::format_to(std::back_inserter(out), "{:.1f}", value.f64);
  } else if (is_address(type)) {
    out += endpoint_text(address_of(value), false);
  } else if (is_network(type)) {
    out += "<IPNET>";
  } else if (value_shape(type) == ValueShape::BYTES) {
    append_printable(out, value.text());
  } else {
    append_number(out, type, format, value);
  }
}

json scalar_to_json(ParamType type, PrintFormat format, const Value& value) {
  if (type == ParamType::BOOL) return value.u64 != 0;
  if (type == ParamType::DOUBLE) return value.f64;
  const ValueShape shape = value_shape(type);
  if (!is_address(type) && !is_network(type) && is_decimal(format)) {
    if (shape == ValueShape::SIGNED) return value.i64;
    if (shape == ValueShape::UNSIGNED) return value.u64;
  }
  std::string text;
  append_scalar(text, type, format, value);
  return text;
}

std::span<const Value> items_of(const Value& value) { return {value.items, value.size}; }

}  // namespace

ValueShape value_shape(ParamType type) {
  if (is_text(type)) return ValueShape::TEXT;
  if (is_signed_type(type)) return ValueShape::SIGNED;
  switch (type) {
    case ParamType::BYTEBUF:
    case ParamType::SOCKADDR:
    case ParamType::SOCKTUPLE:
    case ParamType::IPV4ADDR:
    case ParamType::IPV6ADDR:
    case ParamType::IPADDR:
    case ParamType::IPV4NET:
    case ParamType::IPV6NET:
    case ParamType::IPNET:
    case ParamType::FDLIST:
    case ParamType::CHARBUFARRAY:
    case ParamType::CHARBUF_PAIR_ARRAY:
    case ParamType::DYN:
      return ValueShape::BYTES;
    default:
      return ValueShape::UNSIGNED;
  }
}

void append_text(std::string& out, falcoc::ir::Type type, PrintFormat format, const Value& value) {
  switch (type.shape) {
    case Shape::SCALAR:
      append_scalar(out, type.param, format, value);
      return;
    case Shape::EITHER_SIDE:
      out += kAbsent;  // such fields compare only (RULE-LANGUAGE 4.2, FILTER_ONLY)
      return;
    case Shape::ANCESTORS:
      for (const Value& item : items_of(value)) {
        if (&item != value.items) out += ' ';
        append_scalar(out, type.param, format, item);
      }
      return;
    case Shape::LIST:
      break;
  }
  std::string list = "(";
  for (const Value& item : items_of(value)) {
    if (&item != value.items) list += ',';
    append_scalar(list, type.param, format, item);
  }
  list += ')';
  out.append(list, 0, kListTextLimit);
}

json to_json(falcoc::ir::Type type, PrintFormat format, const Value& value) {
  if (type.shape == Shape::EITHER_SIDE) return nullptr;
  if (type.shape == Shape::SCALAR) return scalar_to_json(type.param, format, value);
  if (type.shape == Shape::ANCESTORS) {
    std::string text;
    append_text(text, type, format, value);
    return text;
  }
  json list = json::array();
  for (const Value& item : items_of(value)) {
    list.push_back(scalar_to_json(type.param, format, item));
  }
  return list;
}

}  // namespace falcod
