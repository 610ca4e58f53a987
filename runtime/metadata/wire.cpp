// See wire.h.
#include "runtime/metadata/wire.h"

#include "runtime/metadata/json.h"

namespace falcod::metadata::wire {

namespace {

constexpr uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
constexpr uint32_t kTypeBits = 3;

}  // namespace

void Writer::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7f) | 0x80);
  bytes_ += static_cast<char>(value);
}

void Writer::tag(uint32_t field, uint32_t type) { varint(field << kTypeBits | type); }

Writer& Writer::number(uint32_t field, uint64_t value) {
  if (value == 0) return *this;
  tag(field, kVarint);
  varint(value);
  return *this;
}

Writer& Writer::text(uint32_t field, std::string_view value) {
  if (value.empty()) return *this;
  tag(field, kBytes);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Writer& Writer::message(uint32_t field, const Writer& value) {
  tag(field, kBytes);
  varint(value.bytes().size());
  bytes_ += value.bytes();
  return *this;
}

Writer& Writer::entry(uint32_t field, std::string_view key, std::string_view value) {
  return message(field, Writer().text(1, key).text(2, value));
}

std::optional<uint64_t> Reader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<Field> Reader::next() {
  const auto tag = varint();
  if (!tag) return std::nullopt;
  Field field{.number = static_cast<uint32_t>(*tag >> kTypeBits)};
  size_t size = 0;
  switch (*tag & ((1u << kTypeBits) - 1)) {
    case kVarint: {
      const auto value = varint();
      if (!value) return std::nullopt;
      field.value = *value;
      return field;
    }
    case kBytes: {
      const auto length = varint();
      if (!length || *length > left_.size()) return std::nullopt;
      size = static_cast<size_t>(*length);
      break;
    }
    case kFixed64:
      size = sizeof(uint64_t);
      break;
    case kFixed32:
      size = sizeof(uint32_t);
      break;
    default:
      return std::nullopt;
  }
  if (size > left_.size()) return std::nullopt;
  field.bytes = left_.substr(0, size);
  left_.remove_prefix(size);
  return field;
}

std::string_view bytes_of(std::string_view message, uint32_t number) {
  std::string_view found;
  Reader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) found = field->bytes;
  }
  return found;
}

uint64_t number_of(std::string_view message, uint32_t number) {
  uint64_t found = 0;
  Reader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) found = field->value;
  }
  return found;
}

std::map<std::string, std::string> map_of(std::string_view message, uint32_t number,
                                          size_t longest) {
  std::map<std::string, std::string> map;
  Reader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != number || map.size() == kMaxItems) continue;
    const std::string_view key = bytes_of(field->bytes, 1);
    const std::string_view value = bytes_of(field->bytes, 2);
    if (key.size() <= kMaxText && value.size() <= longest) map.emplace(key, value);
  }
  return map;
}

}  // namespace falcod::metadata::wire
