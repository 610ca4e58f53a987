// The outside of a bundle: a fixed header with versions, size and hash around an opaque payload.
// Knows nothing of rules.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcoc::bundle {

/// Version of the header and of the payload's schema. A reader refuses what is newer.
inline constexpr uint32_t kFormatVersion = 1;

/// magic 8, format version 4, catalog version 4, catalog fingerprint 8, payload size 8, BLAKE2b-256
/// of everything before it and of the payload 32. Numbers are little-endian.
inline constexpr size_t kHeaderBytes = 64;

/// A ruleset of ten thousand rules takes some ten megabytes; more than this is not a ruleset.
inline constexpr size_t kMaxPayloadBytes = size_t{256} << 20;

struct Envelope {
  uint32_t catalog_version = 0;
  uint64_t catalog_fingerprint = 0;  ///< tells whether writer and reader know the same names
  std::string_view payload;
};

/// Hash of the names, types and shapes of all fields and the names of all events of this build.
uint64_t catalog_fingerprint();

/// Puts the header of this build in front of `payload`.
std::string seal(std::string_view payload);

/// Checks magic, version, size and hash. The payload borrows from `bytes`. The hash guards against
/// damage, not against malice: whoever can write the file can write the hash.
std::expected<Envelope, Diagnostic> open(std::string_view bytes, std::string_view name);

}  // namespace falcoc::bundle
