// Kernel filters as made: eBPF programs, what has to be filled in when they are loaded, and which
// rules their results stand for. The form in which the generator's process hands them over and the
// cache keeps them. Knows neither LLVM nor the kernel; hostile input is refused.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/catalog/types.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::bpf {

/// What a 64-bit immediate is, known only to who loads the program.
enum class Unknown : uint32_t {
  SCRATCHES,   ///< the probe's map of that name
  EXTRACTORS,  ///< likewise
  PARTS,       ///< filter_parts
  RULESET,     ///< number of the ruleset: fc_event.filter_generation, fc_known_facts.ruleset
  DELIVER,     ///< 1: events that no rule can match are passed on all the same
  PART,        ///< slot of a part of this filter; `part` says which
  SET,         ///< map of a set of this filter; `part` says which
};
inline constexpr uint32_t kUnknowns = static_cast<uint32_t>(Unknown::SET) + 1;

/// The two instructions from `instruction` on load it.
struct Fixup {
  uint32_t instruction = 0;
  Unknown unknown{};
  uint32_t part = 0;

  bool operator==(const Fixup&) const = default;
};

/// One program: instructions as the kernel takes them.
struct Part {
  std::vector<uint64_t> code;
  std::vector<Fixup> fixups;

  bool operator==(const Part&) const = default;
};

/// What is looked up in a hash map of the kernel because it is too much to compare with: numbers of
/// eight bytes, or texts of about one length, with NULs to the size of a key.
struct Set {
  uint32_t key_bytes = 0;         ///< a power of two, kMinKeyBytes to kMaxKeyBytes
  std::vector<std::string> keys;  ///< sorted, each key_bytes long

  bool operator==(const Set&) const = default;
};
inline constexpr uint32_t kMinKeyBytes = 8;
inline constexpr uint32_t kMaxKeyBytes = 256;

/// The filter of one kind of event. Part 0 is called when an event of the kind has happened, the
/// others by each other.
struct Filter {
  EventKind kind = 0;
  std::vector<Part> parts;
  std::vector<Set> sets;
  /// By rule: which bit of fc_event.candidates says that it may match. Rules that are not here do
  /// not match events of this kind.
  std::vector<std::pair<uint32_t, uint8_t>> rules;

  bool operator==(const Filter&) const = default;
};

/// All filters of a ruleset, by ascending kind. Kinds that are missing are not filtered.
using Filters = std::vector<Filter>;

std::string write_filters(const Filters& filters);
/// `rules`: how many the program has. Only the form is checked: that programs do no harm is the
/// kernel's to verify, that they lose no event is up to who could write the cache.
std::expected<Filters, Diagnostic> read_filters(std::string_view text, size_t rules);

}  // namespace falcoc::bpf
