// Protocol Buffers on the wire, as far as container engines need it: fields written one by one, and
// read in the order they come. What is not asked for is passed over, so new fields do no harm.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace falcod::metadata::wire {

class Writer {
 public:
  /// Values that are the default are left out, as proto3 has it.
  Writer& number(uint32_t field, uint64_t value);
  Writer& text(uint32_t field, std::string_view value);
  /// Written even if it is empty: it is there then.
  Writer& message(uint32_t field, const Writer& value);
  /// One entry of a map<string, string>.
  Writer& entry(uint32_t field, std::string_view key, std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  void tag(uint32_t field, uint32_t type);
  void varint(uint64_t value);

  std::string bytes_;
};

/// Borrows from the text it is given.
struct Field {
  uint32_t number = 0;
  uint64_t value = 0;        ///< of a number
  std::string_view bytes{};  ///< of a text, a message or a packed list
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  /// The next field; nothing at the end, and where the rest makes no sense.
  std::optional<Field> next();

 private:
  std::optional<uint64_t> varint();

  std::string_view left_;
};

/// The last field of this number in a message; empty or 0 if there is none.
std::string_view bytes_of(std::string_view message, uint32_t field);
uint64_t number_of(std::string_view message, uint32_t field);
/// A map<string, string>. Values longer than `longest` are left out.
std::map<std::string, std::string> map_of(std::string_view message, uint32_t field,
                                          size_t longest = SIZE_MAX);

}  // namespace falcod::metadata::wire
