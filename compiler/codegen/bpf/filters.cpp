// Numbers of 32 bits in native byte order: filters never leave the machine.
#include "compiler/codegen/bpf/filters.h"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::bpf {
namespace {

constexpr uint32_t kMagic = 0x32464346;  // FCF2
/// More than any kernel takes.
constexpr uint32_t kMaxInstructions = 1'000'000;
constexpr uint32_t kMaxParts = 64;
/// Fewer than maps that one program may use.
constexpr uint32_t kMaxSets = 48;
constexpr size_t kWordsOfFixup = 3;
constexpr size_t kWordsOfRule = 2;

class Writer {
 public:
  void number(size_t value) {
    const auto word = static_cast<uint32_t>(value);
    text_.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  void code(const std::vector<uint64_t>& code) {
    text_.append(reinterpret_cast<const char*>(code.data()), code.size() * sizeof(uint64_t));
  }
  void bytes(const std::string& bytes) { text_ += bytes; }
  std::string finish() && { return std::move(text_); }

 private:
  std::string text_;
};

/// Gives zeros and remembers it, once there is nothing more to read.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

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
  std::vector<uint64_t> code() {
    std::vector<uint64_t> code(count(sizeof(uint64_t), kMaxInstructions));
    take(code.data(), code.size() * sizeof(uint64_t));
    return code;
  }
  std::string bytes(size_t size) {
    std::string bytes(size, '\0');
    take(bytes.data(), size);
    return bytes;
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

Part read_part(Reader& reader, uint32_t parts, uint32_t sets) {
  Part part;
  part.code = reader.code();
  part.fixups.resize(reader.count(kWordsOfFixup * sizeof(uint32_t)));
  for (Fixup& fixup : part.fixups) {
    fixup.instruction = reader.number();
    const uint32_t unknown = reader.number();
    fixup.part = reader.number();
    fixup.unknown = static_cast<Unknown>(unknown);
    const uint32_t count = fixup.unknown == Unknown::SET ? sets : parts;
    reader.require(unknown < kUnknowns && fixup.part < count &&
                   uint64_t{fixup.instruction} + 1 < part.code.size());
  }
  return part;
}

Set read_set(Reader& reader) {
  Set set{.key_bytes = reader.number(), .keys = {}};
  const bool is_size = set.key_bytes >= kMinKeyBytes && set.key_bytes <= kMaxKeyBytes &&
                       std::has_single_bit(set.key_bytes);
  reader.require(is_size);
  const uint32_t count = reader.count(is_size ? set.key_bytes : kMaxKeyBytes);
  reader.require(count > 0);
  for (uint32_t i = 0; i < count; ++i) set.keys.push_back(reader.bytes(set.key_bytes));
  return set;
}

Filter read_filter(Reader& reader, size_t rules) {
  Filter filter;
  const uint32_t kind = reader.number();
  reader.require(kind < kEventKinds);
  filter.kind = static_cast<EventKind>(kind);
  const uint32_t sets = reader.count(sizeof(uint32_t), kMaxSets);
  for (uint32_t i = 0; i < sets; ++i) filter.sets.push_back(read_set(reader));
  const uint32_t parts = reader.count(sizeof(uint32_t), kMaxParts);
  reader.require(parts > 0);
  for (uint32_t i = 0; i < parts; ++i) filter.parts.push_back(read_part(reader, parts, sets));
  filter.rules.resize(reader.count(kWordsOfRule * sizeof(uint32_t)));
  for (auto& [rule, bit] : filter.rules) {
    rule = reader.number();
    const uint32_t candidate = reader.number();
    reader.require(rule < rules && candidate < ir::split::kCandidateBits);
    bit = static_cast<uint8_t>(candidate);
  }
  return filter;
}

}  // namespace

std::string write_filters(const Filters& filters) {
  Writer writer;
  writer.number(kMagic);
  writer.number(filters.size());
  for (const Filter& filter : filters) {
    writer.number(filter.kind);
    writer.number(filter.sets.size());
    for (const Set& set : filter.sets) {
      writer.number(set.key_bytes);
      writer.number(set.keys.size());
      for (const std::string& key : set.keys) writer.bytes(key);
    }
    writer.number(filter.parts.size());
    for (const Part& part : filter.parts) {
      writer.number(part.code.size());
      writer.code(part.code);
      writer.number(part.fixups.size());
      for (const Fixup& fixup : part.fixups) {
        writer.number(fixup.instruction);
        writer.number(static_cast<uint32_t>(fixup.unknown));
        writer.number(fixup.part);
      }
    }
    writer.number(filter.rules.size());
    for (const auto& [rule, bit] : filter.rules) {
      writer.number(rule);
      writer.number(bit);
    }
  }
  return std::move(writer).finish();
}

std::expected<Filters, Diagnostic> read_filters(std::string_view text, size_t rules) {
  Reader reader(text);
  reader.require(reader.number() == kMagic);
  Filters filters;
  const uint32_t count = reader.count(sizeof(uint32_t), kEventKinds);
  for (uint32_t i = 0; i < count; ++i) {
    filters.push_back(read_filter(reader, rules));
    reader.require(i == 0 || filters[i - 1].kind < filters[i].kind);
  }
  if (!reader.is_whole()) {
    return std::unexpected(Diagnostic::global(
        Code::FILTERS_UNUSABLE, "the kernel's filters are not in the form they are made in",
        "rules are matched without; empty the code cache"));
  }
  return filters;
}

}  // namespace falcoc::bpf
