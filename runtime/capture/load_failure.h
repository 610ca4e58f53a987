// Why the probe cannot be loaded, in terms of what to do about it.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/source/diagnostic.h"

namespace falcod {

/// What is known when loading has failed.
struct LoadFailure {
  int error = 0;               ///< negative errno
  std::string log{};           ///< the end of what libbpf said
  bool from_verifier = false;  ///< the log holds the verifier's
  uint32_t ring_bytes = 0;
  bool has_ring_buffer = true;         ///< the kernel knows such maps (5.8)
  bool has_capabilities = true;        ///< this process has what loading needs
  bool counts_locked = false;          ///< the kernel counts maps as locked memory (before 5.11)
  uint64_t locked_limit = UINT64_MAX;  ///< bytes that may be locked
  bool is_locked_down = false;         ///< the kernel's lockdown mode keeps its memory confidential
};

/// Asks the machine for all that is not said already.
void examine(LoadFailure& failure);

falcoc::Diagnostic explain(const LoadFailure& failure);

}  // namespace falcod
