// Capture files made by hand, block by block, for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::test {

/// Packed values one after the other.
class Bytes {
 public:
  template <typename Number>
  Bytes& number(Number value) {
    const char* raw = reinterpret_cast<const char*>(&value);
    data_.append(raw, sizeof value);
    return *this;
  }
  Bytes& raw(std::string_view bytes) {
    data_.append(bytes);
    return *this;
  }
  /// Text after its length in 16 bits.
  Bytes& text(std::string_view bytes) {
    number(static_cast<uint16_t>(bytes.size()));
    return raw(bytes);
  }
  const std::string& str() const { return data_; }

 private:
  std::string data_;
};

template <typename Number>
std::string value(Number number) {
  return Bytes().number(number).str();
}
/// Text with its terminator.
inline std::string text(std::string_view bytes) { return std::string(bytes) + '\0'; }

class CaptureBuilder {
 public:
  CaptureBuilder() {
    block(0x0A0D0D0A, Bytes()
                          .number(uint32_t{0x1A2B3C4D})
                          .number(uint16_t{1})
                          .number(uint16_t{2})
                          .number(~uint64_t{0})
                          .str());
  }

  CaptureBuilder& block(uint32_t type, std::string body) {
    while (body.size() % 4 != 0) body += '\0';
    const auto length = static_cast<uint32_t>(body.size() + 12);
    file_ += Bytes().number(type).number(length).raw(body).number(length).str();
    return *this;
  }
  /// Of the second version, as files have it today.
  CaptureBuilder& event(uint16_t code, int64_t tid, std::vector<std::string> params,
                        uint64_t time_ns = 1'000'000'000, uint32_t dump_flags = 0) {
    Bytes lengths, values;
    for (const std::string& param : params) {
      lengths.number(static_cast<uint16_t>(param.size()));
      values.raw(param);
    }
    const auto length = static_cast<uint32_t>(26 + lengths.str().size() + values.str().size());
    Bytes body;
    body.number(uint16_t{0});
    if (dump_flags != 0) body.number(dump_flags);
    body.number(time_ns).number(tid).number(length).number(code);
    body.number(static_cast<uint32_t>(params.size())).raw(lengths.str()).raw(values.str());
    return block(dump_flags != 0 ? 0x217 : 0x216, body.str());
  }
  /// Of the first version, which does not say how many parameters there are.
  CaptureBuilder& event_v1(uint16_t code, int64_t tid, std::vector<std::string> params,
                           uint64_t time_ns = 1'000'000'000) {
    Bytes lengths, values;
    for (const std::string& param : params) {
      lengths.number(static_cast<uint16_t>(param.size()));
      values.raw(param);
    }
    const auto length = static_cast<uint32_t>(22 + lengths.str().size() + values.str().size());
    return block(0x204, Bytes()
                            .number(uint16_t{0})
                            .number(time_ns)
                            .number(tid)
                            .number(length)
                            .number(code)
                            .raw(lengths.str())
                            .raw(values.str())
                            .str());
  }

  const std::string& file() const { return file_; }
  std::span<const std::byte> bytes() const {
    return {reinterpret_cast<const std::byte*>(file_.data()), file_.size()};
  }

 private:
  std::string file_;
};

}  // namespace falcod::test
