// Kernel flags and enumerators in Falco's encodings (flags.def), as drivers do it before rules see
// them.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/catalog/catalog.h"

namespace falcoc {

/// `native` as a system call got it. Bits without a name are dropped, unknown enumerators become
/// the table's UNKNOWN if it has one and stay as they are otherwise.
uint64_t encode_flags(FlagTableId table, uint64_t native);

/// Flags of an open: the access mode, which has no bit of its own for reading, and the rest.
uint64_t encode_open_flags(uint64_t native);

/// Whether the open creates a file, so that its mode counts.
bool creates_file(uint64_t native_open_flags);

/// Names of the bits or the value in a flag table, joined by `|`; empty if there are none.
std::string flag_names(const FlagTable& table, uint64_t value);

/// Falco's bits that only the kernel knows after the open.
inline constexpr uint64_t kOpenCreated = 1 << 14;     // O_F_CREATED
inline constexpr uint64_t kOpenUpperLayer = 1 << 15;  // FD_UPPER_LAYER
inline constexpr uint64_t kOpenLowerLayer = 1 << 16;  // FD_LOWER_LAYER

}  // namespace falcoc
