// See filters.h.
#include "compiler/codegen/bpf/filters.h"

#include <bit>

#include "compiler/codegen/word_stream.h"
#include "compiler/ir/split/kernel_plan.h"

namespace falcoc::bpf {
namespace {

constexpr uint32_t kMagic = 0x32464346;  // FCF2
constexpr uint32_t kMaxParts = 64;
/// Fewer than maps that one program may use.
constexpr uint32_t kMaxSets = 48;
constexpr size_t kWordsOfFixup = 3;
constexpr size_t kWordsOfRule = 2;

Part read_part(WordReader& reader, uint32_t parts, uint32_t sets) {
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

Set read_set(WordReader& reader) {
  Set set{.key_bytes = reader.number(), .keys = {}};
  const bool is_size = set.key_bytes >= kMinKeyBytes && set.key_bytes <= kMaxKeyBytes &&
                       std::has_single_bit(set.key_bytes);
  reader.require(is_size);
  const uint32_t count = reader.count(is_size ? set.key_bytes : kMaxKeyBytes);
  reader.require(count > 0);
  for (uint32_t i = 0; i < count; ++i) set.keys.push_back(reader.bytes(set.key_bytes));
  return set;
}

Filter read_filter(WordReader& reader, size_t rules) {
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
  WordWriter writer;
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
  WordReader reader(text);
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
