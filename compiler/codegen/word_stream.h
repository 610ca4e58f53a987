// Files that never leave the machine (what is in the code cache, what the generator's process hands
// over): numbers of 32 bits in native byte order, texts and code behind their sizes. Reading is for
// hostile files: nothing is read past the end, and no size is believed that cannot be.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace falcoc {

class WordWriter {
 public:
  void number(size_t value) {
    const auto word = static_cast<uint32_t>(value);
    text_.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  /// Without its size.
  void bytes(std::string_view bytes) { text_ += bytes; }
  void text(std::string_view text) {
    number(text.size());
    bytes(text);
  }
  void code(const std::vector<uint64_t>& code) {
    number(code.size());
    text_.append(reinterpret_cast<const char*>(code.data()), code.size() * sizeof(uint64_t));
  }
  std::string finish() && { return std::move(text_); }

 private:
  std::string text_;
};

/// Gives zeros and remembers it, once there is nothing more to read.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  uint32_t number() {
    uint32_t word = 0;
    take(&word, sizeof word);
    return word;
  }
  /// A number of things that take so many bytes each; 0 if there cannot be so many.
  uint32_t count(size_t bytes_each, uint32_t most = std::numeric_limits<uint32_t>::max()) {
    const uint32_t count = number();
    if (count > most || count > rest_.size() / bytes_each) failed_ = true;
    return failed_ ? 0 : count;
  }
  std::string bytes(size_t size) {
    std::string bytes(size, '\0');
    take(bytes.data(), size);
    return bytes;
  }
  std::string text() { return bytes(count(1)); }
  /// Instructions of an eBPF program.
  std::vector<uint64_t> code() {
    constexpr uint32_t kMaxInstructions = 1'000'000;  // more than any kernel takes
    std::vector<uint64_t> code(count(sizeof(uint64_t), kMaxInstructions));
    take(code.data(), code.size() * sizeof(uint64_t));
    return code;
  }
  void require(bool holds) { failed_ |= !holds; }
  bool is_whole() const { return !failed_ && rest_.empty(); }

 private:
  void take(void* to, size_t size) {
    if (size > rest_.size()) failed_ = true;
    if (failed_ || size == 0) return;
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace falcoc
